import { openEventStore } from '@vectra/event-store'
import {
  type BrokenLine,
  createPipeline,
  type EventSink,
  type ImportSource,
  importFile,
  systemClock,
  systemRandom,
} from '@vectra/ingest'
import { type CaptureFile, checkReadable, findCaptureFiles, readPieces } from '../capture-files.ts'
import type { CommandContext } from '../context.ts'
import { EXIT, type ExitCode } from '../exit-codes.ts'
import { type Failure, failureOf, showFailure } from '../failure.ts'
import { interruptedExit } from '../stop.ts'
import { renderTable } from '../terminal/table.ts'
import { formatCount, formatDuration, plural } from '../terminal/units.ts'

/** What one file gave. */
interface FileResult {
  readonly file: string
  readonly format: string
  readonly session: string
  /** Events and broken lines. */
  readonly lines: number
  readonly events: number
  /** Stored by this import. */
  readonly new: number
  /** In the store already. */
  readonly duplicates: number
  readonly broken: number
  /** Stored, but not as the schema says. */
  readonly issues: number
}

interface Progress {
  readonly results: FileResult[]
  readonly broken: BrokenLine[]
  readonly failed: { readonly file: string; readonly failure: Failure }[]
  current: string
  /** Events of the file in hand. */
  live: () => number
}

/**
 * `vectra import`: each file's events exactly once, broken lines named, a second import adds nothing.
 *
 * A file that cannot be used does not keep the others from being stored. A stop signal ends after the file in hand: a file
 * left half-way by a forced end is finished by the next import.
 */
export async function importFiles(
  context: CommandContext,
  paths: readonly string[],
  options: { strict?: boolean },
): Promise<ExitCode> {
  const { io, signal } = context
  const { files, unreadable } = await findCaptureFiles(paths, context.cwd)
  const [first] = unreadable
  if (files.length === 0 && first !== undefined) throw first
  const settings = await context.settings()
  const log = await context.log(settings)
  const startedAt = performance.now()
  const progress: Progress = {
    results: [],
    broken: [],
    failed: unreadable.map((error) => ({ file: error.where ?? error.message, failure: failureOf(error) })),
    current: '',
    live: () => 0,
  }
  const usable = await onlyReadable(files, progress)
  if (usable.length > 0) {
    await using store = await openEventStore({
      dir: settings.values.dataDir,
      flush: { maxEvents: IMPORT_SEGMENT_EVENTS, intervalMs: settings.values['record.flushInterval'] },
      encoder: settings.values['record.encoder'],
    })
    using _status = context.display.show(
      {
        text: () =>
          `importing ${progress.results.length + 1}/${usable.length}  ${progress.current}  ${plural(eventsOf(progress), 'event')}`,
        fields: () => ({ file: progress.current, files: progress.results.length, of: usable.length, events: eventsOf(progress) }),
      },
      log,
      { quiet: context.quiet },
    )
    for (const file of usable) {
      if (signal.aborted) break
      await importOne(file, store, progress)
    }
    progress.current = 'writing part files'
    await store.flush()
  }
  const interrupted = signal.aborted && progress.results.length + progress.failed.length < files.length + unreadable.length
  await report(context, progress, { dataDir: settings.values.dataDir, elapsedMs: performance.now() - startedAt, interrupted })
  for (const { failure } of progress.failed.slice(0, 5)) showFailure(io, failure, { json: context.json })
  if (interrupted) return interruptedExit(context.stoppedBy())
  const failed = progress.failed[0]
  if (failed !== undefined) return failed.failure.exitCode
  return options.strict === true && progress.broken.length > 0 ? EXIT.badData : EXIT.ok
}

/** Part files of an import: its events come in bursts, and small parts cost every later query. */
const IMPORT_SEGMENT_EVENTS = 20_000

async function onlyReadable(files: readonly CaptureFile[], progress: Progress): Promise<CaptureFile[]> {
  const usable: CaptureFile[] = []
  for (const file of files) {
    try {
      await checkReadable(file)
      usable.push(file)
    } catch (error) {
      progress.failed.push({ file: file.name, failure: failureOf(error) })
    }
  }
  return usable
}

async function importOne(file: CaptureFile, store: EventSink, progress: Progress): Promise<void> {
  progress.current = file.name
  let source: ImportSource
  try {
    source = await importFile({ name: file.name, content: readPieces(file.path) })
  } catch (error) {
    progress.failed.push({ file: file.name, failure: failureOf(error) })
    return
  }
  const full = new AbortController()
  const pipeline = createPipeline({ source, sink: withoutPatience(store, full), clock: systemClock(), random: systemRandom() })
  progress.live = () => pipeline.counters().framesIn
  const sheet = await pipeline.run(full.signal)
  progress.live = () => 0
  progress.broken.push(...source.broken)
  progress.results.push({
    file: file.name,
    format: source.format,
    session: sheet.sessionId,
    lines: sheet.framesIn,
    events: sheet.framesIn - sheet.quarantined,
    new: sheet.stored,
    duplicates: sheet.duplicates,
    broken: source.broken.length,
    issues: sheet.issues,
  })
}

/** A recorder waits for room on a full disk; an import says so and leaves, because it can be run again. */
function withoutPatience(store: EventSink, full: AbortController): EventSink {
  return {
    openSession: (info) => store.openSession(info),
    endSession: (id, summary) => store.endSession(id, summary),
    async append(batch) {
      try {
        await store.append(batch)
      } catch (error) {
        full.abort()
        throw error
      }
    },
  }
}

async function report(
  { io, json }: CommandContext,
  { results, broken, failed }: Progress,
  { dataDir, elapsedMs, interrupted }: { dataDir: string; elapsedMs: number; interrupted: boolean },
): Promise<void> {
  const sum = (pick: (result: FileResult) => number): number => results.reduce((total, result) => total + pick(result), 0)
  const total = {
    files: results.length,
    lines: sum(({ lines }) => lines),
    events: sum(({ events }) => events),
    new: sum((result) => result.new),
    duplicates: sum(({ duplicates }) => duplicates),
    broken: broken.length,
    issues: sum(({ issues }) => issues),
  }
  if (json) {
    const failures = failed.map(({ file, failure: { code, message, exitCode } }) => ({ file, code, message, exit: exitCode }))
    await io.line(
      JSON.stringify({
        data_dir: dataDir,
        total,
        files: results,
        broken_lines: broken,
        failed: failures,
        elapsed_ms: Math.round(elapsedMs),
        interrupted,
      }),
    )
    return
  }
  if (results.length > 0) {
    const rows = [...results, { ...total, file: 'total', format: plural(total.files, 'file') }].map((row) => [
      row.file,
      row.format,
      ...[row.lines, row.events, row.new, row.duplicates, row.broken, row.issues].map(formatCount),
    ])
    const numbers = ['lines', 'events', 'new', 'known', 'broken', 'issues'].map((name) => ({ name, align: 'right' as const }))
    await io.line(
      renderTable([{ name: 'file', maxWidth: 120 }, { name: 'format' }, ...numbers], rows, (header) => io.styled('dim', header)),
    )
  }
  if (broken.length > 0) {
    await io.line(`\n${plural(broken.length, 'line')} could not be read and ${broken.length === 1 ? 'was' : 'were'} left out:`)
    for (const { file, line, reason } of broken) await io.line(`  ${file}:${line}: ${reason}`)
  }
  if (results.length > 0) io.say(`${plural(total.new, 'new event')} in ${dataDir}, ${formatDuration(elapsedMs)}`)
  if (interrupted) io.say('interrupted: import the same files again to store the rest')
}

function eventsOf({ results, live }: Progress): number {
  return results.reduce((sum, { events }) => sum + events, 0) + live()
}
