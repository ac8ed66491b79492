import { z } from 'zod'

/**
 * A draw of the rug pool. Its payload is unknown: everything is accepted and kept.
 *
 * @see domain/events.md section 6.9
 */
export const rugpoolDrawingSchema = z.unknown()
export type RugpoolDrawing = z.infer<typeof rugpoolDrawingSchema>
