import type { Direction, DocType, EventSource, Micros } from '@vectra/schemas'
import type { Decimal } from 'decimal.js'
import { COLUMNS, type ColumnName, type ColumnType } from '../columns.ts'
import type { SqlParam } from './duckdb.ts'
import type { PartRef } from './file-source.ts'
import { chooseFiles, type Reader, type ReadOptions, type Statement } from './reader.ts'
import { relation } from './views.ts'

type Cell<T extends ColumnType> = T extends 'VARCHAR'
  ? string
  : T extends 'BOOLEAN'
    ? boolean
    : T extends `DECIMAL${string}`
      ? Decimal
      : number

type Cells = { readonly [K in ColumnName]: Cell<(typeof COLUMNS)[K]> | null }

/**
 * One stored row, under its column names: `ts` in microseconds UTC, money and prices exact, everything else as in the columns.
 *
 * `packet + raw_json` is the frame, byte for byte; both are null in projections (`game_tick`, `player_action`, `server_state` of a frame).
 */
export interface EventRow extends Omit<Cells, 'ts' | 'seq' | 'source' | 'session_id' | 'direction' | 'event_name'> {
  readonly doc_type: DocType
  /** UTC receive date, `YYYY-MM-DD`. */
  readonly date: string
  readonly ts: Micros
  readonly seq: number
  readonly source: EventSource
  readonly session_id: string
  readonly direction: Direction
  readonly event_name: string
}

/** Which events, in which order. */
export interface EventFilter extends ReadOptions {
  readonly gameId?: string | undefined
  readonly sessionId?: string | undefined
  /** Event names, e.g. `standard/newTrade`; any of them. */
  readonly events?: readonly string[] | undefined
  /** Default: canonical rows only, each event once. Name doc types to get their rows, projections included. */
  readonly docTypes?: readonly DocType[] | undefined
  /** Receive time, inclusive. */
  readonly since?: Micros | undefined
  /** Receive time, exclusive. */
  readonly until?: Micros | undefined
  /** At most so many rows; default all. */
  readonly limit?: number | undefined
  /** By receive time; default `asc`. */
  readonly order?: 'asc' | 'desc' | undefined
  /** Rows fetched at a time, default 2,000: one page is in memory, never the whole answer. */
  readonly pageRows?: number | undefined
}

/** Last `seq` seen per session: what a tail remembers. A session that is not in it has been seen up to nothing. */
export type Cursor = Readonly<Record<string, number>>

const NAMES = ['doc_type', 'date', ...Object.keys(COLUMNS)]
const INTEGERS = new Set(Object.entries(COLUMNS).flatMap(([name, type]) => (type === 'BIGINT' ? [name] : [])))
const SELECT = NAMES.join(', ')

function eventRow(row: readonly unknown[]): EventRow {
  const record: Record<string, unknown> = {}
  for (const [index, name] of NAMES.entries()) {
    const value = row[index] ?? null
    record[name] = value !== null && INTEGERS.has(name) ? Number(value) : value
  }
  return record as unknown as EventRow
}

interface Position {
  readonly ts: Micros
  readonly sessionId: string
  readonly seq: number
  readonly docType: string
}

function conditions(filter: EventFilter, params: Record<string, SqlParam>): string[] {
  const found: string[] = []
  const add = (name: string, value: SqlParam | undefined, sql: string) => {
    if (value === undefined) return
    params[name] = value
    found.push(sql)
  }
  add('game', filter.gameId, 'game_id = $game')
  add('session', filter.sessionId, 'session_id = $session')
  add('since', filter.since === undefined ? undefined : BigInt(filter.since), 'ts >= make_timestamp($since::BIGINT)')
  add('until', filter.until === undefined ? undefined : BigInt(filter.until), 'ts < make_timestamp($until::BIGINT)')
  if (filter.docTypes === undefined) found.push('packet IS NOT NULL')
  if (filter.events !== undefined) {
    const names = filter.events.map((name, index) => {
      params[`event${index}`] = name
      return `$event${index}`
    })
    found.push(names.length === 0 ? 'false' : `event_name IN (${names.join(', ')})`)
  }
  return found
}

/** How far a paged read has come. */
interface Progress {
  /** The row given out last. */
  after?: Position
  /** Days up to and including this one are done (down to it, in descending order). */
  doneDate?: string
  /** Days to look at next: doubled whenever they hold too little, so that a sparse answer takes few statements. */
  days: number
}

/** The next days' files, in reading order, and whether there are more days behind them. */
function nextDays(
  files: readonly PartRef[],
  progress: Progress,
  down: boolean,
): { chosen: PartRef[]; lastDate: string | undefined; more: boolean } {
  const { doneDate } = progress
  const open = doneDate === undefined ? files : files.filter((file) => (down ? file.date < doneDate : file.date > doneDate))
  const dates = [...new Set(open.map((file) => file.date))].sort()
  if (down) dates.reverse()
  const taken = new Set(dates.slice(0, progress.days))
  return { chosen: open.filter((file) => taken.has(file.date)), lastDate: [...taken].at(-1), more: dates.length > taken.size }
}

function pageStatement(chosen: readonly PartRef[], filter: EventFilter, rows: number, after: Position | undefined): Statement {
  const params: Record<string, SqlParam> = {}
  const where = conditions(filter, params)
  const down = filter.order === 'desc'
  if (after !== undefined) {
    Object.assign(params, {
      at_ts: BigInt(after.ts),
      at_session: after.sessionId,
      at_seq: BigInt(after.seq),
      at_type: after.docType,
    })
    const at = '(make_timestamp($at_ts::BIGINT), $at_session, $at_seq::BIGINT, $at_type)'
    // The plain bound on ts repeats the tuple's, because only that one skips row groups.
    where.push(
      `ts ${down ? '<=' : '>='} make_timestamp($at_ts::BIGINT)`,
      `(ts, session_id, seq, doc_type) ${down ? '<' : '>'} ${at}`,
    )
  }
  const direction = down ? 'DESC' : 'ASC'
  const order = ['ts', 'session_id', 'seq', 'doc_type'].map((name) => `${name} ${direction}`).join(', ')
  return {
    sql: `SELECT ${SELECT} FROM ${relation(chosen)} ${where.length > 0 ? `WHERE ${where.join(' AND ')}` : ''} ORDER BY ${order} LIMIT ${rows}`,
    params,
  }
}

/**
 * Events that match, by receive time, then session, `seq` and doc type.
 *
 * Read day by day and page by page, each page one complete result: a slow consumer holds nothing but its page, and a part that
 * vanishes half-way raises QUERY_FILE_MISSING instead of ending the iteration.
 */
export async function* readEvents(reader: Reader, filter: EventFilter): AsyncGenerator<EventRow, void, undefined> {
  const down = filter.order === 'desc'
  const pageRows = filter.pageRows ?? 2_000
  // One game's rows are few and anywhere: all days at once, their statistics tell them apart.
  const progress: Progress = { days: filter.gameId === undefined ? 1 : Number.POSITIVE_INFINITY }
  let left = filter.limit ?? Number.POSITIVE_INFINITY
  while (left > 0) {
    const wanted = Math.min(pageRows, left)
    const { after } = progress
    let days = { lastDate: undefined as string | undefined, more: false }
    const build = (files: readonly PartRef[]): Statement => {
      const matching = chooseFiles(files, {
        docTypes: filter.docTypes,
        sessionId: filter.sessionId,
        gameId: filter.gameId,
        since: after !== undefined && !down ? after.ts : filter.since,
        until: after !== undefined && down ? after.ts + 1 : filter.until,
      })
      const next = nextDays(matching, progress, down)
      days = next
      return pageStatement(next.chosen, filter, wanted, after)
    }
    let got = 0
    for await (const row of reader.rows(build, eventRow, filter)) {
      got++
      progress.after = { ts: row.ts, sessionId: row.session_id, seq: row.seq, docType: row.doc_type }
      yield row
    }
    left -= got
    if (got === wanted) continue
    if (!days.more || days.lastDate === undefined) return
    progress.doneDate = days.lastDate
    progress.days *= 2
  }
}

/**
 * Canonical rows behind a cursor, in an order that follows both receive time and each session's `seq`: remembering the `seq` of
 * every row given out makes a cursor that misses nothing and repeats nothing, also when a clock stepped back.
 */
export async function* readEventsAfter(
  reader: Reader,
  cursor: Cursor,
  filter: Pick<EventFilter, 'gameId' | 'sessionId' | 'events' | 'limit' | 'signal' | 'timeoutMs'>,
): AsyncGenerator<EventRow, void, undefined> {
  const seen = Object.entries(cursor)
  const build = (files: readonly PartRef[]): Statement => {
    const params: Record<string, SqlParam> = {}
    const where = conditions(filter, params)
    const behind = seen.map(([sessionId, seq], index) => {
      params[`cursor${index}`] = sessionId
      params[`seq${index}`] = BigInt(seq)
      return `WHEN $cursor${index} THEN $seq${index}::BIGINT`
    })
    if (behind.length > 0) where.push(`seq > CASE session_id ${behind.join(' ')} ELSE 0 END`)
    const chosen = chooseFiles(files, { sessionId: filter.sessionId, gameId: filter.gameId }).filter((file) => {
      const seq = file.sessionId === undefined || file.sessionId === null ? undefined : cursor[file.sessionId]
      return seq === undefined || file.seqLast === undefined || file.seqLast > seq
    })
    return {
      sql: `SELECT ${SELECT} FROM ${relation(chosen)} WHERE ${where.join(' AND ')}
        ORDER BY max(ts) OVER (PARTITION BY session_id ORDER BY seq), session_id, seq
        ${filter.limit === undefined ? '' : `LIMIT ${Math.max(0, Math.floor(filter.limit))}`}`,
      params,
    }
  }
  yield* reader.rows(build, eventRow, filter)
}

/** Last `seq` of every session in the store: where a tail that wants only what is new starts. */
export async function readCursor(reader: Reader, options: ReadOptions): Promise<Cursor> {
  const build = (files: readonly PartRef[]): Statement => ({
    sql: `SELECT session_id, max(seq) FROM ${relation(files)} GROUP BY session_id`,
  })
  const cursor: Record<string, number> = {}
  for await (const [sessionId, seq] of reader.rows(build, (row) => row, options)) cursor[String(sessionId)] = Number(seq)
  return cursor
}
