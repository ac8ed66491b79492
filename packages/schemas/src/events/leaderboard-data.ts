import { z } from 'zod'

/**
 * Answer to `getLeaderboard`. Its payload is unknown: everything is accepted and kept.
 *
 * @see domain/events.md section 6.9
 */
export const leaderboardDataSchema = z.unknown()
export type LeaderboardData = z.infer<typeof leaderboardDataSchema>
