import { DOC_TYPES, EVENTS, eventDefinition } from '@vectra/schemas'
import { z } from 'zod'
import { McpError } from '../../errors.ts'
import type { EventPosition, EventRecord, EventsQuery } from '../../ports.ts'
import { ENVELOPE_CHARS, sizeOf, takeFitting, takePage } from '../budget.ts'
import { decodeCursor, encodeCursor } from '../cursor.ts'
import { eventSchemaJson } from '../event-schema.ts'
import { defineTool, maxChars, NOTICE, PAGE, READS } from '../tool.ts'
import { isoMicros, parseWhen } from '../when.ts'

const HIDDEN = new Set(['raw_json', 'packet', 'payload_index', 'payload', 'date'])

/** Rows of the store by typed filters. */
export const eventsQuery = defineTool({
  name: 'events_query',
  title: 'Stored events',
  description:
    'Rows of the recorded rugs.fun feed, by typed filters, in time order. Without doc_types each event comes once; name doc_types for the narrow typed rows ' +
    '(game_tick: one per state frame; player_action: orders; server_state: own balance and position; system_event: connects, gaps, faults; debug_note). ' +
    'concise leaves out nulls and raw texts; detailed adds raw_json, the exact frame. Amounts are exact decimal texts in SOL, prices multiples of the presale price.',
  annotations: READS,
  available: (ports) => ports.events !== undefined,
  input: z.strictObject({
    game_id: z.string().max(64).optional(),
    session_id: z.string().max(64).optional(),
    events: z.array(z.string().max(80)).max(20).optional().describe('event names, e.g. standard/newTrade, gap; any of them'),
    doc_types: z.array(z.enum(DOC_TYPES)).max(6).optional(),
    since: z.string().max(40).optional().describe('inclusive: 2025-12-12, 2025-12-12T22:17:00Z, or an age such as 24h'),
    until: z.string().max(40).optional().describe('exclusive'),
    order: z.enum(['asc', 'desc']).default('asc'),
    limit: z.int().min(1).max(500).default(50),
    format: z.enum(['concise', 'detailed']).default('concise'),
    cursor: z.string().max(1_000).optional(),
    max_chars: maxChars,
  }),
  output: z.object({ ...PAGE, events: z.array(z.looseObject({})) }),
  async run(input, context) {
    const { cursor, max_chars, format, limit, ...question } = input
    const now = context.now()
    const query: EventsQuery = {
      gameId: input.game_id,
      sessionId: input.session_id,
      events: input.events,
      docTypes: input.doc_types,
      since: input.since === undefined ? undefined : parseWhen(input.since, now),
      until: input.until === undefined ? undefined : parseWhen(input.until, now),
      order: input.order,
      limit: limit + 1,
      after: cursor === undefined ? undefined : positionOf(decodeCursor(question, cursor)),
    }
    const show = (row: EventRecord) => (format === 'detailed' ? detailed(row) : concise(row))
    const page = await takePage(present(context.ports.events).query(query, context), {
      limit,
      maxChars: max_chars - ENVELOPE_CHARS,
      show,
    })
    const { last } = page
    return {
      notice: NOTICE,
      returned: page.items.length,
      truncated: page.truncated,
      next_cursor: last === undefined ? null : encodeCursor(question, [last.ts, last.session_id, last.seq, last.doc_type]),
      cut: [...page.cut],
      events: [...page.shown],
    }
  },
})

/** What events look like: all names, or one schema. */
export const eventsSchema = defineTool({
  name: 'events_schema',
  title: 'Event schemas and columns',
  description:
    'Without event: every event name of the protocol with direction and doc_type, and the columns and views that events_query and events_sql read. ' +
    'With event: its JSON Schema, units in the descriptions. Look here before writing SQL.',
  annotations: READS,
  available: (ports) => ports.events !== undefined,
  input: z.strictObject({
    event: z.string().max(80).optional().describe('e.g. gameStateUpdate, standard/newTrade'),
    max_chars: maxChars,
  }),
  output: z.object({
    event: z.string().nullable(),
    schema: z.looseObject({}).nullable(),
    events: z.array(z.object({ name: z.string(), direction: z.string(), doc_type: z.string(), auth: z.boolean() })),
    views: z.array(z.string()),
    columns: z.array(z.string()).describe('name and SQL type'),
    truncated: z.boolean(),
  }),
  async run({ event, max_chars }, { ports }) {
    const source = present(ports.events)
    if (event !== undefined) {
      const schema = eventSchemaJson(event)
      if (schema === undefined)
        throw new McpError('MCP_ARGUMENT', `there is no event "${event}"; call events_schema without event for the names`)
      const fits = sizeOf(schema) <= max_chars - ENVELOPE_CHARS
      const shown = fits
        ? schema
        : { title: event, note: `the schema has ${sizeOf(schema)} characters; ask with a larger max_chars` }
      return { event, schema: shown, events: [], views: [], columns: [], truncated: !fits }
    }
    const names = Object.keys(EVENTS).sort()
    const events = names.map((name) => {
      const known = eventDefinition(name)
      return {
        name,
        direction: known?.direction ?? 'received',
        doc_type: known?.projection ?? 'ws_event',
        auth: known?.auth ?? false,
      }
    })
    const all = source.columns().map((column) => `${column.name} ${column.type}`)
    const left = max_chars - ENVELOPE_CHARS - sizeOf(source.views)
    const columns = takeFitting(all, left)
    const shown = takeFitting(events, left - sizeOf(columns))
    const truncated = columns.length < all.length || shown.length < events.length
    return { event: null, schema: null, events: [...shown], views: [...source.views], columns: [...columns], truncated }
  },
})

/** The port, which the tool's availability has promised. */
export function present<T>(port: T | undefined): T {
  if (port === undefined) throw new McpError('MCP_ARGUMENT', 'this server was started without it')
  return port
}

function concise(row: EventRecord): Record<string, unknown> {
  const shown: Record<string, unknown> = { ts: isoMicros(row.ts), event: row.event_name }
  for (const [name, value] of Object.entries(row)) {
    if (value === null || value === undefined || HIDDEN.has(name) || name === 'ts' || name === 'event_name') continue
    shown[name] = value
  }
  return shown
}

function detailed(row: EventRecord): Record<string, unknown> {
  const raw = row['raw_json']
  return { ...concise(row), ...(typeof raw === 'string' ? { raw_json: raw } : {}) }
}

function positionOf(value: unknown): EventPosition {
  const [ts, session, seq, type] = value as [number, string, number, string]
  return { ts, session, seq, type }
}
