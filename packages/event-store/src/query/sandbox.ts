import { type DocType, VectraError } from '@vectra/schemas'
import { type RemoteEngine, refusalOf, typedRows } from '../engines/remote-engine.ts'
import { readableElsewhere, spelledOut, withParameters } from '../engines/spelled-out.ts'
import type { BadFile } from '../integrity/file-check.ts'
import { ANALYSIS_VIEWS, analysisStatements } from './analysis/catalogue.ts'
import type { Column, Database, Rows, SqlParams } from './duckdb.ts'
import { countStatements, run } from './duckdb.ts'
import { QueryError } from './errors.ts'
import type { PartRef } from './file-source.ts'
import { findViolation } from './guard.ts'
import { noteUse } from './part-use.ts'
import { memoryError, type Reader, type Sound } from './reader.ts'
import { READ_NOTHING, referencedTypes } from './referenced.ts'
import { sqlError } from './sql-error.ts'
import { explained, firstKeyword, splitStatements } from './sql-text.ts'
import { VIEWS, viewStatements } from './views.ts'

/** Result of one statement. */
export interface SqlResult {
  readonly columns: readonly Column[]
  /** Cells typed as `cellReader` documents: `Decimal`, `bigint`, microseconds, … */
  readonly rows: readonly (readonly unknown[])[]
  /** True when there were more rows than these. */
  readonly truncated: boolean
  /** What cut the result off, if anything did. */
  readonly truncatedBy: 'rows' | 'chars' | null
}

/** Bounds and parameters of one call. */
export interface SandboxCall {
  readonly params: SqlParams
  readonly timeoutMs: number
  readonly signal?: AbortSignal | undefined
  /** Also rows that are only in the journal yet; default the engine's. */
  readonly fresh?: boolean | undefined
}

/** What a statement read besides its rows. */
export interface Reach {
  docTypes: ReadonlySet<DocType>
  readonly bad: BadFile<PartRef>[]
  /** Who answered. */
  answeredBy?: 'local' | 'motherduck'
}

/** A statement that may run. */
interface Checked {
  /** Without the semicolon. */
  readonly text: string
  /** EXPLAIN cannot stand in brackets, so it takes no LIMIT; its result is small. */
  readonly bare: boolean
  /** Whose files it can read. */
  readonly docTypes: ReadonlySet<DocType>
  /** The views it reads; `undefined` when only the local engine can answer it. */
  readonly elsewhere: ReadonlySet<string> | undefined
}

/** Rows to come, whoever made them. */
interface Answer extends Pick<Rows, 'columns' | 'chunks'> {
  /** What the remote cut off before our own bounds. */
  readonly cut?: SqlResult['truncatedBy']
}

/** A statement that was checked and bound. */
export interface Bound {
  /** Without the semicolon. */
  readonly text: string
  readonly columns: readonly Column[]
}

/** Longest SQL text that is looked at. */
const MAX_TEXT = 1_000_000
/** Lines that stand before the caller's text in what runs. */
const LEAD = 1

const NAMES: ReadonlySet<string> = new Set([...VIEWS, ...ANALYSIS_VIEWS])
const READ_ONLY = 'SELECT, DESCRIBE, SHOW, SUMMARIZE and EXPLAIN run here; the data is read-only'

function forbidden(what: string, hint: string): QueryError {
  return new QueryError('QUERY_FORBIDDEN', `${what} is not allowed: ${hint}`, { context: { what, hint } })
}

/** The one statement of a text. */
function onlyStatement(text: string): string {
  if (text.length > MAX_TEXT) throw forbidden(`a statement of ${text.length} characters`, `the limit is ${MAX_TEXT}`)
  if (text.includes('\0')) throw new QueryError('QUERY_SQL', 'the statement contains a NUL character')
  const [statement, ...more] = splitStatements(text)
  if (statement === undefined)
    throw new QueryError('QUERY_SQL', `the statement is empty\n\nhint: try SELECT doc_type, count(*) FROM events GROUP BY ALL`)
  if (more.length > 0) throw forbidden('more than one statement', 'run them one at a time')
  return statement
}

/** Statements that define every name once: the analyst's views stay what they are, whatever files the views below them read. */
export function firstStatements(): string[] {
  return [...viewStatements([]), ...analysisStatements()]
}

async function syntaxTree(database: Database, text: string, call: SandboxCall): Promise<unknown> {
  const rows = await database.use(call, (connection) => run(connection, 'SELECT json_serialize_sql($1::VARCHAR)', [text]))
  for await (const [row] of rows.chunks()) return JSON.parse(String(row?.[0]))
  return undefined
}

/** Untrusted SQL: what may run, over which files, and what went wrong. */
export class Sandbox {
  readonly #database: Database
  readonly #reader: Reader
  readonly #remote: RemoteEngine | undefined
  #defined: string | undefined
  #defining: Promise<void> = Promise.resolve()

  constructor(database: Database, reader: Reader, remote?: RemoteEngine) {
    this.#database = database
    this.#reader = reader
    this.#remote = remote
  }

  /**
   * The statement in the text, if it only reads what it may.
   *
   * Three doors, each enough alone for most attacks: DuckDB's parser and our walk over its syntax tree (here), its classification
   * of the prepared statement, and its own configuration (no external access but the part files, locked).
   */
  async check(text: string, call: SandboxCall): Promise<Checked> {
    const statement = onlyStatement(text)
    const explain = explained(statement)
    const inner = explain?.inner ?? statement
    const tree = await syntaxTree(this.#database, inner, call)
    const failed = tree as { error?: boolean; error_type?: string; error_message?: string }
    if (failed.error === true) await this.#refuse(statement, inner, call)
    const violation = findViolation(tree, NAMES)
    if (violation) throw forbidden(violation.what, violation.hint)
    return {
      text: statement,
      bare: explain !== undefined,
      docTypes: referencedTypes(tree, READ_NOTHING),
      elsewhere: explain === undefined ? readableElsewhere(tree) : undefined,
    }
  }

  /** Says why a text is no SELECT: a syntax error, or a statement of another kind. Never returns. */
  async #refuse(statement: string, inner: string, call: SandboxCall): Promise<never> {
    try {
      const count = await this.#database.use(call, (connection) => countStatements(connection, inner))
      if (count > 1) throw forbidden('a statement that expands to several', 'write PIVOT with IN (…)')
    } catch (error) {
      if (error instanceof QueryError) throw error
      throw sqlError(error, statement)
    }
    throw forbidden(firstKeyword(inner) || 'this statement', READ_ONLY)
  }

  /** Waits for its turn to define the views; the answer ends the turn. */
  async #turn(): Promise<() => void> {
    const before = this.#defining
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#defining = promise
    await before
    return resolve
  }

  /**
   * Brings the views that a statement can read up to these files. The others stay as they are: nobody looked at their files, and binding
   * to a damaged one may fail, or worse.
   */
  async #define({ files, omitted, snapshot }: Sound<unknown>, docTypes: ReadonlySet<DocType>, call: SandboxCall): Promise<void> {
    const bad = omitted.map(({ file }) => file.absolutePath).sort()
    const key = [this.#reader.isFresh(call), snapshot.generation, ...[...docTypes].sort(), ...bad].join('\n')
    if (key === this.#defined) return
    const limits = { timeoutMs: Math.max(call.timeoutMs, 30_000), signal: call.signal }
    try {
      await this.#database.use(limits, async (connection) => {
        await connection.run('BEGIN')
        if (this.#defined === undefined) for (const statement of firstStatements()) await connection.run(statement)
        for (const statement of viewStatements(files, docTypes)) await connection.run(statement)
        await connection.run('COMMIT')
      })
    } catch (error) {
      throw await this.#reader.explain(error, files, call.signal)
    }
    this.#defined = key
  }

  /**
   * Runs a checked statement over the current files, without the bad ones among those it can read; once more when a file was replaced.
   *
   * It is bound in the transaction that it runs in, before another caller may define the views for other files: DuckDB's snapshot keeps
   * them as they were.
   */
  #run(checked: Checked, limit: number | undefined, call: SandboxCall, reach?: Reach): Promise<Rows> {
    const wrap = !checked.bare
    const cap = limit === undefined ? '' : ` LIMIT ${limit}`
    const sql = wrap ? `SELECT * FROM (\n${checked.text}\n)${cap}` : checked.text
    if (reach !== undefined) reach.docTypes = checked.docTypes
    const note = (files: readonly PartRef[]): void =>
      noteUse(files.filter((file) => file.hot !== undefined || checked.docTypes.has(file.docType)))
    return this.#reader.overSound(
      note,
      call,
      (bad) => reach?.bad.push(bad),
      async (sound) => {
        const leave = await this.#turn()
        try {
          await this.#define(sound, checked.docTypes, call)
          return await this.#database.use(call, async (connection) => {
            await connection.run('BEGIN')
            return run(connection, sql, call.params, (reads) => {
              leave()
              if (!reads) throw forbidden('this statement', READ_ONLY)
            })
          })
        } catch (error) {
          throw await this.#explain(error, checked, wrap, sound.files, call.signal)
        } finally {
          leave()
        }
      },
    )
  }

  /** The rows, from the remote engine where there is one that answers, else from here. */
  async #answer(checked: Checked, limit: number | undefined, call: SandboxCall, reach?: Reach): Promise<Answer> {
    const remote = this.#remote
    const text = remote === undefined || checked.elsewhere === undefined ? undefined : withParameters(checked.text, call.params)
    if (remote !== undefined && text !== undefined && (await remote.ready(call.signal))) {
      const answer = await this.#remotely(remote, { ...checked, text }, limit, call, reach)
      if (answer !== undefined) return answer
    }
    const rows = await this.#run(checked, limit, call, reach)
    if (reach !== undefined) reach.answeredBy = 'local'
    return rows
  }

  /**
   * Asks the remote, over the files that are pinned meanwhile. The statement is bound here first: what the sandbox refuses never leaves.
   *
   * @returns `undefined` when the local engine has to answer: rows that are only in a journal, a remote that went away
   */
  async #remotely(
    remote: RemoteEngine,
    checked: Checked,
    limit: number | undefined,
    call: SandboxCall,
    reach?: Reach,
  ): Promise<Answer | undefined> {
    const { columns } = await this.#run({ ...checked }, 0, { ...call, params: [] })
    const note = (files: readonly PartRef[]): void =>
      noteUse(files.filter((file) => file.hot !== undefined || checked.docTypes.has(file.docType)))
    const bad: BadFile<PartRef>[] = []
    const answer = await this.#reader.overSound(
      note,
      call,
      (one) => bad.push(one),
      async ({ files }) => {
        if (files.some((file) => file.hot !== undefined)) return undefined
        const sql = spelledOut(checked.text, checked.elsewhere ?? [], files, limit)
        const { timeoutMs, signal } = call
        return remote
          .query(sql, { maxRows: limit ?? Number.MAX_SAFE_INTEGER, timeoutMs, signal })
          .catch(async (error: unknown) => {
            const refusal = refusalOf(error)
            if (refusal === undefined) throw error
            // The local engine says what is wrong with it, and where; what it does run is the remote's own trouble.
            const rows = await this.#run(checked, limit, { ...call, params: [] })
            if (remote.mayFallBack) return { local: rows }
            throw new QueryError('QUERY_REMOTE', `the remote engine refuses what the local one runs: ${refusal}`, {
              cause: error,
            })
          })
      },
    )
    if (answer === undefined) return undefined
    if (reach !== undefined) {
      reach.docTypes = checked.docTypes
      reach.bad.push(...bad)
      reach.answeredBy = 'local' in answer ? 'local' : 'motherduck'
    }
    if ('local' in answer) return answer.local
    const rows = await typedRows(this.#database, columns, answer.rows, call)
    return { columns, chunks: () => rows.chunks(), cut: answer.truncated ? (answer.truncatedBy ?? 'rows') : null }
  }

  async #explain(
    error: unknown,
    checked: Checked,
    wrapped: boolean,
    files: readonly PartRef[],
    signal?: AbortSignal,
  ): Promise<unknown> {
    if (error instanceof VectraError || (signal?.aborted && error === signal.reason)) return error
    const memory = memoryError(error)
    if (memory) return memory
    const message = error instanceof Error ? error.message : String(error)
    if (/^Permission Error/.test(message))
      return forbidden(message.replace(/^Permission Error: /, '').split('\n')[0] ?? message, READ_ONLY)
    const engineFault = /^(?:IO Error|INTERNAL Error|FATAL Error|Invalid Error|Serialization Error|Invalid Input Error)/.test(
      message,
    )
    if (engineFault) {
      const explained = await this.#reader.explain(error, files, signal)
      const isFile = explained instanceof QueryError && explained.code !== 'QUERY_FAILED'
      if (isFile || !message.startsWith('Invalid Input Error')) return explained
    }
    return sqlError(error, checked.text, wrapped ? LEAD : 0)
  }

  /** Capped result of one statement. */
  async sql(
    text: string,
    call: SandboxCall & { readonly maxRows: number; readonly maxChars: number },
    reach?: Reach,
  ): Promise<SqlResult> {
    const checked = await this.check(text, call)
    const result = await this.#answer(checked, call.maxRows + 1, call, reach)
    const cut = result.cut ?? null
    const rows: unknown[][] = []
    let chars = 0
    for await (const chunk of result.chunks()) {
      call.signal?.throwIfAborted()
      for (const row of chunk) {
        for (const cell of row) if (typeof cell === 'string') chars += cell.length
        if (rows.length === call.maxRows) return { columns: result.columns, rows, truncated: true, truncatedBy: 'rows' }
        if (chars > call.maxChars) return { columns: result.columns, rows, truncated: true, truncatedBy: 'chars' }
        rows.push(row)
      }
    }
    return { columns: result.columns, rows, truncated: cut !== null, truncatedBy: cut }
  }

  /** Every row of one statement as an object. */
  async *stream(text: string, call: SandboxCall, reach?: Reach): AsyncGenerator<Record<string, unknown>, void, undefined> {
    const checked = await this.check(text, call)
    const result = await this.#answer(checked, undefined, call, reach)
    if (result.cut !== undefined && result.cut !== null) {
      throw new QueryError(
        'QUERY_REMOTE',
        'the remote engine cuts long answers off; choose the engine local, or export to a file',
      )
    }
    for await (const chunk of result.chunks()) {
      call.signal?.throwIfAborted()
      for (const row of chunk) yield Object.fromEntries(result.columns.map((column, index) => [column.name, row[index]]))
    }
  }

  /**
   * A statement checked and bound here, for a database that has no restrictions of its own: binding in the sandbox refuses
   * whatever would open a file, before the text goes anywhere else.
   */
  async bound(text: string, call: SandboxCall, reach?: Reach): Promise<Bound> {
    const checked = await this.check(text, call)
    if (checked.bare) throw forbidden('EXPLAIN', 'only rows can be exported')
    const { columns } = await this.#run(checked, 0, call, reach)
    return { text: checked.text, columns }
  }

  /** {@link SqlResult} error text for statements that fail elsewhere with the same text. */
  fault(error: unknown, text: string): QueryError {
    return memoryError(error) ?? sqlError(error, text, LEAD)
  }
}
