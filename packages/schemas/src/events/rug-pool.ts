import { z } from 'zod'

/**
 * Listener of Aug 2025, never captured. Its payload is unknown: everything is accepted and kept.
 *
 * @see domain/events.md section 6.9
 */
export const rugPoolSchema = z.unknown()
export type RugPool = z.infer<typeof rugPoolSchema>
