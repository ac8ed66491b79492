import type { CancelTimer, Clock, Micros, Random } from '@vectra/schemas'

interface Timer {
  readonly due: number
  readonly fire: () => void
}

/** A clock that stands until a test moves it. */
export class ManualClock implements Clock {
  #ms = 0
  readonly #epoch: Micros
  readonly #timers = new Set<Timer>()
  #watchers: (() => void)[] = []

  constructor(epoch: Micros = 1_765_577_802_000_000) {
    this.#epoch = epoch
  }

  now(): Micros {
    return this.#epoch + Math.round(this.#ms * 1000)
  }

  monotonic(): number {
    return this.#ms
  }

  timer(delayMs: number, fire: () => void): CancelTimer {
    const timer = { due: this.#ms + delayMs, fire }
    this.#timers.add(timer)
    for (const watcher of this.#watchers.splice(0)) watcher()
    return () => this.#timers.delete(timer)
  }

  /** Delays until the pending timers, shortest first. */
  get pending(): number[] {
    return [...this.#timers].map((timer) => timer.due - this.#ms).sort((a, b) => a - b)
  }

  /** Resolves when `predicate` holds for the pending timers. */
  async until(predicate: (pending: number[]) => boolean): Promise<void> {
    while (!predicate(this.pending)) await new Promise<void>((resolve) => this.#watchers.push(resolve))
  }

  /** Moves the clock; timers fire in order, each at its own time. */
  advance(ms: number): void {
    const end = this.#ms + ms
    for (;;) {
      const next = [...this.#timers].filter((timer) => timer.due <= end).sort((a, b) => a.due - b.due)[0]
      if (!next) break
      this.#timers.delete(next)
      this.#ms = Math.max(this.#ms, next.due)
      next.fire()
    }
    this.#ms = end
  }
}

/** Randomness that always says the same. */
export function fixedRandom(value = 0.5): Random {
  return { float: () => value, bytes: (count) => new Uint8Array(count).fill(Math.floor(value * 256)) }
}
