import { type DocType, type Micros, VectraError } from '@vectra/schemas'
import type { Env } from '../env.ts'
import { utcDate } from '../paths.ts'
import { type Database, type Rows, run, type SqlParam } from './duckdb.ts'
import { QueryError } from './errors.ts'
import { fileError } from './file-errors.ts'
import type { FileSource, PartRef } from './file-source.ts'

/** Options every helper takes. */
export interface ReadOptions {
  /** Stops the work; the iteration then throws the signal's reason. */
  readonly signal?: AbortSignal | undefined
  /** Of each statement, in milliseconds; default the engine's. */
  readonly timeoutMs?: number | undefined
}

/** SQL of our own over an explicit file list. Dates and times go in as text or integers and are cast in the SQL. */
export interface Statement {
  readonly sql: string
  readonly params?: Readonly<Record<string, SqlParam>>
}

/** Bounds that let whole files be left out. All are optional; files that do not say are kept. */
export interface FileFilter {
  readonly docTypes?: readonly DocType[] | undefined
  /** Inclusive. */
  readonly since?: Micros | undefined
  /** Exclusive. */
  readonly until?: Micros | undefined
  readonly sessionId?: string | undefined
}

/** The files that can hold rows inside the bounds. */
export function chooseFiles(files: readonly PartRef[], filter: FileFilter): PartRef[] {
  const { docTypes, since, until, sessionId } = filter
  const firstDate = since === undefined ? '' : utcDate(since)
  const lastDate = until === undefined ? '9999-12-31' : utcDate(until)
  return files.filter(
    (file) =>
      (docTypes === undefined || docTypes.includes(file.docType)) &&
      file.date >= firstDate &&
      file.date <= lastDate &&
      (since === undefined || file.tsMax === undefined || file.tsMax >= since) &&
      (until === undefined || file.tsMin === undefined || file.tsMin < until) &&
      (sessionId === undefined || file.sessionId === undefined || file.sessionId === null || file.sessionId === sessionId),
  )
}

const RETRIES = 3

/** True for a file that is gone because a newer list took its place while the statement was on its way. */
function isOutdated(error: unknown, generation: number, source: FileSource): boolean {
  return error instanceof QueryError && error.code === 'QUERY_FILE_MISSING' && source.generation() !== generation
}

/** Runs statements over the live files: pins a list, names the bad file when one fails, takes a newer list when one was replaced. */
export class Reader {
  readonly #database: Database
  readonly #source: FileSource
  readonly #env: Env
  readonly #timeoutMs: number

  constructor(database: Database, source: FileSource, env: Env, timeoutMs: number) {
    this.#database = database
    this.#source = source
    this.#env = env
    this.#timeoutMs = timeoutMs
  }

  /** Runs the statement that `build` makes of the live files; the result is complete before the first row is given out. */
  async read(build: (files: readonly PartRef[]) => Statement, options: ReadOptions): Promise<Rows> {
    for (let attempt = 1; ; attempt++) {
      using snapshot = this.#source.snapshot()
      try {
        return await this.#once(build(snapshot.files), snapshot.files, options)
      } catch (error) {
        if (attempt >= RETRIES || !isOutdated(error, snapshot.generation, this.#source)) throw error
      }
    }
  }

  async #once(
    statement: Statement,
    files: readonly PartRef[],
    { signal, timeoutMs = this.#timeoutMs }: ReadOptions,
  ): Promise<Rows> {
    try {
      return await this.#database.use({ timeoutMs, signal }, (connection) => run(connection, statement.sql, statement.params))
    } catch (error) {
      throw await this.explain(error, files, signal)
    }
  }

  /** The typed error for a failed statement of ours: the file to blame, the memory, or a fault of the engine. */
  async explain(error: unknown, files: readonly PartRef[], signal?: AbortSignal): Promise<unknown> {
    if (error instanceof VectraError || (signal?.aborted && error === signal.reason)) return error
    return (
      memoryError(error) ??
      (await fileError(error, files, this.#database, this.#env)) ??
      new QueryError('QUERY_FAILED', `the query engine failed: ${error instanceof Error ? error.message : String(error)}`, {
        cause: error,
      })
    )
  }

  /** {@link read}, row by row. Stops on `break`; checks the signal between chunks. */
  async *rows<T>(
    build: (files: readonly PartRef[]) => Statement,
    map: (row: readonly unknown[]) => T,
    options: ReadOptions,
  ): AsyncGenerator<T, void, undefined> {
    const result = await this.read(build, options)
    for await (const chunk of result.chunks()) {
      options.signal?.throwIfAborted()
      for (const row of chunk) yield map(row)
    }
  }
}

/** QUERY_MEMORY for DuckDB's out-of-memory messages; `undefined` for others. */
export function memoryError(error: unknown): QueryError | undefined {
  const message = error instanceof Error ? error.message : String(error)
  if (!/^Out of Memory Error|std::bad_alloc|longer than 0x1fffffe8 characters|max_temp_directory_size/.test(message))
    return undefined
  const detail = message.split('\n')[0] ?? message
  return new QueryError('QUERY_MEMORY', `${detail}; narrow the statement, or raise memoryLimit`, { cause: error })
}
