import type { Env } from '../env.ts'
import { type Column, type Database, type Rows, run } from '../query/duckdb.ts'
import { QueryError } from '../query/errors.ts'
import type { SqlResult } from '../query/sandbox.ts'
import { literal } from '../query/sql-text.ts'
import type { EngineChoice, EngineStatus, RemoteQueryOptions, RemoteSql } from './remote-sql.ts'

/** How long a remote that did not answer is left alone. */
const RETRY_MS = 30_000
/** How long the first answer may take. */
const PROBE_MS = 10_000

/** DuckDB's own words: the database answered, and it said no. */
const REFUSED =
  /\b(?:Binder|Parser|Catalog|Conversion|Constraint|Syntax|Out of Range|Invalid Input|Invalid Type|Not implemented|Permission|Out of Memory|IO|HTTP|Interrupt|Serialization|INTERNAL|Invalid) Error: /

/** DuckDB's own part of a remote's message; `undefined` when there is none. */
export function refusalOf(error: unknown): string | undefined {
  const message = error instanceof Error ? error.message : String(error)
  const at = message.search(REFUSED)
  return at < 0 ? undefined : message.slice(at)
}

/** Rejects with the signal's reason when it aborts; else never settles. */
function aborted(signal: AbortSignal): Promise<never> {
  const { promise, reject } = Promise.withResolvers<never>()
  promise.catch(() => undefined)
  signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true })
  return promise
}

/** Knows whether the remote answers, and asks it. */
export class RemoteEngine {
  readonly #choice: Exclude<EngineChoice, 'local'>
  readonly #remote: RemoteSql | undefined
  readonly #env: Env
  #status: EngineStatus
  /** When a remote that is down may be asked again; `undefined` while it is up. */
  #askAt: number | undefined = 0

  constructor(choice: Exclude<EngineChoice, 'local'>, remote: RemoteSql | undefined, env: Env) {
    this.#choice = choice
    this.#remote = remote
    this.#env = env
    this.#status = this.#down('not asked yet')
  }

  /** Whether the local engine may answer in its place. */
  get mayFallBack(): boolean {
    return this.#choice === 'auto'
  }

  get status(): EngineStatus {
    return this.#status
  }

  /** Whether the remote answers, asking it when that is not known. @throws QueryError QUERY_REMOTE when it must and does not */
  async ready(signal?: AbortSignal): Promise<boolean> {
    if (this.#remote === undefined) this.#status = this.#down('no remote is configured')
    else if (this.#askAt !== undefined && this.#env.clock.monotonic() >= this.#askAt) await this.#probe(this.#remote, signal)
    if (this.#remote !== undefined && this.#askAt === undefined) return true
    if (this.#choice === 'motherduck') throw this.#unanswered()
    return false
  }

  /**
   * The rows of one spelled-out statement, all of them text; `undefined` when it did not answer and the local engine may.
   *
   * @throws QueryError QUERY_REMOTE when it must answer and does not
   * @throws the refusal of the database
   */
  async query(sql: string, options: RemoteQueryOptions): Promise<SqlResult | undefined> {
    const { clock } = this.#env
    const { timeoutMs, signal } = options
    const late = new QueryError('QUERY_TIMEOUT', `the remote engine took longer than ${timeoutMs} ms`, { context: { timeoutMs } })
    const patience = new AbortController()
    const cancel = clock.timer(timeoutMs, () => patience.abort(late))
    const both = signal === undefined ? patience.signal : AbortSignal.any([signal, patience.signal])
    try {
      signal?.throwIfAborted()
      const asked = this.#remote?.query(sql, { ...options, signal: both })
      return await Promise.race([asked, aborted(both)])
    } catch (error) {
      if (both.aborted) throw both.reason as Error
      if (refusalOf(error) !== undefined) throw error
      this.#fail(error instanceof Error ? error.message : String(error))
      if (this.#choice === 'motherduck') throw this.#unanswered(error)
      return undefined
    } finally {
      cancel()
    }
  }

  #down(reason: string): EngineStatus {
    return { engine: 'local', reason, remote: this.#remote?.name ?? null, version: null }
  }

  #fail(reason: string): void {
    this.#askAt = this.#env.clock.monotonic() + RETRY_MS
    this.#status = this.#down(reason)
  }

  async #probe(remote: RemoteSql, signal: AbortSignal | undefined): Promise<void> {
    const patience = new AbortController()
    const cancel = this.#env.clock.timer(PROBE_MS, () => patience.abort(new Error(`no answer in ${PROBE_MS / 1000} s`)))
    const both = signal === undefined ? patience.signal : AbortSignal.any([signal, patience.signal])
    try {
      const found = await Promise.race([remote.probe(both), aborted(both)])
      if (found.ok) {
        this.#askAt = undefined
        this.#status = { engine: 'motherduck', reason: `${remote.name} answers`, remote: remote.name, version: found.version }
      } else this.#fail(found.reason)
    } catch (error) {
      signal?.throwIfAborted()
      this.#fail(error instanceof Error ? error.message : String(error))
    } finally {
      cancel()
    }
  }

  #unanswered(cause?: unknown): QueryError {
    const { reason, remote } = this.#status
    return new QueryError('QUERY_REMOTE', `the remote engine does not answer: ${reason}; choose the engine auto or local`, {
      cause,
      context: { remote },
    })
  }
}

/**
 * Rows of text as what the columns are: each cell is cast by the local engine, so that values have the same types whoever answered.
 *
 * @param columns as the local engine bound the statement
 */
export async function typedRows(
  database: Database,
  columns: readonly Column[],
  rows: SqlResult['rows'],
  limits: { readonly timeoutMs: number; readonly signal?: AbortSignal | undefined },
): Promise<Rows> {
  return database.use(limits, async (connection) => {
    const names = columns.map((_, index) => `c${index}`)
    await connection.run(`CREATE TEMP TABLE remote_rows (${names.map((name) => `${name} VARCHAR`).join(', ')})`)
    const appender = await connection.createAppender('remote_rows', null, 'temp')
    for (const row of rows) {
      for (const cell of row) {
        if (cell === null || cell === undefined) appender.appendNull()
        else appender.appendVarchar(String(cell))
      }
      appender.endRow()
    }
    appender.closeSync()
    const casts = columns.map(({ name, type }, index) => `CAST(c${index} AS ${type}) AS "${name.replaceAll('"', '""')}"`)
    const result = await run(connection, `SELECT ${casts.join(', ')} FROM remote_rows`)
    await connection.run('DROP TABLE temp.remote_rows')
    return result
  })
}

/** Literal for a status line: never a token. */
export function redacted(text: string, secret: string | undefined): string {
  return secret === undefined || secret === '' ? text : text.replaceAll(secret, '…').replaceAll(literal(secret), '…')
}
