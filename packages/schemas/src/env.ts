/** Microseconds since the Unix epoch, UTC, as an integer. Exact in a double until the year 2255. */
export type Micros = number

/** Cancels a pending timer. Calling it twice, or after the timer fired, does nothing. */
export type CancelTimer = () => void

/** The only source of time in the core. Tests pass one they move by hand. */
export interface Clock {
  /** Wall clock, UTC, microseconds. May step backwards. */
  now(): Micros
  /** Milliseconds that never step back; the origin has no meaning. */
  monotonic(): number
  /** Calls `fire` once, `delayMs` from now. Does not keep the process alive unless `keepAlive`. */
  timer(delayMs: number, fire: () => void, options?: { keepAlive?: boolean }): CancelTimer
}

/** The only source of randomness in the core. */
export interface Random {
  /** Uniform in [0, 1). */
  float(): number
  /** `count` random bytes. */
  bytes(count: number): Uint8Array
}
