import { pruneStore } from '@vectra/event-store'
import type { DocType } from '@vectra/schemas'
import type { CommandContext } from '../context.ts'
import { requireDataDir } from '../data.ts'
import { EXIT, type ExitCode } from '../exit-codes.ts'
import { renderTable } from '../terminal/table.ts'
import { formatCount, formatSize, plural } from '../terminal/units.ts'

/** Options of `vectra store prune`. */
export interface PruneVerbOptions {
  readonly olderThan: number
  readonly docType: readonly DocType[]
  readonly keepGames?: readonly string[]
  readonly yes?: boolean
}

/** `vectra store prune`: retention. Shows the plan; with `--yes` rows go for good, and a receipt says which. Exit 75 while something needs them. */
export async function prune(context: CommandContext, _operands: readonly string[], options: PruneVerbOptions): Promise<ExitCode> {
  const { io, signal } = context
  const settings = await context.settings()
  requireDataDir(settings)
  const report = await pruneStore({
    dir: settings.values.dataDir,
    olderThanMs: options.olderThan,
    docTypes: options.docType,
    keepGames: options.keepGames ?? [],
    yes: options.yes === true,
    threads: 2,
    signal,
  })
  const rows = report.partitions.reduce((sum, partition) => sum + partition.rows, 0)
  if (context.json) {
    const partitions = report.partitions.map(({ docType, date, files, bytes, rows: gone, kept, receiptId }) => ({
      doc_type: docType,
      date,
      files,
      bytes,
      rows: gone,
      kept,
      receipt: receiptId,
    }))
    await io.line(
      JSON.stringify({
        executed: report.executed,
        before: report.before,
        rows,
        partitions,
        blocked: report.blocked,
        removed: report.removed,
      }),
    )
    return EXIT.ok
  }
  if (report.partitions.length === 0) {
    await io.line(`nothing to remove: no such rows from before ${report.before}`)
    return EXIT.ok
  }
  const right = (name: string): { name: string; align: 'right' } => ({ name, align: 'right' })
  const columns = [{ name: 'doc_type' }, { name: 'day (UTC)' }, right('parts'), right('size'), right('rows to go'), right('kept')]
  const lines = report.partitions.map((entry) => [
    entry.docType,
    entry.date,
    formatCount(entry.files),
    formatSize(entry.bytes),
    formatCount(entry.rows),
    formatCount(entry.kept),
  ])
  await io.line(`${renderTable(columns, lines, (header) => io.styled('dim', header))}\n`)
  await io.line(
    report.executed ? `${plural(rows, 'row')} removed` : `${plural(rows, 'row')} would go for good; nothing was changed`,
  )
  for (const reason of report.blocked) io.say(`! it would be refused now: ${reason}`)
  if (!report.executed) io.say('add --yes to remove them')
  return EXIT.ok
}
