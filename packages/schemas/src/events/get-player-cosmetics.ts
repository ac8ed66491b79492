import { z } from 'zod'

/**
 * Request without a payload, answered by the event `playerCosmetics`.
 *
 * @see domain/events.md section 5.7
 */
export const getPlayerCosmeticsSchema = z.unknown()
export type GetPlayerCosmetics = z.infer<typeof getPlayerCosmeticsSchema>
