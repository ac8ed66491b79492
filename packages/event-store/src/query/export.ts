import path from 'node:path'
import type { DuckDBConnection } from '@duckdb/node-api'
import { Database, type DatabaseSettings, Rows, run, type SqlParams } from './duckdb.ts'
import { QueryError } from './errors.ts'
import { fileError } from './file-errors.ts'
import type { PartRef } from './file-source.ts'
import { csvHeader, csvRows, toNdjson } from './format.ts'
import { noteUse } from './part-use.ts'
import type { Reader, ReadOptions } from './reader.ts'
import { type Bound, firstStatements, type Reach, type Sandbox } from './sandbox.ts'
import { literal } from './sql-text.ts'
import { viewStatements } from './views.ts'

/** Formats of a file of rows. */
export const EXPORT_FORMATS = ['parquet', 'csv', 'ndjson'] as const
export type ExportFormat = (typeof EXPORT_FORMATS)[number]

/** Options of an export. */
export interface ExportOptions extends ReadOptions {
  readonly params?: SqlParams | undefined
  /** Replace a file that is there; default false. */
  readonly overwrite?: boolean | undefined
}

/** What was written. */
export interface ExportResult {
  readonly path: string
  readonly rows: number
  readonly bytes: number
}

interface ExportJob {
  readonly text: string
  readonly file: string
  readonly format: ExportFormat
  readonly options: ExportOptions & { readonly timeoutMs?: number | undefined }
  readonly sandbox: Sandbox
  readonly reader: Reader
  /** Told what the rows were made of. */
  readonly reach: Reach
  readonly settings: Omit<DatabaseSettings, 'sandboxDir'>
  /** Nothing but the store writes below it. */
  readonly dataDir: string
}

function exportError(message: string, file: string, cause?: unknown): QueryError {
  return new QueryError('QUERY_EXPORT', message, { cause, context: { path: file } })
}

function targetOf({ file, dataDir, options, settings }: ExportJob): string {
  const target = path.resolve(file)
  const inside = path.relative(dataDir, target)
  if (inside === '' || !(inside.startsWith('..') || path.isAbsolute(inside))) {
    throw exportError(`${target} is inside the data directory; export to another place`, target)
  }
  const { fs } = settings.env
  if (fs.stat(path.dirname(target))?.isDirectory !== true)
    throw exportError(`there is no directory ${path.dirname(target)}`, target)
  const found = fs.stat(target)
  if (found?.isDirectory === true) throw exportError(`${target} is a directory`, target)
  if (found !== undefined && options.overwrite !== true)
    throw exportError(`${target} exists; say overwrite (--overwrite) to replace it`, target)
  return target
}

/** Rows that DuckDB holds until they are written; payloads are 9 kB on average, so each thread holds about 100 MB. */
const ROW_GROUP = 10_240

/** Parquet has no type of their size: DuckDB would write them as DOUBLE, or not at all. */
const CASTS: Readonly<Record<string, string>> = {
  HUGEINT: 'DECIMAL(38,0)',
  UHUGEINT: 'VARCHAR',
  INTERVAL: 'VARCHAR',
  BIT: 'VARCHAR',
  VARINT: 'VARCHAR',
}

/** The statement with every column in a type that a Parquet file holds without loss. */
function lossless({ text, columns }: Bound): string {
  const casts = columns.flatMap(({ name, type }) => {
    const target = CASTS[type]
    const quoted = `"${name.replaceAll('"', '""')}"`
    return target === undefined ? [] : [`CAST(${quoted} AS ${target}) AS ${quoted}`]
  })
  const list = casts.length === 0 ? '*' : `* REPLACE (${casts.join(', ')})`
  return `SELECT ${list} FROM (\n${text}\n)`
}

/** Rows of the staged file as text, a chunk at a time: never more than 2,048 rows are in memory. */
async function writeText(
  { format, settings: { env }, options: { signal } }: ExportJob,
  connection: DuckDBConnection,
  staged: string,
  temporary: string,
): Promise<number> {
  const result = new Rows(await connection.stream(`FROM read_parquet([${literal(staged)}])`))
  const fd = env.fs.open(temporary, 'create')
  let count = 0
  try {
    if (format === 'csv') env.fs.write(fd, [Buffer.from(csvHeader(result.columns))])
    for await (const rows of result.chunks()) {
      signal?.throwIfAborted()
      const piece = { columns: result.columns, rows }
      env.fs.write(fd, [Buffer.from(format === 'csv' ? csvRows(piece) : toNdjson(piece))])
      count += rows.length
    }
    env.fs.fdatasync(fd)
  } finally {
    env.fs.close(fd)
  }
  return count
}

/**
 * Writes the rows of a statement to a file, which appears whole or not at all.
 *
 * The statement is checked and bound in the sandbox first; only then does it run in a database of its own that may write. DuckDB streams
 * into a Parquet file (zstd); text is made of that file chunk by chunk, and counted: an answer is never held in memory, whatever its size.
 *
 * @throws QueryError QUERY_EXPORT, and whatever `sql()` raises
 */
export async function exportRows(job: ExportJob): Promise<ExportResult> {
  const { settings, reader, sandbox, options, reach } = job
  const target = targetOf(job)
  const { signal, fresh } = options
  const call = { params: options.params ?? [], timeoutMs: options.timeoutMs ?? 30_000, signal, fresh }
  const bound = await sandbox.bound(job.text, call, reach)
  const { fs, random } = settings.env
  const temporary = `${target}.${Buffer.from(random.bytes(4)).toString('hex')}.tmp`
  const staged = job.format === 'parquet' ? temporary : `${temporary}-rows`
  const database = await Database.open({ ...settings, concurrency: 1, sandboxDir: null })
  try {
    const note = (files: readonly PartRef[]): void =>
      noteUse(files.filter((file) => file.hot !== undefined || reach.docTypes.has(file.docType)))
    const rows = await reader.overSound(
      note,
      call,
      (bad) => reach.bad.push(bad),
      async ({ files }) => {
        using _tables = await database.hold(files, signal)
        try {
          return await database.use(call, async (connection) => {
            for (const statement of [...firstStatements(), ...viewStatements(files, reach.docTypes)])
              await connection.run(statement)
            const copy = `COPY (${lossless(bound)}) TO ${literal(staged)} (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE ${ROW_GROUP})`
            return run(connection, copy, call.params)
          })
        } catch (error) {
          throw (await fileError(error, files, database, settings.env)) ?? error
        }
      },
    )
    let count = 0
    for await (const [row] of rows.chunks()) count = Number(row?.[0])
    if (staged === temporary) fs.fsyncFile(temporary)
    else {
      const written = await database.use(call, (connection) => writeText(job, connection, staged, temporary))
      // A streamed result that fails half-way ends like a whole one.
      if (written !== count) throw exportError(`only ${written} of ${count} rows could be written to ${target}`, target)
    }
    fs.rename(temporary, target)
    fs.fsyncDir(path.dirname(target))
    return { path: target, rows: count, bytes: fs.stat(target)?.size ?? 0 }
  } catch (error) {
    if (fs.stat(temporary) !== undefined) fs.unlink(temporary)
    if (error instanceof QueryError || (options.signal?.aborted && error === options.signal.reason)) throw error
    const message = error instanceof Error ? error.message : String(error)
    if (/^IO Error|^Permission|EACCES|ENOSPC|EROFS/.test(message))
      throw exportError(`cannot write ${target}: ${message}`, target, error)
    throw sandbox.fault(error, bound.text)
  } finally {
    await database.close()
    if (staged !== temporary && fs.stat(staged) !== undefined) fs.unlink(staged)
  }
}
