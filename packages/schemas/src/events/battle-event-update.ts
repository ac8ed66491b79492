import { z } from 'zod'
import { eventConfigSchema, eventStandingSchema, timedEventSchema } from '../shapes/timed-event.ts'
import { count, isoTime } from '../wire.ts'

/**
 * Battle tournament and its queue.
 *
 * @see domain/events.md section 6.8
 */
export const battleEventUpdateSchema = z.looseObject({
  status: z.string().nullable().optional(),
  startTime: isoTime.nullable().optional(),
  endTime: isoTime.nullable().optional(),
  nextEventStartTime: isoTime.nullable().optional(),
  currentEvent: timedEventSchema.nullable().optional(),
  nextEvent: timedEventSchema.nullable().optional(),
  leaderboard: z.array(eventStandingSchema).optional(),
  fullLeaderboardSize: count.optional(),
  playerPosition: z.unknown().optional(),
  participantCount: count.optional(),
  activeBattleCount: count.optional(),
  lobbyCreationDisabled: z.boolean().optional(),
  queue: z
    .looseObject({
      active: z.boolean().optional(),
      queueSize: count.optional(),
      availableLobbies: count.optional(),
    })
    .nullable()
    .optional(),
  isShowingPreviousEvent: z.boolean().nullable().optional(),
  eventSchedule: z.array(z.unknown()).optional(),
  config: eventConfigSchema.optional(),
})
export type BattleEventUpdate = z.infer<typeof battleEventUpdateSchema>
