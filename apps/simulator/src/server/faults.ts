/** Kinds of injected faults. */
export type FaultKind = 'drop' | 'duplicate' | 'reorder' | 'malformed' | 'kick' | 'kick_one' | 'half_open' | 'big' | 'restart'

/** One fault, so that a test can look for its trace on the other side. */
export interface InjectedFault {
  readonly kind: FaultKind
  /** Real time, Unix ms. */
  readonly at: number
  /** Null for faults of the whole server. */
  readonly connection: string | null
  readonly event: string | null
  readonly gameId: string
  readonly tick: number
  /** Countdown at the fault; 0 while a game runs. */
  readonly cooldownTimer: number
  /** Length of the frame's text without its prefix; null when the fault is about no frame. */
  readonly sizeBytes: number | null
}
