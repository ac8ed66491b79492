import { isGameVersion, regenerate } from '@vectra/game'
import type { RevealedGame } from '@vectra/ingest'

/**
 * Prices of a finished game from its revealed seed, as number literals, the rug price last: what the recorder gives back for ticks that
 * nothing else shows. Null unless the seed fits the published hash and the game's published peak, to the last bit.
 *
 * @see domain/events.md section 8
 */
export function seedPath(game: RevealedGame): readonly string[] | null {
  const { gameId, serverSeed, serverSeedHash, version, peakMultiplier } = game
  if (!isGameVersion(version) || serverSeedHash === null || peakMultiplier === null) return null
  const computed = regenerate(serverSeed, gameId, version)
  if (computed.serverSeedHash !== serverSeedHash || computed.peak !== peakMultiplier || computed.cutOff) return null
  return computed.prices.map(String)
}
