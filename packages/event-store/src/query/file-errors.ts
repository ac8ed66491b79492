import type { Env } from '../env.ts'
import type { BadFile } from '../integrity/file-check.ts'
import { type Database, run } from './duckdb.ts'
import { QueryError } from './errors.ts'
import type { PartRef } from './file-source.ts'
import { literal } from './sql-text.ts'

/** The part could be looked at, but DuckDB failed on it or on its bytes. */
const READING =
  /^(?:IO Error|Invalid Input Error: (?:No magic bytes|File '|Failed to read)|Invalid Error|Invalid Input Error: .*(?:[Pp]arquet|ZSTD|Snappy)|Serialization Error|Corrupt)/
const ACCESS = /No files found|[Cc]annot open file|[Cc]ould not open|No such file/

function missing(path: string, cause: unknown): QueryError {
  return new QueryError('QUERY_FILE_MISSING', `part ${path} is in the catalog but not on disk; run: vectra store verify`, {
    cause,
    context: { path },
  })
}

function corrupt(path: string, cause: unknown): QueryError {
  const detail = cause instanceof Error ? cause.message : String(cause)
  return new QueryError(
    'QUERY_FILE_CORRUPT',
    `part ${path} cannot be read (${detail.replaceAll(path, 'it')}); run: vectra store verify`,
    {
      cause,
      context: { path },
    },
  )
}

/** The error for a file that was found bad before it was read. */
export function badFileError({ file, problem, text }: BadFile): QueryError {
  const code = problem === 'missing' ? 'QUERY_FILE_MISSING' : 'QUERY_FILE_CORRUPT'
  return new QueryError(code, `part ${file.absolutePath} ${text}; run: vectra store verify`, {
    context: { path: file.absolutePath, problem },
  })
}

async function readable(database: Database, path: string): Promise<unknown> {
  try {
    await database.use({ timeoutMs: 60_000 }, async (connection) => {
      const columns = `COLUMNS(*)`
      await run(connection, `SELECT count(${columns}), min(hash(${columns})) FROM read_parquet([${literal(path)}])`)
    })
    return undefined
  } catch (error) {
    return error
  }
}

/**
 * Turns DuckDB's failure to read into the error that names the part; `undefined` when no part is to blame.
 *
 * DuckDB names the file in most messages, but not for damaged page headers: then each part is looked at on its own.
 */
export async function fileError(
  error: unknown,
  files: readonly PartRef[],
  database: Database,
  env: Env,
): Promise<QueryError | undefined> {
  const message = error instanceof Error ? error.message : String(error)
  if (!READING.test(message) && !ACCESS.test(message)) return undefined
  const onDisk = files.filter((file) => file.hot === undefined)
  const named = onDisk.find((file) => message.includes(file.absolutePath))
  if (named) {
    const gone = env.fs.stat(named.absolutePath) === undefined
    return gone ? missing(named.absolutePath, error) : corrupt(named.absolutePath, error)
  }
  for (const file of onDisk) {
    const found = env.fs.stat(file.absolutePath)
    if (found === undefined) return missing(file.absolutePath, error)
  }
  for (const file of onDisk) {
    const failure = await readable(database, file.absolutePath)
    if (failure !== undefined) return corrupt(file.absolutePath, failure)
  }
  return undefined
}
