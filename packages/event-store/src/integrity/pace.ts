import type { Env } from '../env.ts'

/** Longest pause at a time, so that a stop is noticed. */
const STEP_MS = 200

/** Keeps the bytes that pass below a rate, on average since the start. */
export class Pace {
  readonly #env: Env
  readonly #rate: number
  readonly #signal: AbortSignal | undefined
  readonly #started: number
  /** Bytes that passed. */
  bytes = 0

  /** @param rate bytes per second, above 0 */
  constructor(env: Env, rate: number, signal?: AbortSignal) {
    if (!(rate > 0)) throw new TypeError('a rate must be above 0 bytes per second')
    this.#env = env
    this.#rate = rate
    this.#signal = signal
    this.#started = env.clock.monotonic()
  }

  /** Counts bytes and waits until so many may have passed. @throws the signal's reason */
  async passed(bytes: number): Promise<void> {
    this.bytes += bytes
    const due = this.#started + (this.bytes / this.#rate) * 1000
    // At least one turn of the event loop, whatever the rate.
    let wait = Math.max(0, due - this.#env.clock.monotonic())
    do {
      this.#signal?.throwIfAborted()
      const step = Math.min(wait, STEP_MS)
      await new Promise<void>((resolve) => void this.#env.clock.timer(step, resolve, { keepAlive: true }))
      wait = due - this.#env.clock.monotonic()
    } while (wait > 0)
    this.#signal?.throwIfAborted()
  }
}
