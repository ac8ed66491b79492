/** Why an answer may lack something that happened. Public and stable. */
export const COMPLETENESS_CODES = [
  /** A recording declares that it missed something. */
  'gap',
  /** A part, or a stretch of a journal, is missing or not as it was written: its rows are left out. */
  'bad_file',
  /** Ticks between the first and the last one of a game are not stored. */
  'tick_hole',
  /** Tick 0 of a game was not recorded. */
  'no_start',
  /** The rug of a game was not recorded: it runs still, or recording ended first. */
  'no_end',
  /** Acknowledged events are only in the journal yet, and the query did not ask for them (`fresh`). */
  'journal_only',
  /** Retention removed rows. */
  'pruned',
] as const

export type CompletenessCode = (typeof COMPLETENESS_CODES)[number]

/** One reason; what it points at stands in the optional fields. */
export interface CompletenessReason {
  readonly code: CompletenessCode
  /** One sentence for people. */
  readonly text: string
  /** File, relative to the data directory, with `/`. */
  readonly path?: string
  readonly sessionId?: string
  readonly gameId?: string
  /** First and last `seq` of the session, or tick of the game, that is concerned. */
  readonly from?: number
  readonly to?: number
  /** How many of a kind this reason stands for; 1 when absent. */
  readonly count?: number
}

/** Whether an answer holds everything that happened in its scope, as far as the store can know. */
export interface Completeness {
  readonly complete: boolean
  readonly reasons: readonly CompletenessReason[]
}

/** Nothing is known to be missing. */
export const COMPLETE: Completeness = { complete: true, reasons: [] }

/** Reasons as a {@link Completeness}. */
export function completenessOf(reasons: readonly CompletenessReason[]): Completeness {
  return reasons.length === 0 ? COMPLETE : { complete: false, reasons }
}
