import { compactStore } from '@vectra/event-store'
import type { CommandContext } from '../context.ts'
import { requireDataDir } from '../data.ts'
import { EXIT, type ExitCode } from '../exit-codes.ts'
import { renderTable } from '../terminal/table.ts'
import { formatCount, formatDuration, formatSize, plural } from '../terminal/units.ts'

/** Options of `vectra store compact`. */
export interface CompactVerbOptions {
  readonly date?: string
  readonly dryRun?: boolean
  readonly memory?: string
  readonly threads?: number
  readonly wait?: number
}

/** `vectra store compact`: merges small part files. Exit 75 while another process compacts, 65 when a part is damaged. */
export async function compact(
  context: CommandContext,
  _operands: readonly string[],
  options: CompactVerbOptions,
): Promise<ExitCode> {
  const { io, signal } = context
  const settings = await context.settings()
  requireDataDir(settings)
  const { dataDir } = settings.values
  const log = await context.log(settings)
  const startedAt = performance.now()
  let now = 'planning'
  using status = context.display.show(
    { text: () => `compacting ${dataDir}  ${now}  ${formatDuration(performance.now() - startedAt)}`, fields: () => ({ now }) },
    log,
    {
      quiet: context.quiet,
    },
  )
  const report = await compactStore({
    dir: dataDir,
    threads: options.threads ?? 2,
    signal,
    onMerge: ({ docType, date, inputs }) => {
      now = `${docType} ${date}: ${plural(inputs.length, 'part')}`
    },
    ...(options.date === undefined ? {} : { date: options.date }),
    ...(options.dryRun === undefined ? {} : { dryRun: options.dryRun }),
    ...(options.memory === undefined ? {} : { memoryLimit: options.memory }),
    ...(options.wait === undefined ? {} : { waitMs: options.wait }),
  })
  status[Symbol.dispose]()
  if (context.json) {
    const merges = report.merges.map(({ docType, date, kind, files, rows, bytes, output }) => ({
      doc_type: docType,
      date,
      kind,
      files,
      rows,
      bytes,
      output: output?.path ?? null,
      output_bytes: output?.bytes ?? null,
      receipt: output?.receiptId ?? null,
    }))
    const failures = report.failures.map(({ docType, date, code, message }) => ({ doc_type: docType, date, code, message }))
    await io.line(
      JSON.stringify({
        dry_run: report.dryRun,
        merges,
        failures,
        removed: report.removed,
        waiting: report.waiting,
        elapsed_ms: Math.round(report.durationMs),
      }),
    )
  } else {
    if (report.merges.length > 0) {
      const right = (name: string): { name: string; align: 'right' } => ({ name, align: 'right' })
      const columns = [{ name: 'doc_type' }, { name: 'day (UTC)' }, right('parts'), right('rows'), right('size'), right('merged')]
      const rows = report.merges.map((merge) => [
        merge.docType,
        merge.date,
        formatCount(merge.files),
        formatCount(merge.rows),
        formatSize(merge.bytes),
        merge.output === null ? '' : formatSize(merge.output.bytes),
      ])
      await io.line(`${renderTable(columns, rows, (header) => io.styled('dim', header))}\n`)
    }
    const parts = report.merges.reduce((sum, { files }) => sum + files, 0)
    const what =
      report.merges.length === 0
        ? `nothing ${report.failures.length === 0 ? 'to merge' : 'was merged'}`
        : `${plural(parts, 'part')} ${report.dryRun ? 'would become' : 'became'} ${formatCount(report.merges.length)}`
    await io.line(`${what} (${formatDuration(report.durationMs)})`)
    if (report.waiting > 0)
      io.say(
        `${plural(report.waiting, 'merged part')} stay until their readers are done; the next compaction or recovery removes them`,
      )
    for (const { docType, date, message } of report.failures) io.say(`! ${docType} ${date}: ${message}`)
  }
  if (report.failures.length === 0) return EXIT.ok
  return report.failures.some(({ code }) => code === 'STORE_PROOF') ? EXIT.badData : EXIT.cannotWrite
}
