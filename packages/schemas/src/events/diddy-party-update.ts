import { z } from 'zod'

/**
 * Party event of late Dec 2025. Its payload is unknown: everything is accepted and kept.
 *
 * @see domain/events.md section 6.9
 */
export const diddyPartyUpdateSchema = z.unknown()
export type DiddyPartyUpdate = z.infer<typeof diddyPartyUpdateSchema>
