import { statfs } from 'node:fs/promises'
import { EXPORT_FORMATS, encodeCell, QueryError } from '@vectra/event-store'
import type { Clock } from '@vectra/schemas'
import { type Context, Hono } from 'hono'
import type { GapLine, ProtocolEvent, ProtocolLine, SchemaView, SessionLine, SqlResult } from '../../protocol/recorded.ts'
import { problem } from '../api/problem.ts'
import { coverage, dataStatus, partitions } from './data-status.ts'
import { exampleFrames } from './frames.ts'
import type { RecordedPorts, SearchQuestion } from './ports.ts'
import type { RecordedStore } from './recorded-store.ts'

const MOST_ROWS = 10_000
const iso = (column: string): string => `strftime(${column}, '%Y-%m-%dT%H:%M:%S.%fZ')`
const text = (value: unknown): string | null => (value === null || value === undefined ? null : String(value))
const whole = (value: unknown): number | null => (value === null || value === undefined ? null : Number(value))

async function freeBytes(dir: string): Promise<number | null> {
  try {
    const { bavail, bsize } = await statfs(dir)
    return bavail * bsize
  } catch {
    return null
  }
}

/** A failed statement in words: the engine's own message says where. */
function sqlProblem(context: Context, error: unknown): Response {
  if (!(error instanceof QueryError)) throw error
  const next: Readonly<Record<string, string>> = {
    QUERY_TIMEOUT: 'Narrow it by date or game, or ask for fewer rows.',
    QUERY_MEMORY: 'Narrow it by date or game, or group before sorting.',
    QUERY_FORBIDDEN: 'Only reading is possible here: SELECT over the views on the left.',
  }
  return problem(context, 400, error.code, error.message, next[error.code] ?? 'Correct the statement and run it again.')
}

function words(value: unknown): string | null {
  return typeof value === 'string' && value.trim() !== '' ? value : null
}

async function bodyOf(context: Context): Promise<Record<string, unknown>> {
  const body: unknown = await context.req.json().catch(() => null)
  return typeof body === 'object' && body !== null ? (body as Record<string, unknown>) : {}
}

/** Routes of the Data screen, below `/api/data`. */
export function dataRoutes(store: RecordedStore, ports: RecordedPorts, clock: Clock): Hono {
  const routes = new Hono()
  routes.get('/status', async (context) =>
    context.json(await dataStatus(store, await store.query(), clock, freeBytes, context.req.raw.signal)),
  )
  routes.get('/partitions', (context) => context.json({ partitions: partitions(store) }))
  routes.get('/coverage', async (context) =>
    context.json({ hours: await coverage(await store.query(), 14, context.req.raw.signal) }),
  )
  routes.get('/gaps', async (context) => {
    const hour = context.req.query('hour') ?? null
    const query = await store.query()
    const { rows, truncated } = await query.sql(
      `SELECT session_id, seq, source, game_id, ${iso('from_ts')}, ${iso('to_ts')}, cause, est_missing, recovered_by FROM gaps
       WHERE $1 IS NULL OR strftime(coalesce(from_ts, to_ts), '%Y-%m-%dT%H') = $1 ORDER BY from_ts DESC LIMIT 500`,
      { params: [hour], signal: context.req.raw.signal },
    )
    const gaps = rows.map(
      ([session, seq, source, gameId, from, to, cause, missing, recoveredBy]): GapLine => ({
        session: String(session),
        seq: Number(seq),
        source: String(source),
        gameId: text(gameId),
        from: text(from),
        to: text(to),
        cause: text(cause),
        missing: whole(missing),
        recoveredBy: text(recoveredBy),
      }),
    )
    return context.json({ gaps, truncated })
  })
  routes.get('/sessions', async (context) => {
    const { rows } = await (await store.query()).sql(
      `SELECT session_id, source, origin, ${iso('first_ts')}, ${iso('last_ts')}, events, missing, gaps, games, ended FROM sessions ORDER BY first_ts DESC LIMIT 500`,
      { signal: context.req.raw.signal },
    )
    const sessions = rows.map(
      ([session, source, origin, firstTs, lastTs, events, missing, gaps, games, ended]): SessionLine => ({
        session: String(session),
        source: String(source),
        origin: text(origin),
        firstTs: text(firstTs),
        lastTs: text(lastTs),
        events: Number(events),
        missing: Number(missing),
        gaps: Number(gaps),
        games: Number(games),
        ended: ended === true,
      }),
    )
    return context.json({ sessions })
  })
  routes.get('/schema', async (context) => context.json({ views: await schemaViews(store, context.req.raw.signal) }))
  routes.post('/sql', async (context) => {
    const body = await bodyOf(context)
    const statement = words(body['text'])
    if (statement === null) return problem(context, 400, 'PLAYER_BAD_REQUEST', 'there is no statement', 'Write one, then run it.')
    const started = clock.monotonic()
    try {
      const asked = Number(body['maxRows'] ?? MOST_ROWS)
      const answer = await (await store.query()).sql(statement, {
        maxRows: Math.min(MOST_ROWS, Math.max(1, Number.isInteger(asked) ? asked : MOST_ROWS)),
        maxChars: 8 * 2 ** 20,
        signal: context.req.raw.signal,
      })
      return context.json({
        columns: answer.columns,
        rows: answer.rows.map((row) => row.map((value, index) => encodeCell(value, answer.columns[index]?.type ?? ''))),
        truncated: answer.truncated,
        milliseconds: Math.round(clock.monotonic() - started),
        complete: answer.completeness.complete,
        reasons: answer.completeness.reasons.map((reason) => reason.text),
      } satisfies SqlResult)
    } catch (error) {
      return sqlProblem(context, error)
    }
  })
  routes.post('/export', async (context) => {
    const body = await bodyOf(context)
    const statement = words(body['text'])
    const format = EXPORT_FORMATS.find((one) => one === body['format'])
    if (statement === null || format === undefined)
      return problem(
        context,
        400,
        'PLAYER_BAD_REQUEST',
        'a download needs a statement and a format',
        `Formats: ${EXPORT_FORMATS.join(', ')}.`,
      )
    try {
      const { pieces } = await (await store.query()).toPieces(statement, { format, signal: context.req.raw.signal })
      context.header('Content-Type', 'application/octet-stream')
      context.header('Content-Disposition', `attachment; filename="vectra.${format}"`)
      return context.body(ReadableStream.from(pieces) as ReadableStream<Uint8Array>)
    } catch (error) {
      return sqlProblem(context, error)
    }
  })
  routes.post('/search', async (context) => {
    if (ports.search === undefined)
      return problem(
        context,
        501,
        'PLAYER_NO_SEARCH',
        'this page has no search tables',
        'Ask on the command line: vectra search.',
      )
    const body = await bodyOf(context)
    const question = words(body['text'])
    const tables = searchTables(body['tables'])
    if (question === null || tables.length === 0)
      return problem(context, 400, 'PLAYER_BAD_REQUEST', 'there is no question', 'Write some words and choose a table.')
    return context.json(await ports.search({ text: question, tables, limit: 20 }, context.req.raw.signal))
  })
  routes.get('/protocol', async (context) => context.json({ events: await protocolEvents(store, context.req.raw.signal) }))
  routes.get('/protocol/event', async (context) =>
    context.json(await protocolEvent(store, context.req.query('name') ?? '', context.req.raw.signal)),
  )
  return routes
}

function searchTables(value: unknown): SearchQuestion['tables'] {
  return (['events', 'code', 'notes'] as const).filter((table) => Array.isArray(value) && value.includes(table))
}

const ROW_VIEWS = ['events', 'ws_event', 'game_tick', 'player_action', 'server_state', 'system_event', 'debug_note']
const VIEWS = ['games', 'ticks', 'trades', 'sidebets', 'player_state', 'orders', 'gaps', 'sessions', 'seeds', 'schema_drift']

async function schemaViews(store: RecordedStore, signal: AbortSignal): Promise<SchemaView[]> {
  const query = await store.query()
  const describe = async (name: string, from: string, kind: SchemaView['kind']): Promise<SchemaView> => {
    const { columns } = await query.sql(`SELECT * FROM ${from} LIMIT 0`, { signal })
    return { name, kind, columns: columns.map((column) => `${column.name} ${column.type}`) }
  }
  const found: SchemaView[] = []
  for (const name of VIEWS) found.push(await describe(name, name, 'view'))
  found.push(await describe('candles(game)', "candles('')", 'function'))
  for (const name of ROW_VIEWS) found.push(await describe(name, name, 'rows'))
  return found
}

async function protocolEvents(store: RecordedStore, signal: AbortSignal): Promise<ProtocolLine[]> {
  const { rows } = await (await store.query()).sql(
    `SELECT event_name, direction, count(*), count(issues), ${iso('min(ts)')}, ${iso('max(ts)')},
       count(*) / any_value(minutes) FROM ws_event, (SELECT greatest(1, count(DISTINCT date_trunc('minute', ts))) AS minutes FROM ws_event)
     GROUP BY 1, 2 ORDER BY 3 DESC, 1, 2 LIMIT 500`,
    { signal },
  )
  return rows.map(([event, direction, count, issues, firstTs, lastTs, perMinute]) => ({
    event: String(event),
    direction: String(direction),
    count: Number(count),
    issues: Number(issues),
    firstTs: String(firstTs),
    lastTs: String(lastTs),
    perMinute: Math.round(Number(perMinute) * 10) / 10,
  }))
}

async function protocolEvent(store: RecordedStore, event: string, signal: AbortSignal): Promise<ProtocolEvent> {
  const query = await store.query()
  const latest = await query.sql('SELECT max(date)::VARCHAR FROM ws_event WHERE event_name = $1', { params: [event], signal })
  const date = text(latest.rows[0]?.[0])
  const fields =
    date === null
      ? []
      : (
          await query.sql(
            `SELECT path, array_to_string(types, ', '), present, events, ${iso('first_ts')}, ${iso('last_ts')}
             FROM schema_drift WHERE event_name = $1 AND date = $2 ORDER BY path LIMIT 1000`,
            { params: [event, date], signal },
          )
        ).rows
  const drift = await query.sql(
    `SELECT session_id, seq, ${iso('ts')}, ${['path', 'change', 'before', 'after'].map((name) => `json_extract_string(raw_json, '$.${name}')`).join(', ')}
     FROM system_event WHERE event_name = 'schema_drift' AND json_extract_string(raw_json, '$.event') = $1
     ORDER BY ts DESC, seq DESC LIMIT 50`,
    { params: [event], signal },
  )
  return {
    event,
    date,
    drift: drift.rows.map(([session, seq, ts, path, change, before, after]) => ({
      session: String(session),
      seq: Number(seq),
      ts: String(ts),
      path: text(path) ?? '',
      change: String(change),
      before: text(before),
      after: text(after),
    })),
    fields: fields.map(([path, types, present, events, firstTs, lastTs]) => ({
      path: String(path),
      types: String(types),
      present: Number(present),
      events: Number(events),
      firstTs: String(firstTs),
      lastTs: String(lastTs),
    })),
    examples: await exampleFrames(query, event, 5, signal),
  }
}
