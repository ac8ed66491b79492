import { z } from 'zod'
import { timedEventSchema } from '../shapes/timed-event.ts'

/**
 * Golden hour schedule; `status` `ACTIVE`, `ENDING`, `COMPLETED`.
 *
 * @see domain/events.md section 6.4
 */
export const goldenHourUpdateSchema = z.looseObject({
  status: z.string().nullable().optional(),
  activeEventId: z.string().nullable().optional(),
  currentGameIsGolden: z.boolean().optional(),
  currentEvent: timedEventSchema.nullable().optional(),
  upcomingEvents: z.array(timedEventSchema).optional(),
  events: z.array(timedEventSchema).optional(),
})
export type GoldenHourUpdate = z.infer<typeof goldenHourUpdateSchema>
