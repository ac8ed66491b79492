import { type EventEnvelope, type ExactView, exactView, isNumeral, type JsonPath, toDecimal } from '@vectra/schemas'
import type { Provenance, ServerNumber } from './state.ts'

/** The number at `path`, digit for digit; null when the server sent none there, or one beyond all measure (`1e-99999`). */
export function serverNumber(exact: ExactView, path: JsonPath): ServerNumber | null {
  const literal = exact.literal(path)
  if (literal !== undefined) return isNumeral(literal) ? { literal, value: toDecimal(literal) } : null
  const value = exact.decimal(path)
  return value === undefined ? null : { literal: value.toFixed(), value }
}

/** Exact numbers of an event's payload. */
export function exactOf(event: EventEnvelope): ExactView {
  return exactView(event.raw_json, event.payload_index, event.payload)
}

/** The event as the origin of a part of the state. */
export function provenanceOf(event: EventEnvelope): Provenance {
  return { asOf: event._ts, seq: event._seq, source: event._source, sessionId: event._session_id }
}

/** Payload of an event that passed its schema. An event with issues is data for the store, not for the screen. */
export function payloadOf<T>(event: EventEnvelope): T | null {
  if (event.issues !== null || typeof event.payload !== 'object' || event.payload === null) return null
  return event.payload as T
}
