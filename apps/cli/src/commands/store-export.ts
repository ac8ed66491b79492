import { statSync } from 'node:fs'
import { join, resolve } from 'node:path'
import {
  type Completeness,
  type CompletenessReason,
  completenessOf,
  type ExportFormat,
  type QueryEngine,
} from '@vectra/event-store'
import { sayCompleteness } from '../completeness-note.ts'
import type { CommandContext } from '../context.ts'
import { openData } from '../data.ts'
import { EXIT, type ExitCode } from '../exit-codes.ts'
import { formatSize, plural } from '../terminal/units.ts'

/** Options of `vectra store export`. */
export interface ExportVerbOptions {
  readonly to: string
  readonly format: ExportFormat
  readonly where?: string
  readonly overwrite?: boolean
}

const DOC_TYPES = ['ws_event', 'game_tick', 'player_action', 'server_state', 'system_event', 'debug_note'] as const

interface Written {
  readonly path: string
  readonly rows: number
  readonly bytes: number
}

/** `vectra store export`: rows as Parquet, CSV or NDJSON outside the data directory; each file appears whole or not at all. */
export async function exportRows(
  context: CommandContext,
  _operands: readonly string[],
  options: ExportVerbOptions,
): Promise<ExitCode> {
  const { io } = context
  const settings = await context.settings()
  await using engine = await openData(settings)
  const target = resolve(context.cwd, options.to)
  const isDirectory = statSync(target, { throwIfNoEntry: false })?.isDirectory() === true
  const jobs = isDirectory
    ? DOC_TYPES.map((view) => ({ view, file: join(target, `${view}.${options.format}`) }))
    : [{ view: 'events', file: target }]
  // A line comment in the condition must not swallow the bracket.
  const condition = options.where === undefined ? '' : ` WHERE (${options.where}\n)`
  const written: Written[] = []
  const lacks = new Map<string, CompletenessReason>()
  for (const { view, file } of jobs) {
    const done = await write(context, engine, {
      sql: `SELECT * FROM ${view}${condition}`,
      file,
      options,
      skipEmpty: isDirectory,
    })
    for (const reason of done.completeness.reasons) lacks.set(reason.text, reason)
    if (done.file !== undefined) written.push(done.file)
  }
  if (context.json) await io.line(JSON.stringify({ files: written, rows: written.reduce((sum, { rows }) => sum + rows, 0) }))
  else for (const { path, rows, bytes } of written) await io.line(`${plural(rows, 'row')}, ${formatSize(bytes)} in ${path}`)
  sayCompleteness(context, completenessOf([...lacks.values()]))
  if (written.length === 0) io.say('no such rows')
  return EXIT.ok
}

/** As long as it takes: an export of years is no runaway query, and a signal ends it. */
const UNHURRIED_MS = 7 * 24 * 3_600_000

async function write(
  { signal }: CommandContext,
  engine: QueryEngine,
  { sql, file, options, skipEmpty }: { sql: string; file: string; options: ExportVerbOptions; skipEmpty: boolean },
): Promise<{ readonly file?: Written; readonly completeness: Completeness }> {
  const limits = { signal, timeoutMs: UNHURRIED_MS }
  if (skipEmpty) {
    const { rows, completeness } = await engine.sql(sql, { maxRows: 1, ...limits })
    if (rows.length === 0) return { completeness }
  }
  const { path, rows, bytes, completeness } = await engine.toFile(sql, file, {
    format: options.format,
    overwrite: options.overwrite === true,
    ...limits,
  })
  return { file: { path, rows, bytes }, completeness }
}
