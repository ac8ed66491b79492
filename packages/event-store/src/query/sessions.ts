import type { EventSource, Micros } from '@vectra/schemas'
import type { PartRef } from './file-source.ts'
import type { Reader, ReadOptions, Statement } from './reader.ts'
import { relation } from './views.ts'

/** One recording, as far as it is in parts. */
export interface Session {
  readonly sessionId: string
  readonly source: EventSource
  /** Provenance of imports; null for a live recording. */
  readonly origin: string | null
  readonly firstTs: Micros
  readonly lastTs: Micros
  readonly firstSeq: number
  readonly lastSeq: number
  /** Events stored: canonical rows, each once. */
  readonly events: number
  /** Numbers from 1 to `lastSeq` without a row: pruned, or not stored. */
  readonly missing: number
  /** Gaps that the recording declares. */
  readonly gaps: number
  readonly games: number
  /** True when its `session_end` is stored, and for what is no recording: its first event is no `session_start` (a note). */
  readonly ended: boolean
}

function sessionsStatement(files: readonly PartRef[]): Statement {
  return {
    sql: `SELECT session_id, any_value(source ORDER BY seq), any_value(origin ORDER BY seq) FILTER (origin NOT LIKE 'derived:%'), min(ts), max(ts), min(seq), max(seq),
      count(*)::BIGINT, count(*) FILTER (event_name = 'gap')::INTEGER, count(DISTINCT game_id)::INTEGER,
      bool_or(event_name = 'session_end' OR (seq = 1 AND event_name <> 'session_start'))
    FROM ${relation(files)} WHERE packet IS NOT NULL GROUP BY session_id ORDER BY min(ts), session_id`,
  }
}

/** The recordings, by first event. */
export function readSessions(reader: Reader, options: ReadOptions): AsyncGenerator<Session, void, undefined> {
  return reader.rows(
    sessionsStatement,
    (row): Session => ({
      sessionId: row[0] as string,
      source: row[1] as EventSource,
      origin: row[2] as string | null,
      firstTs: row[3] as Micros,
      lastTs: row[4] as Micros,
      firstSeq: Number(row[5]),
      lastSeq: Number(row[6]),
      events: Number(row[7]),
      missing: Number(row[6]) - Number(row[7]),
      gaps: row[8] as number,
      games: row[9] as number,
      ended: row[10] as boolean,
    }),
    options,
  )
}
