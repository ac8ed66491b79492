import { isoMicros, type ScrubProgress, type ScrubReport, scrubStore } from '@vectra/event-store'
import type { CommandContext } from '../context.ts'
import { requireDataDir } from '../data.ts'
import { EXIT, type ExitCode } from '../exit-codes.ts'
import { renderTable } from '../terminal/table.ts'
import { formatCount, formatDuration, formatSize, plural } from '../terminal/units.ts'

/** Options of `vectra store scrub`. */
export interface ScrubVerbOptions {
  /** Bytes per second. */
  readonly rate?: number
  readonly restart?: boolean
}

/** `vectra store scrub`: reads every file at a bounded rate; exit 65 when one is not as it was written. Goes on where it was stopped. */
export async function scrub(context: CommandContext, _operands: readonly string[], options: ScrubVerbOptions): Promise<ExitCode> {
  const { io, signal } = context
  const settings = await context.settings()
  requireDataDir(settings)
  const { dataDir } = settings.values
  const log = await context.log(settings)
  let progress: ScrubProgress = { done: 0, files: 0, bytes: 0 }
  using status = context.display.show(
    {
      text: () =>
        `scrubbing ${dataDir}  ${formatCount(progress.done)} of ${plural(progress.files, 'part')}  ${formatSize(progress.bytes)}`,
      fields: () => ({ done: progress.done, files: progress.files, bytes: progress.bytes }),
    },
    log,
    { quiet: context.quiet },
  )
  const report = await scrubStore({
    dir: dataDir,
    signal,
    onProgress: (now) => {
      progress = now
    },
    ...(options.rate === undefined ? {} : { rate: options.rate }),
    ...(options.restart === true ? { restart: true } : {}),
  })
  status[Symbol.dispose]()
  await print(context, report, dataDir)
  if (!report.ok && !context.json)
    io.say('nothing was changed; queries leave these files out. `vectra store verify` says more, a copy brings them back')
  return report.ok ? EXIT.ok : EXIT.badData
}

async function print({ io, json }: CommandContext, report: ScrubReport, dataDir: string): Promise<void> {
  const { ok, findings, read, before, bytes, durationMs, startedAt } = report
  if (json) {
    await io.line(
      JSON.stringify({
        ok,
        findings,
        read,
        before,
        bytes,
        started: isoMicros(startedAt),
        data_dir: dataDir,
        elapsed_ms: Math.round(durationMs),
      }),
    )
    return
  }
  if (findings.length > 0) {
    const rows = findings.map(({ path, text }) => [path, text])
    await io.line(
      `${renderTable([{ name: 'file', maxWidth: 120 }, { name: 'what' }], rows, (header) => io.styled('dim', header))}\n`,
    )
  }
  const earlier = before > 0 ? `, ${formatCount(before)} in an earlier run` : ''
  await io.line(
    `${ok ? io.styled('green', 'ok') : io.styled('red', plural(findings.length, 'bad file'))}: ${plural(read, 'file')} read${earlier} (${formatSize(bytes)}, ${formatDuration(durationMs)})`,
  )
}
