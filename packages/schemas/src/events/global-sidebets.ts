import { z } from 'zod'

/**
 * Documented, never captured. Its payload is unknown: everything is accepted and kept.
 *
 * @see domain/events.md section 6.9
 */
export const globalSidebetsSchema = z.unknown()
export type GlobalSidebets = z.infer<typeof globalSidebetsSchema>
