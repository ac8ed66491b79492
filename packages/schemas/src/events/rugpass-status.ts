import { z } from 'zod'

/**
 * Rug pass state. Its payload is unknown: everything is accepted and kept.
 *
 * @see domain/events.md section 6.9
 */
export const rugpassStatusSchema = z.unknown()
export type RugpassStatus = z.infer<typeof rugpassStatusSchema>
