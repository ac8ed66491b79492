import { z } from 'zod'
import { count, money, playerId, username } from '../wire.ts'

const rankedPlayerSchema = z.looseObject({
  playerId: playerId.optional(),
  username: username.optional(),
  /** Float noise seen: -0.015559657000000001. */
  pnl: money.nullable().optional(),
})

/**
 * Own rank over a period: the answer to `getPlayerLeaderboardPosition`.
 *
 * @see domain/events.md section 5.4
 */
export const playerLeaderboardPositionSchema = z.looseObject({
  success: z.boolean().optional(),
  period: z.string().optional(),
  sortDirection: z.string().optional(),
  playerFound: z.boolean().optional(),
  rank: count.nullable().optional(),
  total: count.nullable().optional(),
  playerEntry: rankedPlayerSchema.nullable().optional(),
  surroundingEntries: z.array(rankedPlayerSchema).nullable().optional(),
})
export type PlayerLeaderboardPosition = z.infer<typeof playerLeaderboardPositionSchema>
