import type { QueryEngine } from '@vectra/event-store'
import { encodeCell } from '@vectra/event-store'
import { FRAME_CHARS, type Frame, type FrameLine } from '../../protocol/recorded.ts'

const TS = "strftime(ts, '%Y-%m-%dT%H:%M:%S.%fZ')"
const LINE = `session_id, seq, ${TS}, source, direction, event_name, game_id, tick, length(packet) + length(raw_json)`

/** A row of {@link LINE} for the page. */
function frameLine([session, seq, ts, source, direction, event, gameId, tick, size]: readonly unknown[]): FrameLine {
  return {
    session: String(session),
    seq: Number(seq),
    ts: String(ts),
    source: String(source),
    direction: String(direction),
    event: String(event),
    gameId: gameId === null ? null : String(gameId),
    tick: tick === null ? null : Number(tick),
    size: Number(size ?? 0),
  }
}

/** Frames of a game around a tick: those received from the tick's first frame on, in order. */
export async function framesAround(
  query: QueryEngine,
  gameId: string,
  tick: number,
  limit: number,
  signal: AbortSignal,
): Promise<FrameLine[]> {
  const { rows } = await query.sql(
    `SELECT ${LINE} FROM ws_event WHERE game_id = $1 AND ts >= coalesce(
       (SELECT min(ts) FROM game_tick WHERE game_id = $1 AND active AND tick >= $2),
       (SELECT max(ts) FROM game_tick WHERE game_id = $1)) ORDER BY ts, session_id, seq LIMIT $3`,
    { params: [gameId, tick, limit], signal },
  )
  return rows.map(frameLine)
}

/** Some payloads of an event, newest first. */
export async function exampleFrames(query: QueryEngine, event: string, limit: number, signal: AbortSignal): Promise<FrameLine[]> {
  const { rows } = await query.sql(`SELECT ${LINE} FROM ws_event WHERE event_name = $1 ORDER BY ts DESC LIMIT $2`, {
    params: [event, limit],
    signal,
  })
  return rows.map(frameLine)
}

/** One stored event with everything that is known of it; null when there is none. */
export async function frameAt(query: QueryEngine, session: string, seq: number, signal: AbortSignal): Promise<Frame | null> {
  const { rows, columns } = await query.sql('SELECT * FROM events WHERE session_id = $1 AND seq = $2 AND packet IS NOT NULL', {
    params: [session, seq],
    signal,
  })
  const [row] = rows
  if (row === undefined) return null
  const cells = Object.fromEntries(columns.map(({ name, type }, index) => [name, encodeCell(row[index], type)]))
  const { packet, raw_json: rawJson, issues, ...envelope } = cells
  const raw = `${String(packet)}${String(rawJson ?? '')}`
  const line = frameLine([
    ...['session_id', 'seq', 'ts', 'source', 'direction', 'event_name', 'game_id', 'tick'].map((name) => cells[name] ?? null),
    raw.length,
  ])
  const beside = await query.sql(
    'SELECT max(seq) FILTER (seq < $2), min(seq) FILTER (seq > $2) FROM events WHERE session_id = $1 AND event_name = $3 AND packet IS NOT NULL',
    { params: [session, seq, line.event], signal },
  )
  const [previous, next] = beside.rows[0] ?? [null, null]
  return {
    ...line,
    raw: raw.slice(0, FRAME_CHARS),
    cut: raw.length > FRAME_CHARS,
    envelope: Object.fromEntries(Object.entries(envelope).filter(([, value]) => value !== null)),
    issues: issuesOf(issues),
    previous: previous === null ? null : Number(previous),
    next: next === null ? null : Number(next),
  }
}

function issuesOf(text: unknown): readonly unknown[] {
  if (typeof text !== 'string') return []
  try {
    const parsed: unknown = JSON.parse(text)
    return Array.isArray(parsed) ? parsed : [parsed]
  } catch {
    return [text]
  }
}
