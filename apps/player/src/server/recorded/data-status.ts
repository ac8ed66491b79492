import { type QueryEngine, storePaths } from '@vectra/event-store'
import type { Clock } from '@vectra/schemas'
import type { CoverageHour, DataStatus, PartitionLine } from '../../protocol/recorded.ts'
import type { RecordedStore } from './recorded-store.ts'

const iso = (micros: number): string => new Date(micros / 1_000).toISOString()
/** Fewer rows a file than this, and more files than {@link MANY}: worth merging. */
const FEW_ROWS = 2_000
const MANY = 20

/** Files by doc_type and day, newest day first. */
export function partitions(store: RecordedStore): PartitionLine[] {
  return [...Map.groupBy(store.files(), (file) => `${file.docType}|${file.date}`).values()]
    .flatMap((files): PartitionLine[] => {
      const [first] = files
      if (first === undefined) return []
      const rows = files.reduce((sum, file) => sum + file.rows, 0)
      return [
        {
          docType: first.docType,
          date: first.date,
          files: files.length,
          rows,
          bytes: files.reduce((sum, file) => sum + file.bytes, 0),
          firstTs: iso(files.reduce((least, file) => Math.min(least, file.tsMin), Number.POSITIVE_INFINITY)),
          lastTs: iso(files.reduce((most, file) => Math.max(most, file.tsMax), 0)),
          small: files.length > MANY && rows / files.length < FEW_ROWS,
        },
      ]
    })
    .sort((a, b) => (a.date === b.date ? (a.docType < b.docType ? -1 : 1) : a.date < b.date ? 1 : -1))
}

/** The store's health in numbers. */
export async function dataStatus(
  store: RecordedStore,
  query: QueryEngine,
  clock: Clock,
  freeBytes: (dir: string) => Promise<number | null>,
  signal: AbortSignal,
): Promise<DataStatus> {
  const files = store.files()
  const today = iso(clock.now()).slice(0, 10)
  const stored = files.reduce((sum, file) => sum + file.rows, 0)
  const { rows, completeness } = await query.sql(
    `SELECT (SELECT count(*) FROM gaps WHERE coalesce(to_ts, from_ts) >= DATE '${today}'),
       (SELECT count(*) FROM system_event WHERE event_name = 'schema_issue' AND date = '${today}'),
       (SELECT count(*) FROM events), (SELECT count(*) FROM sessions), (SELECT count(*) FROM sessions WHERE NOT ended)`,
    { signal },
  )
  const [gaps, issues, all, sessions, open] = (rows[0] ?? []).map(Number)
  return {
    dataDir: store.dir,
    files: files.length,
    rows: all ?? 0,
    bytes: files.reduce((sum, file) => sum + file.bytes, 0),
    lastWrite: files.length === 0 ? null : iso(files.reduce((most, file) => Math.max(most, file.tsMax), 0)),
    sessions: sessions ?? 0,
    live: open ?? 0,
    gapsToday: gaps ?? 0,
    issuesToday: issues ?? 0,
    unflushedRows: Math.max(0, (all ?? 0) - stored),
    freeBytes: await freeBytes(storePaths(store.dir).root),
    complete: completeness.complete,
    reasons: completeness.reasons.map(({ text }) => text),
    engine: query.status().engine,
  }
}

/** Hours with their events, ticks and gaps; the newest day last. */
export async function coverage(query: QueryEngine, days: number, signal: AbortSignal): Promise<CoverageHour[]> {
  const { rows } = await query.sql(
    `WITH days AS (SELECT DISTINCT date FROM events ORDER BY date DESC LIMIT ${days}),
     heard AS (SELECT strftime(ts, '%Y-%m-%dT%H') AS hour, count(*) AS events FROM events WHERE packet IS NOT NULL AND date IN (FROM days) GROUP BY 1),
     ticked AS (SELECT strftime(ts, '%Y-%m-%dT%H') AS hour, count(*) AS ticks FROM game_tick WHERE date IN (FROM days) AND active GROUP BY 1),
     torn AS (SELECT strftime(coalesce(from_ts, to_ts), '%Y-%m-%dT%H') AS hour, count(*) AS gaps, sum(coalesce(duration_us, 0)) / 1e6 AS seconds
       FROM gaps WHERE coalesce(from_ts, to_ts) IS NOT NULL GROUP BY 1)
     SELECT hour, coalesce(events, 0), coalesce(ticks, 0), coalesce(gaps, 0), coalesce(seconds, 0)
     FROM heard FULL JOIN ticked USING (hour) FULL JOIN torn USING (hour) ORDER BY hour`,
    { signal, maxRows: 24 * days * 2 },
  )
  return rows.map(([hour, events, ticks, gaps, seconds]) => ({
    hour: String(hour),
    events: Number(events),
    ticks: Number(ticks),
    gaps: Number(gaps),
    missingSeconds: Number(seconds),
  }))
}
