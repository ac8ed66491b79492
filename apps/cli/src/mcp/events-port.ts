import { type EventRow, encodeCell, type QueryEngine, VIEW_COLUMNS, VIEWS } from '@vectra/event-store'
import type { EventPosition, EventRecord, EventsPort } from '@vectra/mcp'

/** The stored events as the MCP server reads them. */
export function eventsPort(engine: () => Promise<QueryEngine>): EventsPort {
  return {
    async *query({ after, ...filter }, { signal }) {
      const down = filter.order === 'desc'
      // The place of the cursor narrows the time, so that a page deep inside a day reads only what follows.
      const range =
        after === undefined
          ? {}
          : down
            ? { until: least(filter.until, after.ts + 1) }
            : { since: greatest(filter.since, after.ts) }
      const { limit, ...rest } = filter
      let given = 0
      for await (const row of (await engine()).events({ ...rest, ...range, pageRows: Math.min(2_000, limit + 16), signal })) {
        if (after !== undefined && !isBehind(row, after, down)) continue
        yield recordOf(row)
        if (++given === limit) return
      }
    },
    columns: () => Object.entries(VIEW_COLUMNS).map(([name, type]) => ({ name, type })),
    views: VIEWS,
  }
}

/** Columns as JSON: money as exact text, never a double. */
function recordOf(row: EventRow): EventRecord {
  const record: Record<string, unknown> = {}
  for (const [name, value] of Object.entries(row)) {
    record[name] = typeof value === 'object' && value !== null && 'toFixed' in value ? value.toFixed() : encodeCell(value, '')
  }
  return { ...record, ts: row.ts, session_id: row.session_id, seq: row.seq, doc_type: row.doc_type, event_name: row.event_name }
}

function isBehind(row: EventRow, { ts, session, seq, type }: EventPosition, down: boolean): boolean {
  const order = row.ts - ts || compare(row.session_id, session) || row.seq - seq || compare(row.doc_type, type)
  return down ? order < 0 : order > 0
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

function least(a: number | undefined, b: number): number {
  return a === undefined ? b : Math.min(a, b)
}

function greatest(a: number | undefined, b: number): number {
  return a === undefined ? b : Math.max(a, b)
}
