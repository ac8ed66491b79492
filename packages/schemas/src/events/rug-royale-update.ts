import { z } from 'zod'
import { eventSeriesFields } from '../shapes/timed-event.ts'

/**
 * Rug royale tournament, played with practice money. Never traced.
 *
 * @see domain/events.md section 6.6
 */
export const rugRoyaleUpdateSchema = z.looseObject(eventSeriesFields)
export type RugRoyaleUpdate = z.infer<typeof rugRoyaleUpdateSchema>
