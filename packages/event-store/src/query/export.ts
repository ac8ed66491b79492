import path from 'node:path'
import { Database, type DatabaseSettings, run, type SqlParams } from './duckdb.ts'
import { QueryError } from './errors.ts'
import type { BadFile } from '../integrity/file-check.ts'
import type { PartRef } from './file-source.ts'
import type { Reader, ReadOptions } from './reader.ts'
import { firstStatements, type Sandbox } from './sandbox.ts'
import { literal } from './sql-text.ts'
import { viewStatements } from './views.ts'

/** Options of a Parquet export. */
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
  readonly options: ExportOptions & { readonly timeoutMs?: number | undefined }
  readonly sandbox: Sandbox
  readonly reader: Reader
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
    throw exportError(`${target} exists; pass overwrite to replace it`, target)
  return target
}

/**
 * Writes the rows of a statement to a Parquet file (zstd), which appears whole or not at all.
 *
 * The statement is checked and bound in the sandbox first; only then does it run in a database of its own that may write.
 *
 * @throws QueryError QUERY_EXPORT, and whatever `sql()` raises
 */
export async function exportParquet(job: ExportJob): Promise<ExportResult> {
  const { settings, source, sandbox, options } = job
  const target = targetOf(job)
  const call = { params: options.params ?? [], timeoutMs: options.timeoutMs ?? 30_000, signal: options.signal }
  const text = await sandbox.bound(job.text, call)
  const { fs, random } = settings.env
  const temporary = `${target}.${Buffer.from(random.bytes(4)).toString('hex')}.tmp`
  const database = await Database.open({ ...settings, concurrency: 1, sandboxDir: null })
  try {
    using snapshot = source.snapshot()
    const rows = await database.use(call, async (connection) => {
      for (const statement of [...firstStatements(), ...viewStatements(snapshot.files)]) await connection.run(statement)
      return run(connection, `COPY (\n${text}\n) TO ${literal(temporary)} (FORMAT parquet, COMPRESSION zstd)`, call.params)
    })
    let count = 0
    for await (const [row] of rows.chunks()) count = Number(row?.[0])
    fs.fsyncFile(temporary)
    fs.rename(temporary, target)
    fs.fsyncDir(path.dirname(target))
    return { path: target, rows: count, bytes: fs.stat(target)?.size ?? 0 }
  } catch (error) {
    if (fs.stat(temporary) !== undefined) fs.unlink(temporary)
    if (error instanceof QueryError || (options.signal?.aborted && error === options.signal.reason)) throw error
    const message = error instanceof Error ? error.message : String(error)
    if (/^IO Error|^Permission|EACCES|ENOSPC|EROFS/.test(message))
      throw exportError(`cannot write ${target}: ${message}`, target, error)
    throw sandbox.fault(error, text)
  } finally {
    await database.close()
  }
}
