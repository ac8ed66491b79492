import type { Clock, Micros } from '@vectra/schemas'

/** How fast recorded time runs: a factor (1 is as recorded), or as fast as the reader pulls. */
export type Speed = number | 'max'

/** @throws TypeError for anything but a positive number or `max` */
export function checkSpeed(speed: Speed): void {
  if (speed === 'max' || (Number.isFinite(speed) && speed > 0)) return
  throw new TypeError(`speed must be a number above 0 or "max", not ${String(speed)}`)
}

/** Waits until a recorded moment is due. The first moment is due at once; a step back in time is due at once, too. */
export class Pace {
  readonly #clock: Clock
  readonly #speed: Speed
  #start: { readonly recorded: Micros; readonly monotonic: number } | null = null

  constructor(clock: Clock, speed: Speed) {
    this.#clock = clock
    this.#speed = speed
  }

  /** Resolves when `at` is due, or the signal aborts. */
  async due(at: Micros, signal: AbortSignal): Promise<void> {
    if (this.#speed === 'max' || signal.aborted) return
    this.#start ??= { recorded: at, monotonic: this.#clock.monotonic() }
    const due = this.#start.monotonic + (at - this.#start.recorded) / 1000 / this.#speed
    const delayMs = due - this.#clock.monotonic()
    if (delayMs <= 0) return
    await new Promise<void>((resolve) => {
      const done = (): void => {
        cancel()
        signal.removeEventListener('abort', done)
        resolve()
      }
      const cancel = this.#clock.timer(delayMs, done, { keepAlive: true })
      signal.addEventListener('abort', done, { once: true })
    })
  }
}
