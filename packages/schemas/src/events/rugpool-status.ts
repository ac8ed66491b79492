import { z } from 'zod'

/**
 * Rug pool state. Its payload is unknown: everything is accepted and kept.
 *
 * @see domain/events.md section 6.9
 */
export const rugpoolStatusSchema = z.unknown()
export type RugpoolStatus = z.infer<typeof rugpoolStatusSchema>
