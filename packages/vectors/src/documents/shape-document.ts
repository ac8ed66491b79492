import { createHash } from 'node:crypto'
import type { EventDocument } from './document.ts'
import { payloadOf, type StoredEvent } from './stored-event.ts'
import { when } from './words.ts'

/** One form of an event's payload: its top-level keys with their types. Null says nothing about a key's type. */
export interface PayloadShape {
  readonly eventName: string
  /** Short hash of the keys and types. */
  readonly key: string
  readonly fields: readonly string[]
}

const kind = (value: unknown): string => (Array.isArray(value) ? 'list' : value === null ? 'null' : typeof value)

/** The shape of one event; undefined for one without fields. */
export function payloadShape(event: StoredEvent): PayloadShape | undefined {
  const fields = Object.entries(payloadOf(event))
    .filter(([name]) => !/^\d+$/.test(name))
    .map(([name]) => name)
    .sort()
  if (fields.length === 0) return undefined
  const key = createHash('sha256')
    .update(JSON.stringify([event.event_name, fields]))
    .digest('hex')
    .slice(0, 12)
  return { eventName: event.event_name, key, fields }
}

const EXAMPLE_CHARS = 600

/** The document of a shape, with the first event that had it as example. */
export function shapeDocument(shape: PayloadShape, example: StoredEvent): EventDocument {
  const payload = payloadOf(example)
  const typed = shape.fields.map((name) => `${name}: ${kind(payload[name])}`)
  const raw = example.raw_json ?? ''
  return {
    table: 'events',
    kind: 'shape',
    id: shape.key,
    headings: ['payload shapes', `${shape.eventName} with ${shape.fields.length} fields`],
    body: `${shape.eventName} was seen with these ${shape.fields.length} fields since ${when(example.ts)}: ${typed.join(', ')}.\n\nExample: ${
      raw.length > EXAMPLE_CHARS ? `${raw.slice(0, EXAMPLE_CHARS).toWellFormed()}…` : raw
    }`,
    ts: example.ts,
    sessionId: example.session_id,
    seq: example.seq,
    eventName: shape.eventName,
    ...(example.game_id === null ? {} : { gameId: example.game_id }),
  }
}
