import { type DuckDBConnection, DuckDBInstance, type DuckDBResult, StatementType } from '@duckdb/node-api'
import type { Env } from '../env.ts'
import { QueryError } from './errors.ts'
import type { PartRef } from './file-source.ts'
import { HotTables } from './fresh/hot-tables.ts'
import { boundingMacros } from './guard.ts'
import { closedError, Gate } from './limits.ts'
import { literal } from './sql-text.ts'
import { cellReader, typeName } from './values.ts'

/** What an in-memory DuckDB may use. */
export interface DatabaseSettings {
  readonly env: Env
  /** Bytes for DuckDB's own buffers. */
  readonly memoryBytes: number
  readonly threads: number
  /** Where sorts and joins spill to; made by DuckDB when needed. */
  readonly tempDir: string
  readonly maxTempBytes: number
  /** Statements at a time; each occupies one thread of libuv's pool of four, which file reads of the process share. */
  readonly concurrency: number
  /** The only directory whose files may be opened; `null` for an internal database without a sandbox. */
  readonly sandboxDir: string | null
}

/** Bounds of one statement. */
export interface RunLimits {
  readonly timeoutMs: number
  readonly signal?: AbortSignal | undefined
}

/** One column of a result. */
export interface Column {
  readonly name: string
  /** SQL type as DuckDB prints it, e.g. `DECIMAL(38,20)`, `BIGINT`, `JSON`, `VARCHAR[]`. */
  readonly type: string
}

/** A statement's parameters: `$1`, `$2`, … as an array, or `$name` as an object. */
export type SqlParams = readonly SqlParam[] | Readonly<Record<string, SqlParam>>
/** Numbers that are integers bind as integers, others as DOUBLE; pass exact decimals as strings and cast them in the SQL. */
export type SqlParam = string | number | bigint | boolean | null

/** How often a stopping statement is told again: an interrupt that arrives before the statement starts is forgotten by DuckDB. */
const REPEAT_MS = 20
/** How long a stopped statement may take to notice, before its caller is told without it. */
const GRACE_MS = 400
const WATCH_MS = 50
/** Bound for filling tables from journals: a backlog of 256 MiB takes 2 s. */
const FILL_MS = 60_000
/** What the process may grow beyond the memory limit: DuckDB does not count strings and results in it. */
const SLACK_BYTES = 768 * 2 ** 20

async function configure(connection: DuckDBConnection, settings: DatabaseSettings): Promise<void> {
  await connection.run(`SET GLOBAL TimeZone = 'UTC'`)
  // Parts never change, but a corrupt one must not be answered from a cached footer.
  await connection.run('SET enable_external_file_cache = false')
  if (settings.sandboxDir === null) return
  for (const macro of boundingMacros()) await connection.run(macro)
  const dir = settings.sandboxDir.endsWith('/') ? settings.sandboxDir : `${settings.sandboxDir}/`
  await connection.run(`SET allowed_directories = [${literal(dir)}]`)
  await connection.run('SET enable_external_access = false')
  await connection.run('SET lock_configuration = true')
}

/** An in-memory DuckDB with connections that live for one statement, so that no caller meets another's temporary state. */
export class Database {
  readonly #instance: DuckDBInstance
  readonly #settings: DatabaseSettings
  readonly #gate: Gate
  readonly #running = new Set<Promise<unknown>>()
  readonly #stops = new Set<(reason: Error) => void>()
  readonly #hot = new HotTables()
  #baseline = 0
  #closed = false

  private constructor(instance: DuckDBInstance, settings: DatabaseSettings) {
    this.#instance = instance
    this.#settings = settings
    this.#gate = new Gate(settings.concurrency)
  }

  static async open(settings: DatabaseSettings): Promise<Database> {
    const instance = await DuckDBInstance.create(':memory:', {
      threads: String(settings.threads),
      memory_limit: `${settings.memoryBytes}B`,
      temp_directory: settings.tempDir,
      max_temp_directory_size: `${settings.maxTempBytes}B`,
      autoinstall_known_extensions: 'false',
      autoload_known_extensions: 'false',
      allow_community_extensions: 'false',
    })
    const connection = await instance.connect()
    try {
      await configure(connection, settings)
    } catch (error) {
      connection.closeSync()
      instance.closeSync()
      throw error
    }
    connection.closeSync()
    return new Database(instance, settings)
  }

  /** Fills the tables of those parts that are only in a journal yet; SQL over the files may run until the answer is disposed. */
  hold(files: readonly PartRef[], signal?: AbortSignal): Promise<Disposable> {
    return this.#hot.hold(files, (job) => this.use({ timeoutMs: FILL_MS, signal }, job))
  }

  /** Runs `job` on a fresh connection within the limits; whatever stops it decides the error. */
  async use<T>(limits: RunLimits, job: (connection: DuckDBConnection) => Promise<T>): Promise<T> {
    if (this.#closed) throw closedError()
    const leave = await this.#gate.enter(limits.signal)
    if (this.#closed) {
      leave()
      throw closedError()
    }
    let connection: DuckDBConnection
    try {
      connection = await this.#instance.connect()
    } catch (error) {
      leave()
      throw error
    }
    return this.#supervise(connection, leave, limits, job)
  }

  async #supervise<T>(
    connection: DuckDBConnection,
    leave: () => void,
    { timeoutMs, signal }: RunLimits,
    job: (connection: DuckDBConnection) => Promise<T>,
  ): Promise<T> {
    const { clock } = this.#settings.env
    let settled = false
    let stopped: Error | undefined
    const given = Promise.withResolvers<never>()
    given.promise.catch(() => undefined)
    const interrupt = () => {
      if (settled) return
      connection.interrupt()
      clock.timer(REPEAT_MS, interrupt)
    }
    const stop = (reason: Error) => {
      if (stopped || settled) return
      stopped = reason
      interrupt()
      clock.timer(GRACE_MS, () => given.reject(reason), { keepAlive: true })
    }
    const abort = () => stop(signal?.reason as Error)
    const cancelTimeout = clock.timer(timeoutMs, () =>
      stop(
        new QueryError(
          'QUERY_TIMEOUT',
          `the statement ran longer than ${timeoutMs} ms; narrow it (game_id, date) or raise the timeout`,
          {
            context: { timeoutMs },
          },
        ),
      ),
    )
    if (signal?.aborted) abort()
    signal?.addEventListener('abort', abort, { once: true })
    this.#stops.add(stop)
    if (this.#running.size === 0) this.#watch()
    const work = job(connection).finally(() => {
      settled = true
      cancelTimeout()
      signal?.removeEventListener('abort', abort)
      this.#stops.delete(stop)
      this.#running.delete(work)
      connection.closeSync()
      leave()
    })
    this.#running.add(work)
    work.catch(() => undefined)
    try {
      const result = await Promise.race([work, given.promise])
      if (stopped) throw stopped
      return result
    } catch (error) {
      throw stopped ?? error
    }
  }

  /** Stops every statement when the process grows far beyond the memory limit: strings and results are not counted by DuckDB. */
  #watch(): void {
    const { env, memoryBytes } = this.#settings
    this.#baseline = process.memoryUsage.rss()
    const limit = this.#baseline + memoryBytes + SLACK_BYTES
    const look = () => {
      if (this.#stops.size === 0) return
      const rss = process.memoryUsage.rss()
      if (rss > limit) {
        const reason = new QueryError(
          'QUERY_MEMORY',
          `the process grew to ${Math.round(rss / 2 ** 20)} MiB while running the statement`,
          {
            context: { rss, limit },
          },
        )
        for (const stop of this.#stops) stop(reason)
      }
      env.clock.timer(WATCH_MS, look)
    }
    env.clock.timer(WATCH_MS, look)
  }

  /** Interrupts what runs, waits for it, and frees the memory. Calling it twice is fine. */
  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    for (const stop of this.#stops) stop(closedError())
    await Promise.allSettled([...this.#running])
    this.#instance.closeSync()
  }
}

/** A result. Of {@link run} it is complete in memory, so nothing that happens to the files later can shorten it. */
export class Rows {
  readonly columns: readonly Column[]
  readonly #result: DuckDBResult
  readonly #readers: ((value: never) => unknown)[]

  constructor(result: DuckDBResult) {
    this.#result = result
    const names = result.deduplicatedColumnNames()
    this.columns = names.map((name, index) => ({ name, type: typeName(result.columnType(index)) }))
    this.#readers = names.map((_, index) => cellReader(result.columnType(index)) as (value: never) => unknown)
  }

  /** Chunks of up to 2,048 converted rows; each `await` lets the event loop turn. */
  async *chunks(): AsyncGenerator<unknown[][]> {
    for (;;) {
      const chunk = await this.#result.fetchChunk()
      if (chunk === null || chunk.rowCount === 0) return
      const rows: unknown[][] = Array.from({ length: chunk.rowCount }, () => new Array<unknown>(this.#readers.length))
      for (const [index, read] of this.#readers.entries()) {
        const values = chunk.getColumnValues(index)
        for (const [at, row] of rows.entries()) {
          const value = values[at] ?? null
          row[index] = value === null ? null : read(value as never)
        }
      }
      yield rows
    }
  }
}

const isList = (params: SqlParams): params is readonly SqlParam[] => Array.isArray(params)

/**
 * Runs one statement to its end, with parameters.
 *
 * Materialised on purpose: the streaming results of this binding end early, without an error, when a file vanishes or a value
 * cannot be read.
 *
 * @param check told, before anything runs, whether DuckDB itself classifies the statement as one that only reads
 */
export async function run(
  connection: DuckDBConnection,
  sql: string,
  params: SqlParams = [],
  check?: (reads: boolean) => void,
): Promise<Rows> {
  const prepared = await connection.prepare(sql)
  try {
    check?.(prepared.statementType === StatementType.SELECT || prepared.statementType === StatementType.EXPLAIN)
    if (Object.keys(params).length > 0) prepared.bind(isList(params) ? [...params] : { ...params })
    return new Rows(await prepared.run())
  } finally {
    prepared.destroySync()
  }
}

/** Number of statements in a text, by DuckDB's parser. @throws DuckDB's parser error */
export async function countStatements(connection: DuckDBConnection, sql: string): Promise<number> {
  return (await connection.extractStatements(sql)).count
}
