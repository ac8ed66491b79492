import { type Dirent, existsSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { type FileMeta, liveSessions, openCatalog, rebuildCatalog, recoverStore, storePaths } from '@vectra/event-store'
import type { DocType } from '@vectra/schemas'
import type { CommandContext } from '../context.ts'
import { requireDataDir, requireStore } from '../data.ts'
import { EXIT, type ExitCode } from '../exit-codes.ts'
import { renderPairs, renderTable } from '../terminal/table.ts'
import { formatCount, formatDuration, formatSize, plural } from '../terminal/units.ts'
import { formatWhen, isoMicros } from '../terminal/when.ts'

const right = (name: string): { name: string; align: 'right' } => ({ name, align: 'right' })

/** `vectra store stats`: rows, files and bytes by doc_type, from the catalog; what waits in the journal. */
export async function stats(context: CommandContext): Promise<ExitCode> {
  const { io } = context
  const settings = await context.settings()
  requireDataDir(settings)
  const { dataDir } = settings.values
  const paths = storePaths(dataDir)
  const files = catalogFiles(dataDir)
  const byType = [...Map.groupBy(files, ({ docType }) => docType)].map(([docType, group]) => ({
    doc_type: docType,
    ...totals(group),
  }))
  byType.sort((a, b) => b.bytes - a.bytes)
  const total = totals(files)
  const journal = filesBelow(paths.journal).filter(({ name }) => name.endsWith('.ndjson'))
  const waiting = {
    segments: journal.length,
    bytes: journal.reduce((sum, { bytes }) => sum + bytes, 0),
    recording: liveSessions(dataDir).map(({ sessionId }) => sessionId),
  }
  const quarantined = existsSync(paths.quarantine) ? readdirSync(paths.quarantine).length : 0
  if (context.json) {
    await io.line(JSON.stringify({ data_dir: dataDir, total, doc_types: byType, journal: waiting, quarantined }))
    return EXIT.ok
  }
  await io.line(
    renderPairs([
      ['data', dataDir],
      [
        'journal',
        `${plural(waiting.segments, 'segment')}, ${formatSize(waiting.bytes)} not yet in part files${waiting.recording.length > 0 ? `; recording: ${waiting.recording.join(', ')}` : ''}`,
      ],
      ['quarantine', quarantined === 0 ? 'empty' : plural(quarantined, 'file')],
    ]),
  )
  const row = (name: string, { rows, files: count, bytes, first, last }: ReturnType<typeof totals>): string[] => [
    name,
    formatCount(rows),
    formatCount(count),
    formatSize(bytes),
    first?.slice(0, 19).replace('T', ' ') ?? '',
    last?.slice(0, 19).replace('T', ' ') ?? '',
  ]
  const columns = [
    { name: 'doc_type' },
    right('rows'),
    right('files'),
    right('size'),
    { name: 'first (UTC)' },
    { name: 'last (UTC)' },
  ]
  await io.line(
    `\n${renderTable(columns, [...byType.map((entry) => row(entry.doc_type, entry)), row('total', total)], (header) => io.styled('dim', header))}`,
  )
  return EXIT.ok
}

/** `vectra store ls`: part files as the catalog lists them. */
export async function list(
  context: CommandContext,
  _operands: readonly string[],
  options: { type?: DocType },
): Promise<ExitCode> {
  const { io } = context
  const settings = await context.settings()
  requireDataDir(settings)
  const files = catalogFiles(settings.values.dataDir).filter(
    ({ docType }) => options.type === undefined || docType === options.type,
  )
  if (context.json) {
    for (const file of files) {
      await io.line(
        JSON.stringify({
          path: file.path,
          doc_type: file.docType,
          date: file.date,
          session_id: file.sessionId,
          segment: file.segment,
          rows: file.rows,
          bytes: file.bytes,
          sha256: file.sha256,
          seq_first: file.seqFirst,
          seq_last: file.seqLast,
          first: isoMicros(file.tsMin),
          last: isoMicros(file.tsMax),
          writer: file.writer,
          schema_version: file.schemaVersion,
        }),
      )
    }
    return EXIT.ok
  }
  if (files.length === 0) {
    io.say('no part files')
    return EXIT.ok
  }
  const rows = files.map((file) => [
    file.path,
    formatCount(file.rows),
    formatSize(file.bytes),
    `${file.seqFirst}–${file.seqLast}`,
    formatWhen(file.tsMin, 'seconds'),
    file.writer,
  ])
  const columns = [
    { name: 'path', maxWidth: 120 },
    right('rows'),
    right('size'),
    right('seq'),
    { name: 'first (UTC)' },
    { name: 'writer' },
  ]
  await io.line(renderTable(columns, rows, (header) => io.styled('dim', header)))
  return EXIT.ok
}

/** `vectra store recover`: what dead recorders left in their journals becomes part files. A second run changes nothing. */
export async function recover(
  context: CommandContext,
  _operands: readonly string[],
  options: { rebuildCatalog?: boolean },
): Promise<ExitCode> {
  const { io } = context
  const settings = await context.settings()
  requireStore(settings)
  const repair = options.rebuildCatalog === true ? rebuildCatalog : recoverStore
  const report = await repair({ dir: settings.values.dataDir, encoder: settings.values['record.encoder'], setAside: true })
  if (context.json) {
    const {
      sessions,
      live,
      segments,
      rows,
      trimmedBytes,
      missing,
      quarantined,
      removedTemporary,
      adoptedFiles,
      missingFiles,
      catalogRebuilt,
      failures,
      durationMs,
    } = report
    await io.line(
      JSON.stringify({
        sessions,
        live,
        segments,
        rows,
        trimmed_bytes: trimmedBytes,
        missing,
        quarantined,
        removed_temporary: removedTemporary,
        adopted_files: adoptedFiles,
        missing_files: missingFiles,
        catalog_rebuilt: catalogRebuilt,
        failures,
        elapsed_ms: Math.round(durationMs),
      }),
    )
  } else {
    await io.line(
      renderPairs([
        [
          'recovered',
          `${plural(report.rows, 'row')} from ${plural(report.segments, 'segment')} of ${plural(report.sessions.length, 'session')} (${formatDuration(report.durationMs)})`,
        ],
        ['left alone', report.live.length === 0 ? 'no live recorder' : report.live.join(', ')],
        ['cut off', `${formatSize(report.trimmedBytes)} never acknowledged`],
        [
          'lost',
          report.missing.length === 0
            ? 'nothing'
            : report.missing.map(({ sessionId, from, to }) => `${sessionId} seq ${from}–${to} (gap row)`).join(', '),
        ],
        ['set aside', report.quarantined.length === 0 ? 'nothing' : report.quarantined.join(', ')],
        [
          'catalog',
          `${report.catalogRebuilt ? 'rebuilt; ' : ''}${plural(report.adoptedFiles, 'part')} adopted, ${plural(report.missingFiles.length, 'part')} missing`,
        ],
      ]),
    )
    for (const { sessionId, segment, message } of report.failures)
      io.say(`! session ${sessionId} segment ${segment}: ${message}; its events stay in the journal`)
  }
  return report.failures.length > 0 ? EXIT.cannotWrite : EXIT.ok
}

/** Part files; none when nothing was stored yet. @throws STORE_CATALOG */
function catalogFiles(dataDir: string): FileMeta[] {
  if (!existsSync(storePaths(dataDir).catalog)) return []
  using catalog = openCatalog(dataDir)
  return catalog.files()
}

function totals(files: readonly FileMeta[]): {
  rows: number
  files: number
  bytes: number
  first: string | null
  last: string | null
} {
  return {
    rows: files.reduce((sum, { rows }) => sum + rows, 0),
    files: files.length,
    bytes: files.reduce((sum, { bytes }) => sum + bytes, 0),
    first:
      files.length === 0 ? null : isoMicros(files.reduce((first, { tsMin }) => Math.min(first, tsMin), Number.POSITIVE_INFINITY)),
    last: files.length === 0 ? null : isoMicros(files.reduce((last, { tsMax }) => Math.max(last, tsMax), 0)),
  }
}

function filesBelow(directory: string): { name: string; bytes: number }[] {
  return entriesOf(directory).flatMap((entry) => {
    const path = join(directory, entry.name)
    if (entry.isDirectory()) return filesBelow(path)
    return entry.isFile() ? [{ name: entry.name, bytes: statSync(path, { throwIfNoEntry: false })?.size ?? 0 }] : []
  })
}

/** None of a directory that is not there: a recorder removes its own when it ends. */
function entriesOf(directory: string): Dirent[] {
  try {
    return readdirSync(directory, { withFileTypes: true })
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return []
    throw error
  }
}
