import os from 'node:os'
import path from 'node:path'
import type { Completeness } from '../completeness.ts'
import { RemoteEngine } from '../engines/remote-engine.ts'
import type { EngineChoice, EngineStatus, RemoteSql } from '../engines/remote-sql.ts'
import { type Env, systemEnv } from '../env.ts'
import { type CheckMode, FileCheck } from '../integrity/file-check.ts'
import { storePaths } from '../paths.ts'
import { type ArrowResult, toArrowTable } from './arrow.ts'
import { Database, type SqlParams } from './duckdb.ts'
import { type Cursor, type EventFilter, type EventRow, readCursor, readEvents, readEventsAfter } from './events.ts'
import { type ExportFormat, type ExportOptions, type ExportResult, exportRows } from './export.ts'
import { catalogSource, type FileSource } from './file-source.ts'
import { freshSource } from './fresh/fresh-source.ts'
import { type Game, type GameFilter, readGames } from './games.ts'
import { type JudgeDeps, judge } from './judge.ts'
import { judgeEvents, judgeGame, judgeGames } from './judge-games.ts'
import { closedError, parseSize, positiveInteger } from './limits.ts'
import { Reader, type ReadOptions } from './reader.ts'
import { type Reading, reading } from './reading.ts'
import { type Reach, Sandbox, type SqlResult } from './sandbox.ts'
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
  /** Also acknowledged rows that are only in the journal yet, each row once; default false. Any process may ask. */
  readonly fresh?: boolean
  /** What to do about a part that is missing or damaged: leave it out and say so in the completeness (default), or fail. */
  readonly badFiles?: 'omit' | 'fail'
  /** How files are looked at before use: every byte, once for each file (default), or only that they are there with their size. */
  readonly checkFiles?: CheckMode
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

/** Result of one statement, and what is known to be missing from the rows it was made of. */
export interface SqlAnswer extends SqlResult {
  readonly completeness: Completeness
  /** Who answered: with a remote engine, some questions are still answered here (EXPLAIN, SHOW, table functions, `fresh`). */
  readonly answeredBy: 'local' | 'motherduck'
}

/** Read-only SQL and typed views over the part files that the catalog lists. */
export interface QueryEngine extends AsyncDisposable {
  /**
   * Runs one statement of an untrusted caller: SELECT, DESCRIBE, SHOW, SUMMARIZE or EXPLAIN over the views.
   *
   * @throws QueryError QUERY_SQL, QUERY_FORBIDDEN, QUERY_TIMEOUT, QUERY_MEMORY, QUERY_FILE_MISSING, QUERY_FILE_CORRUPT
   */
  sql(text: string, options?: SqlOptions): Promise<SqlAnswer>
  /** As {@link sql} without a row cap, row by row as objects. The whole result is in memory before the first row. */
  stream(text: string, options?: Omit<SqlOptions, 'maxRows' | 'maxChars'>): Reading<Record<string, unknown>>
  /** As {@link sql}, with the rows as an Arrow table: money as Decimal128, exact. */
  toArrow(text: string, options?: SqlOptions): Promise<ArrowResult & Pick<SqlAnswer, 'completeness'>>
  /** Writes all rows of a statement to a Parquet file at a path of the caller. */
  toParquet(text: string, file: string, options?: ExportOptions): Promise<ExportResult & { readonly completeness: Completeness }>
  /** As {@link toParquet} in any format; text is written chunk by chunk, whatever the size of the answer. */
  toFile(
    text: string,
    file: string,
    options: ExportOptions & { readonly format: ExportFormat },
  ): Promise<ExportResult & Pick<SqlAnswer, 'completeness'>>
  /** As {@link toFile}, as pieces for somebody who downloads it; its file is in the engine's own temporary directory and goes with the last piece. */
  toPieces(
    text: string,
    options: ExportOptions & { readonly format: ExportFormat },
  ): Promise<ExportResult & Pick<SqlAnswer, 'completeness'> & { readonly pieces: AsyncIterable<Uint8Array> }>
  games(filter?: GameFilter): Reading<Game>
  /** Every event of a game once (no projections), by receive time. */
  eventsOfGame(gameId: string, filter?: Omit<EventFilter, 'gameId'>): Reading<EventRow>
  events(filter?: EventFilter): Reading<EventRow>
  ticks(filter: TickFilter): Reading<Tick>
  trades(filter?: TradeFilter): Reading<Trade>
  sessions(options?: ReadOptions): Reading<Session>
  /** Canonical rows that the cursor has not seen. Remember the `seq` of each session's rows for the next call. */
  eventsAfter(
    cursor: Cursor,
    filter?: Pick<EventFilter, 'gameId' | 'sessionId' | 'events' | 'limit' | 'signal' | 'timeoutMs' | 'fresh'>,
  ): Reading<EventRow>
  /** The cursor of everything stored now. */
  cursor(options?: ReadOptions): Promise<Cursor>
  /** Grows when the list of files changes: poll it, then call {@link eventsAfter}. */
  generation(): number
  /** Which engine answers, and why, as far as it was asked. */
  status(): EngineStatus
  /** Asks the remote engine, if there is one, and gives the status. @throws QueryError QUERY_REMOTE when it must answer and does not */
  probe(options?: Pick<ReadOptions, 'signal'>): Promise<EngineStatus>
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
  const paths = storePaths(options.dir)
  const catalog = options.source === undefined ? catalogSource(options.dir, env) : undefined
  const stored = options.source ?? catalog
  if (stored === undefined) throw new Error('unreachable: there is a source, or the catalog is one')
  const fresh = catalog === undefined ? undefined : freshSource(catalog, env, paths)
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
  const database = await Database.open({ ...settings, sandboxDir: paths.events })
  const check = new FileCheck(env, paths)
  const reader = new Reader(database, env, {
    stored,
    fresh,
    readFresh: options.fresh ?? false,
    timeoutMs,
    check,
    checkMode: options.checkFiles ?? 'content',
    badFiles: options.badFiles ?? 'omit',
  })
  const choice = options.engine ?? 'local'
  const remote = choice === 'local' ? undefined : new RemoteEngine(choice, options.remote, env)
  const sandbox = new Sandbox(database, reader, remote)
  const deps: JudgeDeps = { reader, fresh, catalog: () => catalog?.catalog() }
  let closed: Promise<void> | undefined

  const alive = () => {
    if (closed !== undefined) throw closedError()
  }
  const read = <T>(make: () => AsyncGenerator<T, void, undefined>, completeness: () => Promise<Completeness>): Reading<T> => {
    alive()
    return reading(make(), async () => {
      alive()
      return completeness()
    })
  }
  const newReach = (): Reach => ({ docTypes: new Set(), bad: [] })
  const judgeReach = (reach: Reach, call: ReadOptions): Promise<Completeness> => {
    const bad = reach.bad.filter(({ file }) => reach.docTypes.has(file.docType))
    // An export meets a bad file twice: when its statement is bound, and when it runs.
    const once = new Map(bad.map((met) => [met.file.absolutePath, met]))
    return judge(deps, { docTypes: [...reach.docTypes] }, call, [...once.values()])
  }
  const sandboxCall = (call: Omit<SqlOptions, 'maxRows' | 'maxChars'>) => ({
    params: call.params ?? [],
    timeoutMs: positiveInteger('timeoutMs', call.timeoutMs ?? timeoutMs),
    signal: call.signal,
    fresh: call.fresh,
  })

  const engine: QueryEngine = {
    async sql(text, call = {}) {
      alive()
      const reach = newReach()
      const limits = {
        maxRows: positiveInteger('maxRows', call.maxRows ?? maxRows),
        maxChars: positiveInteger('maxChars', call.maxChars ?? 64 * 2 ** 20),
      }
      const result = await sandbox.sql(text, { ...sandboxCall(call), ...limits }, reach)
      return { ...result, completeness: await judgeReach(reach, call), answeredBy: reach.answeredBy ?? 'local' }
    },
    stream: (text, call = {}) => {
      const reach = newReach()
      return read(
        () => sandbox.stream(text, sandboxCall(call), reach),
        () => judgeReach(reach, call),
      )
    },
    async toArrow(text, call = {}) {
      const { columns, rows, truncated, truncatedBy, completeness } = await engine.sql(text, call)
      return { table: await toArrowTable({ columns, rows }), truncated, truncatedBy, completeness }
    },
    toParquet: (text, file, call = {}) => engine.toFile(text, file, { ...call, format: 'parquet' }),
    async toFile(text, file, { format, ...call }) {
      alive()
      const reach = newReach()
      const result = await exportRows({
        text,
        file,
        format,
        options: { timeoutMs, ...call },
        sandbox,
        reader,
        reach,
        settings,
        dataDir: paths.root,
      })
      return { ...result, completeness: await judgeReach(reach, call) }
    },
    async toPieces(text, options) {
      alive()
      env.fs.mkdir(tempDir)
      const file = path.join(tempDir, `download-${Buffer.from(env.random.bytes(8)).toString('hex')}`)
      const result = await engine.toFile(text, file, options)
      return { ...result, pieces: removedAfter(env, file) }
    },
    games: (filter = {}) =>
      read(
        () => readGames(reader, filter),
        () => judgeGames(deps, filter),
      ),
    eventsOfGame: (gameId, filter = {}) =>
      read(
        () => readEvents(reader, { ...filter, gameId }),
        () => judgeEvents(deps, { ...filter, gameId }),
      ),
    events: (filter = {}) =>
      read(
        () => readEvents(reader, filter),
        () => judgeEvents(deps, filter),
      ),
    ticks: (filter) =>
      read(
        () => readTicks(reader, filter),
        () => judgeGame(deps, filter.gameId, ['game_tick'], filter),
      ),
    trades: (filter = {}) =>
      read(
        () => readTrades(reader, filter),
        () => judgeEvents(deps, { ...filter, docTypes: ['ws_event'] }),
      ),
    sessions: (call = {}) =>
      read(
        () => readSessions(reader, call),
        () => judge(deps, {}, call),
      ),
    eventsAfter: (cursor, filter = {}) =>
      read(
        () => readEventsAfter(reader, cursor, filter),
        () => judge(deps, { sessionId: filter.sessionId }, filter),
      ),
    async cursor(call = {}) {
      alive()
      return readCursor(reader, call)
    },
    generation() {
      alive()
      return reader.source({}).generation()
    },
    status: () =>
      remote?.status ?? {
        engine: 'local',
        reason: 'the local engine was asked for',
        remote: options.remote?.name ?? null,
        version: null,
      },
    async probe(call = {}) {
      alive()
      await remote?.ready(call.signal)
      return engine.status()
    },
    close() {
      closed ??= database.close().then(() => {
        check.close()
        fresh?.close()
        stored.close()
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

/** The file's bytes; it is removed when they were read, or when nobody goes on reading. */
async function* removedAfter(env: Env, file: string): AsyncGenerator<Uint8Array, void, undefined> {
  try {
    for (const piece of env.fs.pieces(file)) yield Uint8Array.from(piece)
  } finally {
    if (env.fs.stat(file) !== undefined) env.fs.unlink(file)
  }
}
