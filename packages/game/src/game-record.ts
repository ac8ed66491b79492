import type { ObservedNumber } from './observed-number.ts'

/** What was recorded about one game, from whatever source. Only `gameId` must be known; the more there is, the more is checked. */
export interface GameRecord {
  readonly gameId: string
  /** Revealed after the game, in the next game's first full frame. */
  readonly serverSeed?: string | null | undefined
  /** Published before the game. */
  readonly serverSeedHash?: string | null | undefined
  /** `gameVersion`; v3 when absent. */
  readonly version?: string | null | undefined
  /** The complete path, `[1, …, rug price]`, as `gameHistory[].prices` gives it (2025). */
  readonly prices?: readonly ObservedNumber[] | undefined
  /** Single prices seen live, by tick; may have holes. */
  readonly ticks?: ReadonlyMap<number, ObservedNumber> | undefined
  readonly peakMultiplier?: ObservedNumber | undefined
  /** Tick and price of the rug, when seen (rug frame, or the winning sidebets of the game's history entry). */
  readonly rugTick?: number | undefined
  readonly rugPrice?: ObservedNumber | undefined
  /** Places where two recordings of the same value disagree. */
  readonly conflicts?: readonly RecordConflict[] | undefined
}

/** The same value of the same game, recorded twice and not alike: one of the two is wrong, whatever the seed says. */
export interface RecordConflict {
  readonly field: 'serverSeed' | 'serverSeedHash' | 'price' | 'peakMultiplier' | 'rugTick' | 'rugPrice'
  /** Of a price. */
  readonly tick: number | null
  readonly first: string
  readonly other: string
}
