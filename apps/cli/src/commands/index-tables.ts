import { resolve } from 'node:path'
import { type Indexer, openIndexer, type RunReport, serveMetrics, watch as watchTables } from '@vectra/indexer'
import { VectraError } from '@vectra/schemas'
import type { SyncReport } from '@vectra/vectors'
import type { CommandContext } from '../context.ts'
import { CliError } from '../errors.ts'
import { EXIT, type ExitCode } from '../exit-codes.ts'
import { IndexProgress } from '../index-progress.ts'
import { type IndexOptions, openTables, tablesOf } from '../indexing.ts'
import { writeOutput } from '../output-file.ts'
import { renderTable } from '../terminal/table.ts'
import { formatCount, formatDuration, formatSize } from '../terminal/units.ts'
import { formatAge } from '../terminal/when.ts'

/** Options of `vectra index run`. */
export interface RunOptions extends IndexOptions {
  readonly sessionStart?: boolean
  readonly metricsFile?: string
}

/** Options of `vectra index watch`. */
export interface WatchOptions extends IndexOptions {
  readonly metricsPort?: number
}

/** `vectra index run`: brings the search tables up to date. With `--session-start` one line at most, and never in the way. */
export async function run(context: CommandContext, _operands: readonly string[], options: RunOptions): Promise<ExitCode> {
  if (options.sessionStart !== true) return work(context, options, (indexer, how) => indexer.run(how), options.metricsFile)
  try {
    const { indexer } = await openTables(context, options)
    await using _indexer = indexer
    const report = await indexer.run({ tables: tablesOf(options.table), signal: context.signal })
    const changed = report.tables.filter((table) => table.written + table.deleted > 0)
    if (context.json) await context.io.line(JSON.stringify(reportJson(report)))
    else if (changed.length > 0) await context.io.line(`search tables updated: ${changed.map(sentence).join('; ')}`)
    return EXIT.ok
  } catch (error) {
    // Faults of tables and store are told in one line; a wrong option is its writer's to mend.
    if (!(error instanceof VectraError) || error instanceof CliError) throw error
    context.io.say(`search tables not updated: ${error.message}`)
    return EXIT.ok
  }
}

/** `vectra index rebuild`: empties the tables and fills them again. */
export async function rebuild(context: CommandContext, _operands: readonly string[], options: IndexOptions): Promise<ExitCode> {
  return work(context, options, (indexer, how) => indexer.rebuild(how))
}

/** `vectra index watch`: keeps the tables up to date until stopped. */
export async function watch(context: CommandContext, _operands: readonly string[], options: WatchOptions): Promise<ExitCode> {
  const { indexer, config, settings } = await openTables(context, options)
  await using _indexer = indexer
  const log = await context.log(settings)
  if (indexer.notice !== undefined) log.warn(indexer.notice)
  await using metrics = options.metricsPort === undefined ? undefined : await serveMetrics(indexer, options.metricsPort)
  if (metrics !== undefined) log.info('metrics', { url: metrics.url })
  await watchTables(indexer, config, context.signal, {
    onRun: (report, reason) => {
      const changed = report.tables.filter((table) => table.written + table.deleted > 0)
      if (changed.length > 0 || reason === 'start') {
        log.info(reason === 'start' ? 'up to date, watching' : 'updated', {
          reason,
          changed: changed.map(sentence).join('; '),
          ms: report.elapsedMs,
        })
      }
    },
    onError: (error) => log.error('a run failed', { message: error instanceof Error ? error.message : String(error) }),
  })
  return EXIT.ok
}

/** `vectra index status`: rows, age, model and size of each table. */
export async function status(context: CommandContext, _operands: readonly string[], options: IndexOptions): Promise<ExitCode> {
  const { indexer } = await openTables(context, options)
  await using _indexer = indexer
  const tables = await indexer.status()
  if (context.json) {
    for (const table of tables) await context.io.line(JSON.stringify(table))
    return EXIT.ok
  }
  const now = Date.now()
  const columns = [
    { name: 'table' },
    { name: 'rows', align: 'right' as const },
    { name: 'size', align: 'right' as const },
    { name: 'up to date' },
    { name: 'source' },
    { name: 'model' },
  ]
  const state = (table: (typeof tables)[number]): string => {
    if (!table.exists) return 'never indexed'
    if (!table.usable) return table.fingerprint === null ? 'damaged: rebuild' : 'another model: rebuild'
    if (!table.complete) return 'cut off: run again'
    return table.syncedAt === null ? 'never' : formatAge(table.syncedAt * 1_000, now)
  }
  const rows = tables.map((table) => [
    table.table,
    formatCount(table.rows),
    formatSize(table.bytes),
    state(table),
    table.position ?? '',
    table.fingerprint?.split('/').slice(0, 2).join(' ') ?? '',
  ])
  await context.io.line(renderTable(columns, rows, (header) => context.io.styled('dim', header)))
  if (indexer.notice !== undefined) context.io.say(indexer.notice)
  return EXIT.ok
}

/** `vectra index state`: the SHA-256 of every CONTEXT.md as the tables hold it, for `vectra-context check --index-state`. */
export async function state(context: CommandContext): Promise<ExitCode> {
  const settings = await context.settings()
  await using indexer = await openIndexer({ dataDir: settings.values.dataDir, model: 'none' })
  const held = [...(await indexer.indexState())].sort(([a], [b]) => (a < b ? -1 : 1))
  await context.io.line(JSON.stringify(Object.fromEntries(held), null, 2))
  return EXIT.ok
}

type Work = (indexer: Indexer, how: NonNullable<Parameters<Indexer['run']>[0]>) => Promise<RunReport>

async function work(context: CommandContext, options: IndexOptions, start: Work, metricsFile?: string): Promise<ExitCode> {
  const { indexer, settings } = await openTables(context, options)
  await using _indexer = indexer
  const log = await context.log(settings)
  if (indexer.notice !== undefined) log.warn(indexer.notice)
  const progress = new IndexProgress(() => performance.now())
  const subject = { text: () => progress.text(), fields: () => progress.fields() }
  using _line = context.display.show(subject, log, { quiet: context.quiet })
  const report = await start(indexer, {
    tables: tablesOf(options.table),
    signal: context.signal,
    onProgress: (now) => progress.saw(now),
  })
  if (metricsFile !== undefined) {
    writeOutput(resolve(context.cwd, metricsFile), await indexer.metrics(), { overwrite: true, dataDir: settings.values.dataDir })
  }
  if (context.json) await context.io.line(JSON.stringify(reportJson(report)))
  else {
    for (const table of report.tables) await context.io.line(sentence(table))
    for (const { table, why } of report.skipped) context.io.say(`${table}: left as it is, ${why}`)
    context.io.say(`in ${formatDuration(report.elapsedMs)}`)
  }
  return EXIT.ok
}

function sentence(table: SyncReport): string {
  if (table.written + table.deleted === 0) return `${table.table}: nothing new`
  const embedded = table.embedded > 0 ? `, ${formatCount(table.embedded)} embedded` : ''
  const cut = table.cut > 0 ? `, ${formatCount(table.cut)} longer than the model reads` : ''
  const cached = table.cached > 0 ? `, ${formatCount(table.cached)} embeddings from the cache` : ''
  return `${table.table}: ${formatCount(table.written)} rows written, ${formatCount(table.deleted)} deleted${embedded}${cached}${cut}`
}

function reportJson(report: RunReport): unknown {
  return {
    tables: report.tables.map(({ table, scopes, loaded, written, deleted, embedded, cached, cut, commits }) => ({
      ...{ table, scopes, loaded, written, deleted, embedded, cached, cut, commits },
    })),
    skipped: report.skipped,
    elapsed_ms: report.elapsedMs,
  }
}
