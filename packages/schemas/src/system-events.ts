import { z } from 'zod'
import type { SchemaIssue } from './envelope.ts'
import { toSchemaIssues } from './issues.ts'

/**
 * Payload common to the events that Vectra itself makes: all optional, unknown keys kept. `details` holds what fits nowhere else.
 *
 * @see domain/events.md section 6.11
 */
const commonFields = {
  socketId: z.string().nullable().optional(),
  transport: z.string().nullable().optional(),
  connection: z.string().nullable().optional(),
  code: z.union([z.string(), z.number()]).nullable().optional(),
  message: z.string().nullable().optional(),
  reason: z.string().nullable().optional(),
  details: z.unknown().optional(),
}

/** A recording began. */
export const sessionStartSchema = z
  .looseObject({
    ...commonFields,
    sessionId: z.string().optional(),
    source: z.string().optional(),
    origin: z.string().nullable().optional(),
  })
  .nullable()
/** A recording ended; with its balance sheet. */
export const sessionEndSchema = z
  .looseObject({ ...commonFields, sessionId: z.string().optional(), summary: z.unknown().optional() })
  .nullable()
/** State of the connection changed: `connect`, `disconnect`, `reconnect`, `connect_error`. Captures carry null. */
export const connectionEventSchema = z.looseObject({ ...commonFields, attempt: z.number().nullable().optional() }).nullable()
/** The player is known: first `usernameStatus`, or `playerUpdate` with `authenticated`. */
export const authSuccessSchema = z
  .looseObject({ ...commonFields, playerId: z.string().optional(), username: z.string().nullable().optional() })
  .nullable()
/** A game began or ended, as the recorder saw it. */
export const gameBoundarySchema = z
  .looseObject({ ...commonFields, gameId: z.string().optional(), tick: z.number().nullable().optional() })
  .nullable()
/** A stretch in which frames were, or may have been, missed: when, why and how much. */
export const gapSchema = z
  .looseObject({
    ...commonFields,
    gameId: z.string().nullable().optional(),
    /** Receive times of the last frame before and the first after, microseconds. */
    from: z.number().optional(),
    to: z.number().optional(),
    /** `disconnect`, `stale`, `backpressure`, `process_down`, … */
    cause: z.string().optional(),
    source: z.string().optional(),
    /** First and last tick that no frame showed, where the feed's own numbers tell. */
    from_tick: z.number().nullable().optional(),
    to_tick: z.number().nullable().optional(),
    /** Frames missing, counted or estimated; null when nothing is known. */
    est_missing: z.number().nullable().optional(),
    /**
     * What gave back all that was counted: the frames themselves (`connection_state_recovery`), or the prices of the missing ticks
     * (`partialPrices`; other content of those frames stays lost). Null when something is missing; a `backfill` may follow.
     */
    recovered_by: z.string().nullable().optional(),
  })
  .nullable()
/** A frame that does not match its schema: which event (`event`, `seq`), and its issues. The frame itself is stored as it came. */
export const schemaIssueSchema = z
  .looseObject({
    ...commonFields,
    event: z.string().optional(),
    seq: z.number().optional(),
    issues: z.array(z.looseObject({ path: z.string(), code: z.string(), message: z.string() })).optional(),
  })
  .nullable()
/** Prices of ticks that no frame showed, taken from something else. Each is a `game_tick` row whose origin is `derived:` and `by`. */
export const backfillSchema = z
  .looseObject({
    ...commonFields,
    gameId: z.string().optional(),
    /** `partialPrices`, `prices`, `gameHistory`, `seed`. */
    by: z.string().optional(),
    /** Lowest and highest tick given back, and how many. */
    from_tick: z.number().optional(),
    to_tick: z.number().optional(),
    count: z.number().optional(),
    /** `seq` of the frame that told. */
    seq: z.number().optional(),
  })
  .nullable()
/** A frame that failed its schema fits now, and was stored again by a retry: its session and number. The first row stays as it is. */
export const schemaResolvedSchema = z
  .looseObject({ ...commonFields, session_id: z.string().optional(), seq: z.number().optional(), event: z.string().optional() })
  .nullable()
/** The shape of an event changed: a field appeared, disappeared or has another type. */
export const schemaDriftSchema = z
  .looseObject({
    ...commonFields,
    event: z.string().optional(),
    /** Path in the payload: `gameHistory[].prices`. */
    path: z.string().optional(),
    /** `appeared`, `disappeared`, `type_changed`, `overflow`. */
    change: z.string().optional(),
    /** JSON types before and after: `number`, `string|null`; null where there was nothing. */
    before: z.string().nullable().optional(),
    after: z.string().nullable().optional(),
    /** `seq` of the frame that showed it. */
    seq: z.number().optional(),
  })
  .nullable()
/** What a human did at a page of ours: the order that was clicked, and what was on the screen. `trace_id` of the row is the id without dashes. */
export const uiActionSchema = z
  .looseObject({
    ...commonFields,
    /** Correlation id of the click, its request, ack and effects. */
    id: z.string().optional(),
    /** The control that was used: `buy-button`, `key-b`. */
    control: z.string().optional(),
    /** `buy`, `sell`, `sidebet`. */
    kind: z.string().optional(),
    /** SOL as the text that stood in the field. */
    amount: z.string().nullable().optional(),
    percentage: z.number().nullable().optional(),
    shown_tick: z.number().optional(),
    shown_price: z.string().optional(),
    /** When, by the clock of the screen, Unix microseconds. */
    client_time: z.number().optional(),
  })
  .nullable()
/** What became of an order, at every change; `code` and `reason` of one that was refused. Times in Unix microseconds, null before. */
export const uiOrderSchema = z
  .looseObject({
    ...commonFields,
    id: z.string().optional(),
    /** `pending`, `accepted`, `reflected`, `rejected`, `unknown`. */
    phase: z.string().optional(),
    sent_at: z.number().nullable().optional(),
    accepted_at: z.number().nullable().optional(),
    reflected_at: z.number().nullable().optional(),
  })
  .nullable()
/** A fault of the recorder. */
export const errorEventSchema = z.looseObject(commonFields).nullable()

/** Kinds of system events: their `event_name` → schema. Has no prototype. */
export const SYSTEM_EVENTS = Object.freeze(
  Object.assign(Object.create(null) as object, {
    session_start: sessionStartSchema,
    session_end: sessionEndSchema,
    connect: connectionEventSchema,
    disconnect: connectionEventSchema,
    reconnect: connectionEventSchema,
    connect_error: connectionEventSchema,
    auth_success: authSuccessSchema,
    game_start: gameBoundarySchema,
    game_end: gameBoundarySchema,
    gap: gapSchema,
    backfill: backfillSchema,
    schema_issue: schemaIssueSchema,
    schema_resolved: schemaResolvedSchema,
    schema_drift: schemaDriftSchema,
    ui_action: uiActionSchema,
    ui_order: uiOrderSchema,
    error: errorEventSchema,
  }),
)

/** `event_name` of a system event. */
export type SystemEventName = keyof typeof SYSTEM_EVENTS
/** Payload of a system event by its name. */
export type SystemEventPayload<Name extends SystemEventName> = z.infer<(typeof SYSTEM_EVENTS)[Name]>

/** Is `name` the kind of a system event? */
export function isSystemEventName(name: string): name is SystemEventName {
  return name in SYSTEM_EVENTS
}

/** Checks the payload of a system event; null when valid. Kinds that are not listed have no schema and no issues. */
export function checkSystemEvent(name: string, payload: unknown): readonly SchemaIssue[] | null {
  if (!isSystemEventName(name)) return null
  const result = SYSTEM_EVENTS[name].safeParse(payload)
  return result.success ? null : toSchemaIssues(result.error.issues)
}
