import { z } from 'zod'
import { leaderboardEntrySchema } from '../shapes/leaderboard-entry.ts'
import { rugpoolSchema } from '../shapes/rugpool.ts'
import { gameId } from '../wire.ts'

/**
 * The player's part of the game state, sent after every `gameStateUpdate`. In Aug 2025 it could be just `{gameId}`.
 *
 * The own `leaderboardEntry` is there only after a trade in this game, its `position` may exceed 10, and it can lag a trade.
 *
 * @see domain/events.md section 5.2
 */
export const gameStatePlayerUpdateSchema = z.looseObject({
  gameId,
  leaderboardEntry: leaderboardEntrySchema.nullable().optional(),
  rugpool: rugpoolSchema.nullable().optional(),
  trades: z.array(z.unknown()).optional(),
})
export type GameStatePlayerUpdate = z.infer<typeof gameStatePlayerUpdateSchema>
