import { GameError } from './errors.ts'

/** Versions of the price model, as `gameVersion` and `provablyFair.version` name them. */
export const GAME_VERSIONS = ['v1', 'v2', 'v3'] as const
export type GameVersion = (typeof GAME_VERSIONS)[number]

/** Everything the price path depends on beside seed and game id. */
export interface PriceParameters {
  readonly version: GameVersion
  /** Chance of the rug, drawn first at each tick. Not in any event: 0.011 on the site in July 2025, 0.005 since. */
  readonly rugProbability: number
  readonly driftMin: number
  readonly driftMax: number
  readonly bigMoveChance: number
  readonly bigMoveMin: number
  readonly bigMoveMax: number
  /** Volatility is this times √price. */
  readonly volatility: number
  /** √price counts at most this much; `Infinity` in v1. */
  readonly volatilityCap: number
  /** Null: the version does not draw for god candles at all (v1, v2). */
  readonly godCandle: { readonly chance: number; readonly factor: number; readonly maxPrice: number } | null
  /** A game is over after this many ticks whatever is drawn. */
  readonly maxTicks: number
}

/** Rug probabilities seen or published, most likely first: tried in this order when a game does not say. */
export const RUG_PROBABILITIES = [0.005, 0.011, 0.01] as const

const COMMON = {
  rugProbability: RUG_PROBABILITIES[0],
  driftMin: -0.02,
  driftMax: 0.03,
  bigMoveChance: 0.125,
  bigMoveMin: 0.15,
  bigMoveMax: 0.25,
  volatility: 0.005,
  maxTicks: 5000,
} as const

const BY_VERSION: Readonly<Record<GameVersion, PriceParameters>> = {
  v1: { ...COMMON, version: 'v1', volatilityCap: Number.POSITIVE_INFINITY, godCandle: null },
  v2: { ...COMMON, version: 'v2', volatilityCap: 10, godCandle: null },
  v3: { ...COMMON, version: 'v3', volatilityCap: 10, godCandle: { chance: 0.00001, factor: 10, maxPrice: 100 } },
}

/** Whether the feed's version text names a price model this package knows. */
export function isGameVersion(text: unknown): text is GameVersion {
  return typeof text === 'string' && (GAME_VERSIONS as readonly string[]).includes(text)
}

/**
 * Parameters of a version, with single values replaced.
 *
 * @throws GameError `GAME_VERSION_UNKNOWN`
 */
export function priceParameters(version: string, replace: Partial<Omit<PriceParameters, 'version'>> = {}): PriceParameters {
  if (!isGameVersion(version)) {
    throw new GameError(
      'GAME_VERSION_UNKNOWN',
      `no price model for game version ${JSON.stringify(version)}: known are ${GAME_VERSIONS.join(', ')}`,
      {
        context: { version },
      },
    )
  }
  return { ...BY_VERSION[version], ...replace }
}
