import type { Clock, Micros } from '@vectra/schemas'

/**
 * Maps the browser's monotonic seconds to UTC.
 *
 * Handshakes carry both times and so calibrate exactly; before the first one the difference to our own clock at the moment a
 * time was asked for serves. Mapping every frame by our clock would bake its delay into its time.
 */
export class BrowserClock {
  readonly #clock: Clock
  /** Wall minus monotonic, microseconds; null before anything is known. */
  #offset: number | null = null

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** A pair from one event: monotonic seconds and Unix seconds. */
  calibrate(monotonicSeconds: unknown, wallSeconds: unknown): void {
    if (typeof monotonicSeconds !== 'number' || typeof wallSeconds !== 'number') return
    this.#offset = (wallSeconds - monotonicSeconds) * 1e6
  }

  /** The browser said its monotonic time between two moments of our clock. */
  calibrateByAnswer(monotonicSeconds: number, asked: Micros, answered: Micros): void {
    this.#offset ??= (asked + answered) / 2 - monotonicSeconds * 1e6
  }

  get calibrated(): boolean {
    return this.#offset !== null
  }

  /** Time of an event; our clock when the event has no time or nothing is known yet. */
  at(monotonicSeconds: unknown): Micros {
    if (typeof monotonicSeconds !== 'number' || this.#offset === null) return this.#clock.now()
    return Math.round(monotonicSeconds * 1e6 + this.#offset)
  }
}
