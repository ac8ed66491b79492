import { existsSync } from 'node:fs'
import { delimiter, join, resolve } from 'node:path'
import { type ChromaSource, type MigrationReport, migrateChroma, openChromaHttp, openChromaMcp } from '@vectra/mcp'
import type { CommandContext } from '../context.ts'
import { CliError } from '../errors.ts'
import { existingDir } from '../existing-dir.ts'
import { EXIT, type ExitCode } from '../exit-codes.ts'
import { indexerConfig, openTables } from '../indexing.ts'
import { openTarget } from '../mcp/migration-target.ts'
import { renderTable } from '../terminal/table.ts'
import { formatCount } from '../terminal/units.ts'

/** Options of `vectra migrate chroma`. */
export interface MigrateOptions {
  readonly from?: string
  readonly url?: string
  readonly command?: string
  readonly collection?: readonly string[]
  readonly dryRun?: boolean
  readonly index: boolean
  readonly pageSize: number
  readonly repo?: string
  readonly model?: string
}

/** `vectra migrate chroma`: takes the documents of Chroma collections over, proves the counts, and makes them searchable. */
export async function chroma(context: CommandContext, _operands: readonly string[], options: MigrateOptions): Promise<ExitCode> {
  const { io, signal } = context
  const dryRun = options.dryRun === true
  const settings = await context.settings()
  if (options.repo !== undefined) existingDir(context.cwd, options.repo, '--repo')
  const config = indexerConfig(context, settings, options)
  await using source = await openSource(context, options)
  const existing = await source.collections(signal)
  const chosen = options.collection ?? existing
  const missing = chosen.filter((name) => !existing.includes(name))
  if (missing.length > 0) {
    throw new CliError('CLI_USAGE', `there is no collection ${missing.join(', ')}`, {
      exitCode: EXIT.usage,
      hint: existing.length === 0 ? 'that database holds no collections' : `there are ${existing.join(', ')}`,
    })
  }
  const reports: MigrationReport[] = []
  {
    await using target = await openTarget(settings.values.dataDir, config.repoDir, { dryRun })
    const onStop = (): void => io.say('stopped; what was written stays: run the same command again to go on')
    if (!dryRun) signal.addEventListener('abort', onStop, { once: true })
    using _listening = { [Symbol.dispose]: () => signal.removeEventListener('abort', onStop) }
    for (const collection of chosen) {
      const report = await migrateChroma({
        ...{ source, collection, target, dryRun, signal, pageSize: options.pageSize },
        onProgress: (done, total) => {
          if (io.stderrIsLive && !context.quiet) io.say(`${collection}: ${done} of ${total}`)
        },
      })
      reports.push(report)
      if (context.json) await io.line(JSON.stringify(reportJson(report)))
    }
  }
  if (!context.json) await show(context, source, reports)
  const proven = reports.every((report) => report.proven)
  if (!dryRun && options.index && proven && chosen.length > 0) {
    const { indexer } = await openTables(context, options)
    await using _indexer = indexer
    const { tables, skipped } = await indexer.run({ signal })
    for (const { table, written } of tables) io.say(`${table}: ${written} rows written to the search table`)
    for (const { table, why } of skipped) io.say(`${table}: left as it is, ${why}`)
  }
  return proven ? EXIT.ok : EXIT.badData
}

async function openSource(context: CommandContext, { from, url, command }: MigrateOptions): Promise<ChromaSource> {
  if ((from === undefined) === (url === undefined)) {
    throw new CliError('CLI_USAGE', 'where is the Chroma database?', {
      exitCode: EXIT.usage,
      hint: 'vectra migrate chroma --from DIR   (through chroma-mcp), or --url http://127.0.0.1:8000   (a Chroma server)',
    })
  }
  if (url !== undefined && !/^https?:$/.test(URL.parse(url)?.protocol ?? '')) {
    throw new CliError('CLI_USAGE', `"${url}" is no address of a Chroma server`, {
      exitCode: EXIT.usage,
      hint: '--url http://127.0.0.1:8000',
    })
  }
  if (url !== undefined) return openChromaHttp({ url, token: context.env.CHROMA_TOKEN })
  const dir = resolve(context.cwd, from ?? '')
  if (!existsSync(join(dir, 'chroma.sqlite3'))) {
    throw new CliError('CLI_FILE_UNREADABLE', 'this is no Chroma database: it holds no chroma.sqlite3', {
      exitCode: EXIT.failure,
      where: dir,
      hint: 'name the directory that was given to PersistentClient, or to `chroma run --path`',
    })
  }
  const [program = '', ...args] = command === undefined ? defaultCommand(context.env.PATH ?? '') : [command]
  context.io.say(`reading ${dir} through ${[program, ...args].join(' ')}`)
  return openChromaMcp(
    { command: program, args: [...args, '--client-type', 'persistent', '--data-dir', dir] },
    { signal: context.signal },
  )
}

/** The installed program, else uv's launcher, with the last pydantic that chroma-mcp's pinned SDK works with. */
function defaultCommand(path: string): readonly string[] {
  const installed = path.split(delimiter).some((dir) => dir !== '' && existsSync(join(dir, 'chroma-mcp')))
  return installed ? ['chroma-mcp'] : ['uvx', '--with', 'pydantic<2.12', 'chroma-mcp@0.2.6']
}

async function show({ io }: CommandContext, source: ChromaSource, reports: readonly MigrationReport[]): Promise<void> {
  if (reports.length === 0) {
    io.say(`${source.name} holds no collections`)
    return
  }
  const right = (name: string) => ({ name, align: 'right' as const })
  const columns = [
    { name: 'collection' },
    ...['in', 'events', 'code', 'notes', 'quarantine', 'new'].map(right),
    { name: 'counts' },
  ]
  const rows = reports.map(({ collection, counted, routed, added, proven, dryRun }) => [
    collection,
    ...[counted, routed.events, routed.code_context, routed.debug_notes, routed.quarantine, added].map(formatCount),
    dryRun ? 'nothing written' : proven ? 'proven' : 'NOT PROVEN',
  ])
  await io.line(renderTable(columns, rows, (header) => io.styled('dim', header)))
  for (const { collection, quarantined } of reports) {
    for (const [reason, count] of Object.entries(quarantined)) io.say(`${collection}: ${count} set aside: ${reason}`)
  }
}

function reportJson({ collection, dryRun, counted, read, routed, added, stored, proven, quarantined }: MigrationReport): object {
  return { collection, dry_run: dryRun, counted, read, routed, added, stored, proven, quarantined }
}
