import { z } from 'zod'

/**
 * Documented, never captured. Its payload is unknown: everything is accepted and kept.
 *
 * @see domain/events.md section 6.9
 */
export const godCandle50xUpdateSchema = z.unknown()
export type GodCandle50xUpdate = z.infer<typeof godCandle50xUpdateSchema>
