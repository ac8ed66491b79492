/** How long to wait between connection attempts. */
export interface BackoffOptions {
  /** First wait. Default 250 ms. */
  readonly minMs?: number
  /** Longest wait before jitter. Default 5,000 ms. */
  readonly maxMs?: number
  /** Share of the wait that is random, 0 to 1: a wait w becomes w × (1 ± jitter). Default 0.5. */
  readonly jitter?: number
}

/**
 * The wait before attempt `attempt` (0 for the first retry): doubles from `minMs`, capped at `maxMs`, then spread by `jitter`
 * so that many recorders do not return in step.
 *
 * @param random uniform in [0, 1)
 * @returns whole milliseconds, never negative
 */
export function backoffDelay(attempt: number, random: number, options: BackoffOptions = {}): number {
  const { minMs = 250, maxMs = 5_000, jitter = 0.5 } = options
  const capped = Math.min(maxMs, minMs * 2 ** Math.min(attempt, 30))
  return Math.max(0, Math.round(capped * (1 + jitter * (2 * random - 1))))
}
