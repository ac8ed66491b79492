import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { text as readAll } from 'node:stream/consumers'
import { formatResult, type QueryEngine } from '@vectra/event-store'
import { unreadableFile } from '../capture-files.ts'
import { sayCompleteness } from '../completeness-note.ts'
import { type CommandContext, flag } from '../context.ts'
import { openData } from '../data.ts'
import { CliError } from '../errors.ts'
import { EXIT, type ExitCode } from '../exit-codes.ts'
import { remoteOf } from '../remote-sql.ts'
import { formatCount, formatSize, plural } from '../terminal/units.ts'

/** Options of `vectra query`. */
export interface SqlOptions {
  readonly file?: string
  readonly format?: 'table' | 'json' | 'ndjson' | 'csv' | 'parquet'
  readonly output?: string
  readonly overwrite?: boolean
  readonly timeout?: string
  readonly maxRows?: string
  /** Also rows that are only in the journal yet. */
  readonly fresh?: boolean
  readonly engine?: 'auto' | 'local' | 'motherduck'
}

/** `vectra query`: one read-only statement over the views `events` and one per doc_type. */
export async function query(context: CommandContext, [argument]: readonly string[], options: SqlOptions): Promise<ExitCode> {
  const { io, signal } = context
  const format = options.format ?? (context.json ? 'json' : 'table')
  if (format === 'parquet' && options.output === undefined)
    throw usage('parquet is no text: it needs a file', 'add -o FILE.parquet')
  const settings = await context.settings({
    'query.timeout': flag('--timeout', options.timeout),
    'query.maxRows': flag('--max-rows', options.maxRows),
    'query.engine': flag('--engine', options.engine),
  })
  const sql = await statementOf(context, argument, options.file)
  await using remote = remoteOf(settings, context.env)
  await using engine = await openData(settings, {
    fresh: options.fresh === true,
    engine: settings.values['query.engine'],
    ...remote,
  })
  if (settings.values.logLevel === 'debug') (await context.log(settings)).debug('running', { sql })
  if (format === 'parquet')
    return await exportRows(context, engine, sql, resolve(context.cwd, options.output ?? ''), options.overwrite === true)
  const result = await engine.sql(sql, { signal })
  const text = formatResult(result, format)
  if (options.output === undefined) await io.write(text)
  else {
    const { writeOutput } = await import('../output-file.ts')
    writeOutput(resolve(context.cwd, options.output), text, {
      overwrite: options.overwrite === true,
      dataDir: settings.values.dataDir,
    })
    io.say(`${plural(result.rows.length, 'row')}, ${formatSize(Buffer.byteLength(text))} in ${options.output}`)
  }
  if (result.truncated) {
    const why =
      result.truncatedBy === 'chars'
        ? 'the text is too long; choose fewer columns, or -o FILE.parquet --format parquet'
        : 'more with --max-rows, all of them with --format parquet -o FILE'
    io.say(`the first ${formatCount(result.rows.length)} rows: ${why}`)
  } else if (format === 'table' && io.stdoutIsTerminal) io.say(io.styledError('dim', plural(result.rows.length, 'row')))
  sayCompleteness(context, result.completeness)
  const { engine: who, reason } = engine.status()
  // A local answer needs no words, unless another was configured.
  if (remote.remote !== undefined) io.say(io.styledError('dim', `answered by ${who}: ${reason}`))
  return EXIT.ok
}

async function exportRows(
  context: CommandContext,
  engine: QueryEngine,
  sql: string,
  file: string,
  overwrite: boolean,
): Promise<ExitCode> {
  const { io, json, signal } = context
  const { rows, bytes, path, completeness } = await engine.toParquet(sql, file, { overwrite, signal })
  if (json) await io.line(JSON.stringify({ path, rows, bytes }))
  else io.say(`${plural(rows, 'row')}, ${formatSize(bytes)} in ${path}`)
  sayCompleteness(context, completeness)
  return EXIT.ok
}

async function statementOf(context: CommandContext, argument: string | undefined, file: string | undefined): Promise<string> {
  if (argument !== undefined && file !== undefined) throw usage('both a statement and -f were given', 'leave one of them out')
  if (file !== undefined) {
    try {
      return readFileSync(resolve(context.cwd, file), 'utf8')
    } catch (error) {
      throw unreadableFile(error, file)
    }
  }
  if (argument === '-') return readAll(process.stdin)
  if (argument === undefined)
    throw usage(
      'no statement was given',
      'vectra query "SELECT doc_type, count(*) FROM events GROUP BY 1"   or   -f FILE   or   - for stdin',
    )
  return argument
}

function usage(message: string, hint: string): CliError {
  return new CliError('CLI_USAGE', message, { exitCode: EXIT.usage, hint })
}
