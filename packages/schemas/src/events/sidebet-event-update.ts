import { z } from 'zod'
import { eventSeriesFields } from '../shapes/timed-event.ts'

/**
 * Sidebet tournament: standings by hits, accuracy and distance.
 *
 * @see domain/events.md section 6.7
 */
export const sidebetEventUpdateSchema = z.looseObject(eventSeriesFields)
export type SidebetEventUpdate = z.infer<typeof sidebetEventUpdateSchema>
