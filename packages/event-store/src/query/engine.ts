import os from 'node:os'
import path from 'node:path'
import type { EngineChoice, EngineStatus, RemoteSql } from '../engines/remote-sql.ts'
import { type Env, systemEnv } from '../env.ts'
import { storePaths } from '../paths.ts'
import { Database, type SqlParams } from './duckdb.ts'
import { type Cursor, type EventFilter, type EventRow, readCursor, readEvents, readEventsAfter } from './events.ts'
import { type ExportOptions, type ExportResult, exportParquet } from './export.ts'
import { catalogSource, type FileSource } from './file-source.ts'
import { type Game, type GameFilter, readGames } from './games.ts'
import { closedError, parseSize, positiveInteger } from './limits.ts'
import { Reader, type ReadOptions } from './reader.ts'
import { Sandbox, type SqlResult } from './sandbox.ts'
import { readSessions, type Session } from './sessions.ts'
import { readTicks, type Tick, type TickFilter } from './ticks.ts'
import { readTrades, type Trade, type TradeFilter } from './trades.ts'

/** How to open a query engine. */
export interface QueryOptions {
  /** Data directory, the one given to `openEventStore`. It need not exist yet. */
  readonly dir: string
  /** Row cap of `sql()`, default 10,000. */
  readonly maxRows?: number
  /** Of each statement, default 30,000 ms. */
  readonly timeoutMs?: number
  /** DuckDB's buffers, e.g. `2GB`; default `1GB`. Larger sorts and joins spill to `tempDir`. */
  readonly memoryLimit?: string | number
  /** Default: the machine's, at most 4. */
  readonly threads?: number
  /** Directory for spilled data; default one of its own under the system's temporary directory, removed by `close()`. */
  readonly tempDir?: string
  /** Most that may be spilled, default `4GB`. */
  readonly maxTempSize?: string | number
  /** Statements at a time, default 3; more wait in line. */
  readonly concurrency?: number
  /** Where the list of files comes from; default the directory's catalog. */
  readonly source?: FileSource
  /** Who answers; default `local`. `motherduck` needs a `remote` that answers, `auto` falls back to the local engine. */
  readonly engine?: EngineChoice
  /** The other database; the caller closes it. */
  readonly remote?: RemoteSql
  readonly env?: Env
}

/** Options of one SQL statement. */
export interface SqlOptions extends ReadOptions {
  /** `$1, $2, …` as an array, or `$name` as an object. */
  readonly params?: SqlParams | undefined
  /** Default the engine's. The result says `truncated` when there was more. */
  readonly maxRows?: number | undefined
  /** Cap on the text of a result, in characters, default 64 Mi. */
  readonly maxChars?: number | undefined
}

/** Read-only SQL and typed views over the part files that the catalog lists. */
export interface QueryEngine extends AsyncDisposable {
  /**
   * Runs one statement of an untrusted caller: SELECT, DESCRIBE, SHOW, SUMMARIZE or EXPLAIN over the views.
   *
   * @throws QueryError QUERY_SQL, QUERY_FORBIDDEN, QUERY_TIMEOUT, QUERY_MEMORY, QUERY_FILE_MISSING, QUERY_FILE_CORRUPT
   */
  sql(text: string, options?: SqlOptions): Promise<SqlResult>
  /** As {@link sql} without a row cap, row by row as objects. The whole result is in memory before the first row. */
  stream(text: string, options?: Omit<SqlOptions, 'maxRows' | 'maxChars'>): AsyncIterable<Record<string, unknown>>
  /** Writes all rows of a statement to a Parquet file at a path of the caller. */
  toParquet(text: string, file: string, options?: ExportOptions): Promise<ExportResult>
  games(filter?: GameFilter): AsyncIterable<Game>
  /** Every event of a game once (no projections), by receive time. */
  eventsOfGame(gameId: string, filter?: Omit<EventFilter, 'gameId'>): AsyncIterable<EventRow>
  events(filter?: EventFilter): AsyncIterable<EventRow>
  ticks(filter: TickFilter): AsyncIterable<Tick>
  trades(filter?: TradeFilter): AsyncIterable<Trade>
  sessions(options?: ReadOptions): AsyncIterable<Session>
  /** Canonical rows that the cursor has not seen. Remember the `seq` of each session's rows for the next call. */
  eventsAfter(
    cursor: Cursor,
    filter?: Pick<EventFilter, 'gameId' | 'sessionId' | 'events' | 'limit' | 'signal' | 'timeoutMs'>,
  ): AsyncIterable<EventRow>
  /** The cursor of everything stored now. */
  cursor(options?: ReadOptions): Promise<Cursor>
  /** Grows when the list of files changes: poll it, then call {@link eventsAfter}. */
  generation(): number
  /** Which engine answers, and why. */
  status(): EngineStatus
  /** Interrupts what runs and frees everything. Calling it twice is fine. */
  close(): Promise<void>
}

/**
 * Opens the query engine of a data directory: DuckDB in memory over the explicit list of files in the catalog.
 *
 * An empty or absent directory answers with no rows and the same columns. The list is looked up before every statement, so that
 * rows show as soon as their part is in the catalog.
 *
 * @throws TypeError for a bad option
 */
export async function openQuery(options: QueryOptions): Promise<QueryEngine> {
  const env = options.env ?? systemEnv()
  const source = options.source ?? catalogSource(options.dir, env)
  const ownTemp = options.tempDir === undefined
  const name = `vectra-query-${process.pid}-${Buffer.from(env.random.bytes(6)).toString('hex')}`
  const tempDir = options.tempDir ?? path.join(os.tmpdir(), name)
  const settings = {
    env,
    memoryBytes: parseSize(options.memoryLimit ?? '1GB'),
    threads: positiveInteger('threads', options.threads ?? Math.min(4, os.availableParallelism())),
    tempDir,
    maxTempBytes: parseSize(options.maxTempSize ?? '4GB'),
    concurrency: positiveInteger('concurrency', options.concurrency ?? 3),
  }
  const timeoutMs = positiveInteger('timeoutMs', options.timeoutMs ?? 30_000)
  const maxRows = positiveInteger('maxRows', options.maxRows ?? 10_000)
  const events = storePaths(options.dir).events
  const database = await Database.open({ ...settings, sandboxDir: events })
  const reader = new Reader(database, source, env, timeoutMs)
  const sandbox = new Sandbox(database, source, reader)
  let closed: Promise<void> | undefined

  const alive = () => {
    if (closed !== undefined) throw closedError()
  }
  const iterate = <T>(make: () => AsyncGenerator<T, void, undefined>): AsyncIterable<T> => {
    alive()
    return make()
  }

  const engine: QueryEngine = {
    async sql(text, call = {}) {
      alive()
      return sandbox.sql(text, {
        params: call.params ?? [],
        maxRows: positiveInteger('maxRows', call.maxRows ?? maxRows),
        maxChars: positiveInteger('maxChars', call.maxChars ?? 64 * 2 ** 20),
        timeoutMs: positiveInteger('timeoutMs', call.timeoutMs ?? timeoutMs),
        signal: call.signal,
      })
    },
    stream: (text, call = {}) =>
      iterate(() =>
        sandbox.stream(text, { params: call.params ?? [], timeoutMs: call.timeoutMs ?? timeoutMs, signal: call.signal }),
      ),
    async toParquet(text, file, call = {}) {
      alive()
      return exportParquet({
        text,
        file,
        options: { timeoutMs, ...call },
        sandbox,
        source,
        settings,
        dataDir: storePaths(options.dir).root,
      })
    },
    games: (filter = {}) => iterate(() => readGames(reader, filter)),
    eventsOfGame: (gameId, filter = {}) => iterate(() => readEvents(reader, { ...filter, gameId })),
    events: (filter = {}) => iterate(() => readEvents(reader, filter)),
    ticks: (filter) => iterate(() => readTicks(reader, filter)),
    trades: (filter = {}) => iterate(() => readTrades(reader, filter)),
    sessions: (call = {}) => iterate(() => readSessions(reader, call)),
    eventsAfter: (cursor, filter = {}) => iterate(() => readEventsAfter(reader, cursor, filter)),
    async cursor(call = {}) {
      alive()
      return readCursor(reader, call)
    },
    generation() {
      alive()
      return source.generation()
    },
    status: () => ({
      engine: 'local',
      reason: 'the local engine was asked for',
      remote: options.remote?.name ?? null,
      version: null,
    }),
    close() {
      closed ??= database.close().then(() => {
        source.close()
        if (ownTemp && env.fs.stat(tempDir) !== undefined) {
          for (const entry of env.fs.readdir(tempDir)) env.fs.unlink(path.join(tempDir, entry.name))
          env.fs.rmdir(tempDir)
        }
      })
      return closed
    },
    [Symbol.asyncDispose]: () => engine.close(),
  }
  return engine
}
