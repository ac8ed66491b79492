import { z } from 'zod'
import { count, isoTime, money, playerId, unixMs, username } from '../wire.ts'

/**
 * A scheduled event (rug royale, sidebet event, golden hour). `currentEvent` may be the short form: id and times only.
 *
 * @see domain/events.md sections 6.4, 6.6, 6.7
 */
export const timedEventSchema = z.looseObject({
  id: z.string().optional(),
  startTime: isoTime.nullable().optional(),
  endTime: isoTime.nullable().optional(),
  prepTimeMinutes: z.number().nullable().optional(),
  levelRequired: count.nullable().optional(),
  status: z.string().nullable().optional(),
  createdAt: isoTime.nullable().optional(),
  createdBy: z.string().nullable().optional(),
  startingBalance: money.nullable().optional(),
  /** Rank, or span of ranks as `"6-10"`, to prize. */
  customPrizes: z.record(z.string(), money.nullable()).nullable().optional(),
  prizeAmount: money.nullable().optional(),
  maxEntries: count.nullable().optional(),
  durationMinutes: z.number().nullable().optional(),
})
export type TimedEvent = z.infer<typeof timedEventSchema>

const winnerSchema = z.looseObject({
  playerId: playerId.optional(),
  username: username.optional(),
  rank: count.optional(),
  amount: money.nullable().optional(),
})

/** Standing of one player in a rug royale or sidebet event; the balance is practice money. */
export const eventStandingSchema = z.looseObject({
  playerId: playerId.optional(),
  username: username.optional(),
  level: count.nullable().optional(),
  lastUpdated: unixMs.nullable().optional(),
  rank: count.nullable().optional(),
  balance: money.optional(),
  sidebetsHit: count.optional(),
  sidebetsPlaced: count.optional(),
  accuracy: z.number().nullable().optional(),
  avgTicksOff: z.number().nullable().optional(),
})
export type EventStanding = z.infer<typeof eventStandingSchema>

/** A finished event with its final standings. */
export const finishedEventSchema = z.looseObject({
  id: z.string().optional(),
  startTime: isoTime.nullable().optional(),
  endTime: isoTime.nullable().optional(),
  leaderboard: z.array(eventStandingSchema).optional(),
  winners: z.array(winnerSchema).optional(),
  savedAt: isoTime.nullable().optional(),
})
export type FinishedEvent = z.infer<typeof finishedEventSchema>

/** Rules of an event series. */
export const eventConfigSchema = z.looseObject({
  token: z.string().nullable().optional(),
  startingBalance: money.optional(),
  prepTimeMinutes: z.number().optional(),
  levelRequired: count.optional(),
  /** Rank, or span of ranks as `"6-10"`, to prize. */
  prizeTiers: z.record(z.string(), money.nullable()).optional(),
})
export type EventConfig = z.infer<typeof eventConfigSchema>

/** Fields that `rugRoyaleUpdate` and `sidebetEventUpdate` share. */
export const eventSeriesFields = {
  status: z.string().nullable().optional(),
  activeEventId: z.string().nullable().optional(),
  currentEvent: timedEventSchema.nullable().optional(),
  upcomingEvents: z.array(timedEventSchema).optional(),
  events: z.array(timedEventSchema).optional(),
  leaderboard: z.array(eventStandingSchema).optional(),
  history: z.array(finishedEventSchema).optional(),
  playerPosition: z.unknown().optional(),
  timeRemaining: z.number().nullable().optional(),
  finalRound: z.boolean().nullable().optional(),
  isInFinalRound: z.boolean().nullable().optional(),
  config: eventConfigSchema.optional(),
}
