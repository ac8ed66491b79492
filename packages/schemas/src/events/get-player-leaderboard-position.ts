import { z } from 'zod'
import { playerId } from '../wire.ts'

/**
 * Asks for one player's rank; answered by the event `playerLeaderboardPosition`. Never traced.
 *
 * @see domain/events.md section 5.7
 */
export const getPlayerLeaderboardPositionSchema = z.looseObject({ playerId: playerId.optional(), period: z.string().optional() })
export type GetPlayerLeaderboardPosition = z.infer<typeof getPlayerLeaderboardPositionSchema>
