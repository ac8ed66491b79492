import { z } from 'zod'

/**
 * Asks for the leaderboard of a period (`7d`); answered by the event `leaderboardData`. Never traced.
 *
 * @see domain/events.md section 5.7
 */
export const getLeaderboardSchema = z.looseObject({ period: z.string().optional() })
export type GetLeaderboard = z.infer<typeof getLeaderboardSchema>
