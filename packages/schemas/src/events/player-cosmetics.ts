import { z } from 'zod'

/**
 * Answer to `getPlayerCosmetics`. Its payload is unknown: everything is accepted and kept.
 *
 * @see domain/events.md section 6.9
 */
export const playerCosmeticsSchema = z.unknown()
export type PlayerCosmetics = z.infer<typeof playerCosmeticsSchema>
