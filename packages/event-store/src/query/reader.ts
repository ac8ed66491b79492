import { type DocType, type Micros, VectraError } from '@vectra/schemas'
import type { Env } from '../env.ts'
import { type BadFile, type CheckMode, type FileCheck, problemText } from '../integrity/file-check.ts'
import { utcDate } from '../paths.ts'
import { type Database, type Rows, run, type SqlParam } from './duckdb.ts'
import { QueryError } from './errors.ts'
import { badFileError, fileError } from './file-errors.ts'
import type { FileSnapshot, FileSource, PartRef } from './file-source.ts'
import { collectUse } from './part-use.ts'

/** Options every helper takes. */
export interface ReadOptions {
  /** Stops the work; the iteration then throws the signal's reason. */
  readonly signal?: AbortSignal | undefined
  /** Of each statement, in milliseconds; default the engine's. */
  readonly timeoutMs?: number | undefined
  /** Also acknowledged rows that are only in the journal yet; default the engine's. */
  readonly fresh?: boolean | undefined
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
  /** Files that hold no row of this game are left out. */
  readonly gameId?: string | undefined
}

/** Whether a file may hold rows of a game: ids compare by bytes, as the bounds do. */
function mayHold(file: PartRef, gameId: string): boolean {
  if (file.games === undefined) return true
  if (file.games === null) return false
  const id = Buffer.from(gameId)
  return id.compare(Buffer.from(file.games.first)) >= 0 && id.compare(Buffer.from(file.games.last)) <= 0
}

/** The files that can hold rows inside the bounds. */
export function chooseFiles(files: readonly PartRef[], filter: FileFilter): PartRef[] {
  const { docTypes, since, until, sessionId, gameId } = filter
  const firstDate = since === undefined ? '' : utcDate(since)
  const lastDate = until === undefined ? '9999-12-31' : utcDate(until)
  return files.filter(
    (file) =>
      (docTypes === undefined || docTypes.includes(file.docType)) &&
      file.date >= firstDate &&
      file.date <= lastDate &&
      (since === undefined || file.tsMax === undefined || file.tsMax >= since) &&
      (until === undefined || file.tsMin === undefined || file.tsMin < until) &&
      (sessionId === undefined || file.sessionId === undefined || file.sessionId === null || file.sessionId === sessionId) &&
      (gameId === undefined || mayHold(file, gameId)),
  )
}

const RETRIES = 3

/** Where rows come from, and what of it is trusted. */
export interface ReaderOptions {
  readonly stored: FileSource
  /** Journals too; absent where there are none to look at. */
  readonly fresh: FileSource | undefined
  /** Whether statements that do not say read the journals. */
  readonly readFresh: boolean
  readonly timeoutMs: number
  readonly check: FileCheck
  readonly checkMode: CheckMode
  readonly badFiles: 'omit' | 'fail'
}

/** A list of files without the bad ones, pinned until it is disposed. */
export interface Sound<T> extends Disposable {
  /** What `make` made of the sound files. */
  readonly made: T
  readonly files: readonly PartRef[]
  /** What was left out. */
  readonly omitted: readonly BadFile<PartRef>[]
  readonly snapshot: FileSnapshot
}

/** Told what a reading does without. */
export type OnBad = (bad: BadFile<PartRef>) => void

/** The list that was taken is not the current one any more, and lacks files because of that. */
class Outdated extends Error {}

/** Runs statements over the live files: pins a list, leaves bad files out and says so, takes a newer list when one was replaced. */
export class Reader {
  readonly #database: Database
  readonly #env: Env
  readonly #options: ReaderOptions

  constructor(database: Database, env: Env, options: ReaderOptions) {
    this.#database = database
    this.#env = env
    this.#options = options
  }

  /** The list of files that a call reads. */
  source({ fresh = this.#options.readFresh }: Pick<ReadOptions, 'fresh'>): FileSource {
    return fresh ? (this.#options.fresh ?? this.#options.stored) : this.#options.stored
  }

  /** Whether a call reads the journals. */
  isFresh({ fresh = this.#options.readFresh }: Pick<ReadOptions, 'fresh'>): boolean {
    return fresh && this.#options.fresh !== undefined
  }

  /** Those among the files whose rows must not be used. */
  bad(files: readonly PartRef[], signal?: AbortSignal): Promise<readonly BadFile<PartRef>[]> {
    const { check, checkMode } = this.#options
    const onDisk = files.filter((file) => file.hot === undefined)
    return check.bad(onDisk, checkMode, signal)
  }

  /**
   * Makes SQL of the current files, less those that turn out bad among what the SQL reads, and fills what tables it needs.
   *
   * @param condemned files that a former attempt could not read
   */
  async sound<T>(
    make: (files: readonly PartRef[]) => T,
    options: Pick<ReadOptions, 'signal' | 'fresh'>,
    onBad: OnBad,
    condemned: ReadonlyMap<string, BadFile<PartRef>> = new Map(),
  ): Promise<Sound<T>> {
    const snapshot = this.source(options).snapshot()
    try {
      const out = new Map(condemned)
      for (;;) {
        const files = out.size === 0 ? snapshot.files : snapshot.files.filter((file) => !out.has(file.absolutePath))
        const { made, used } = collectUse(() => make(files))
        const found = await this.bad(used, options.signal)
        if (found.some(({ problem }) => problem === 'missing') && this.#isOutdated(snapshot)) throw new Outdated()
        const [first] = found
        if (first !== undefined && this.#options.badFiles === 'fail') throw badFileError(first)
        if (first === undefined) {
          const tables = await this.#database.hold(used, options.signal)
          for (const bad of out.values()) onBad(bad)
          const dispose = (): void => {
            tables[Symbol.dispose]()
            snapshot[Symbol.dispose]()
          }
          return { made, files, omitted: [...out.values()], snapshot, [Symbol.dispose]: dispose }
        }
        for (const bad of found) out.set(bad.file.absolutePath, bad)
      }
    } catch (error) {
      snapshot[Symbol.dispose]()
      throw error
    }
  }

  /** Runs `work` over sound files, again without a file that could not be read, again with a newer list when one was replaced. */
  async overSound<T, R>(
    make: (files: readonly PartRef[]) => T,
    options: ReadOptions,
    onBad: OnBad,
    work: (sound: Sound<T>) => Promise<R>,
  ): Promise<R> {
    const condemned = new Map<string, BadFile<PartRef>>()
    for (let outdated = 0; ; ) {
      const met: BadFile<PartRef>[] = []
      let snapshot: FileSnapshot | undefined
      try {
        using sound = await this.sound(make, options, (bad) => met.push(bad), condemned)
        snapshot = sound.snapshot
        const result = await work(sound)
        for (const bad of met) onBad(bad)
        return result
      } catch (error) {
        const missing = error instanceof QueryError && error.code === 'QUERY_FILE_MISSING'
        if (error instanceof Outdated || (missing && snapshot !== undefined && this.#isOutdated(snapshot))) {
          if (++outdated < RETRIES) continue
          throw error instanceof Outdated ? new QueryError('QUERY_FILE_MISSING', 'the list of files changes too fast') : error
        }
        const named = error instanceof QueryError && (missing || error.code === 'QUERY_FILE_CORRUPT')
        const file = named ? snapshot?.files.find(({ absolutePath }) => absolutePath === error.context['path']) : undefined
        if (file === undefined || condemned.has(file.absolutePath) || this.#options.badFiles === 'fail') throw error
        const problem = missing ? 'missing' : 'unreadable'
        condemned.set(file.absolutePath, { file, problem, text: problemText(problem) })
      }
    }
  }

  #isOutdated(snapshot: FileSnapshot): boolean {
    return this.#options.stored.generation() !== (snapshot.stored ?? snapshot.generation)
  }

  /** Runs the statement that `build` makes of the live files; the result is complete before the first row is given out. */
  read(build: (files: readonly PartRef[]) => Statement, options: ReadOptions, onBad: OnBad = () => undefined): Promise<Rows> {
    return this.overSound(build, options, onBad, ({ made, files }) => this.#once(made, files, options))
  }

  async #once(statement: Statement, files: readonly PartRef[], options: ReadOptions): Promise<Rows> {
    const { signal, timeoutMs = this.#options.timeoutMs } = options
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
    onBad?: OnBad,
  ): AsyncGenerator<T, void, undefined> {
    const result = await this.read(build, options, onBad)
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
