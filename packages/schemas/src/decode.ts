import type { z } from 'zod'
import { type Accepts, compileAccepts } from './accepts.ts'
import { type AckedRequestName, type AckPayload, ackDefinition } from './ack-map.ts'
import { type SplitOptions, splitArguments } from './arguments.ts'
import type { SchemaIssue } from './envelope.ts'
import { type EventName, type EventPayload, eventDefinition, type Projection } from './event-map.ts'
import { toSchemaIssues } from './issues.ts'
import { isRecord, ownString } from './json-value.ts'

/** What decoding learns of an event, whether or not a schema knows or accepts it. */
export interface EventFacts<Name extends string, Known extends boolean, Payload> {
  /** Event name; acks: `ack:<request>`, or `ack` when the request is not known. */
  readonly name: Name
  /** Does the protocol have this name? */
  readonly known: Known
  /** Doc_type of the narrow typed row beside the `ws_event` row; null for none. */
  readonly projection: Projection
  /** The payload as parsed, by reference: no key is dropped, added or reordered. Null when there is none. */
  readonly payload: Payload
  /** Index of the payload in the arguments; null when there is none. In the frame's `[name, …args]` add 1, in an ack's `[…args]` 0. */
  readonly payloadIndex: number | null
  /** 32 hex digits shared by a request and its effects; null when untraced. */
  readonly traceId: string | null
  readonly traceparent: string | null
  /** The event's own game id; null when it names none. */
  readonly gameId: string | null
}

/** A valid event whose name the protocol knows. Narrow by `name`: `event.name === 'standard/newTrade'` types the payload. */
export type KnownEvent = { [Name in EventName]: EventFacts<Name, true, EventPayload<Name> | null> }[EventName]
/** An event whose name the protocol does not know: kept whole, never an issue. */
export type UnknownEvent = EventFacts<string, false, unknown>
/** A decoded event; narrow by `known` first. */
export type DecodedEvent = KnownEvent | UnknownEvent

/** The ack of a known request. Narrow by `name`. */
export type KnownAck = {
  [Name in AckedRequestName]: EventFacts<`ack:${Name}`, true, AckPayload<Name> | null>
}[AckedRequestName]
/** The ack of a request that is unknown or was not seen. */
export type UnknownAck = EventFacts<string, false, unknown>
/** A decoded ack; narrow by `known` first. */
export type DecodedAck = KnownAck | UnknownAck

/** An event that does not match its schema: everything decoding knows, and the arguments as they came. */
export interface RawEvent extends EventFacts<string, true, unknown> {
  readonly args: readonly unknown[]
}

/** Result of decoding. `issues` is never empty. */
export type Decoded<Event> =
  | { readonly ok: true; readonly event: Event }
  | { readonly ok: false; readonly issues: readonly SchemaIssue[]; readonly raw: RawEvent }

/**
 * Decodes one event: tells trace and payload apart, checks the payload against the schema of `name`, finds its game.
 *
 * The payload is handed on by reference and never changed; absent fields stay absent. A traced event that kept only its
 * trace has payload null and no issue. Never throws.
 */
export function decodeEvent(name: string, args: readonly unknown[], options?: SplitOptions): Decoded<DecodedEvent> {
  return decode(name, eventDefinition(name), args, options) as Decoded<DecodedEvent>
}

/**
 * Decodes the results of an ack (`43<id>[…]`).
 *
 * @param requestName event name of the request with the same ack id; null when that was not seen
 */
export function decodeAck(requestName: string | null, args: readonly unknown[]): Decoded<DecodedAck> {
  const name = requestName === null ? 'ack' : `ack:${requestName}`
  return decode(name, requestName === null ? undefined : ackDefinition(requestName), args, NO_OFFSET) as Decoded<DecodedAck>
}

/** The server appends recovery offsets to events only, never to acks. */
const NO_OFFSET: SplitOptions = { recoveryOffset: false }

interface Definition {
  readonly schema: z.ZodType
  readonly projection: Projection
  readonly payload: 'required' | 'optional'
}

function decode(
  name: string,
  definition: Definition | undefined,
  args: readonly unknown[],
  options?: SplitOptions,
): Decoded<EventFacts<string, boolean, unknown>> {
  const { trace, payload, payloadIndex } = splitArguments(Array.isArray(args) ? args : [], options)
  const event = {
    name,
    known: definition !== undefined,
    projection: definition?.projection ?? null,
    payload,
    payloadIndex,
    traceId: trace?.traceId ?? null,
    traceparent: trace?.traceparent ?? null,
    gameId: gameIdOf(payload),
  }
  const issues = definition ? check(definition, payload, payloadIndex, trace !== null) : null
  return issues === null ? { ok: true, event } : { ok: false, issues, raw: { ...event, known: true, args } }
}

function check(definition: Definition, payload: unknown, payloadIndex: number | null, traced: boolean): SchemaIssue[] | null {
  if (payloadIndex === null) {
    if (traced || definition.payload === 'optional') return null
    return [{ path: '', code: 'missing_payload', message: 'the event has no payload argument' }]
  }
  try {
    if (acceptsOf(definition)(payload)) return null
    const result = definition.schema.safeParse(payload)
    return result.success ? null : toSchemaIssues(result.error.issues)
  } catch (error) {
    return [{ path: '', code: 'check_failed', message: `the schema check failed: ${String(error)}` }]
  }
}

/** Compiled at the first event of a kind. */
const compiled = new WeakMap<Definition, Accepts>()

function acceptsOf(definition: Definition): Accepts {
  let accepts = compiled.get(definition)
  if (accepts === undefined) {
    accepts = compileAccepts(definition.schema)
    compiled.set(definition, accepts)
  }
  return accepts
}

/** The payload's own game, or that of the bet a sidebet ack carries. */
function gameIdOf(payload: unknown): string | null {
  if (!isRecord(payload)) return null
  return (
    ownString(payload, 'gameId') ?? (Object.hasOwn(payload, 'sidebet') ? ownString(payload.sidebet, 'gameId') : undefined) ?? null
  )
}
