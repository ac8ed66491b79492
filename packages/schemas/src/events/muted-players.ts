import { z } from 'zod'

/**
 * Players the user muted. Its payload is unknown: everything is accepted and kept.
 *
 * @see domain/events.md section 6.9
 */
export const mutedPlayersSchema = z.unknown()
export type MutedPlayers = z.infer<typeof mutedPlayersSchema>
