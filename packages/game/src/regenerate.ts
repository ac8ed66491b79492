import { type PriceParameters, priceParameters } from './parameters.ts'
import { type PricePath, pricePath } from './price-path.ts'
import { serverSeedHash } from './seed.ts'

/** A price path that was computed, not received. */
export interface RegeneratedGame extends PricePath {
  /** Always true: computed values must never pass for recorded ones. */
  readonly derived: true
  /** For the `origin` column of rows made from it. */
  readonly origin: 'derived:seed'
  readonly gameId: string
  readonly serverSeed: string
  readonly serverSeedHash: string
  readonly parameters: PriceParameters
}

/**
 * Computes the prices the feed no longer sends (since Feb 2026) from a revealed seed.
 *
 * @throws GameError `GAME_VERSION_UNKNOWN`
 */
export function regenerate(
  serverSeed: string,
  gameId: string,
  version: string = 'v3',
  replace: Partial<Omit<PriceParameters, 'version'>> = {},
): RegeneratedGame {
  const parameters = priceParameters(version, replace)
  return {
    ...pricePath(serverSeed, gameId, parameters),
    derived: true,
    origin: 'derived:seed',
    gameId,
    serverSeed,
    serverSeedHash: serverSeedHash(serverSeed),
    parameters,
  }
}
