import { z } from 'zod'
import type { SchemaIssue } from './envelope.ts'
import { toSchemaIssues } from './issues.ts'
import { count, gameId, price, spanMs, tick } from './wire.ts'

/** Naive local time (US Eastern), as these files carry it. */
const localTime = z.string().meta({ description: 'naive local time, US Eastern' })

/**
 * First line of a recorded game. Recorded games are reduced to ticks by another recorder and never were frames.
 *
 * @see domain/events.md section 9
 */
export const recordedGameStartSchema = z.looseObject({
  type: z.literal('game_start'),
  timestamp: localTime,
  game_id: gameId,
  session_game_number: count.optional(),
})
export type RecordedGameStart = z.infer<typeof recordedGameStartSchema>

/** One tick of a recorded game. `phase` `UNKNOWN` is the cooldown; `ACTIVE_GAMEPLAY` also stands on the first rug tick. */
export const recordedTickSchema = z.looseObject({
  type: z.literal('tick'),
  timestamp: localTime,
  game_id: gameId,
  tick,
  price,
  phase: z.string().optional(),
  active: z.boolean().optional(),
  rugged: z.boolean().optional(),
  cooldown_timer: spanMs.optional(),
  /** 0 where the frame had no such field. */
  trade_count: count.optional(),
})
export type RecordedTick = z.infer<typeof recordedTickSchema>

/** Last line of a recorded game. */
export const recordedGameEndSchema = z.looseObject({
  type: z.literal('game_end'),
  timestamp: localTime,
  game_id: gameId,
  total_ticks: count.optional(),
  tick_range: z.array(tick).optional(),
  price_range: z.array(price).optional(),
  peak_price: price.optional(),
  final_price: price.optional(),
  status: z.string().nullable().optional(),
  incomplete_reason: z.string().nullable().optional(),
  discard_reason: z.string().nullable().optional(),
})
export type RecordedGameEnd = z.infer<typeof recordedGameEndSchema>

/** A line of a recorded-game file, told apart by `type`. */
export const recordedGameLineSchema = z.discriminatedUnion('type', [
  recordedGameStartSchema,
  recordedTickSchema,
  recordedGameEndSchema,
])
export type RecordedGameLine = z.infer<typeof recordedGameLineSchema>

/** Checks a parsed line of a recorded-game file; null when valid. */
export function checkRecordedGameLine(line: unknown): readonly SchemaIssue[] | null {
  const result = recordedGameLineSchema.safeParse(line)
  return result.success ? null : toSchemaIssues(result.error.issues)
}
