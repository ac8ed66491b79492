import { createHash } from 'node:crypto'
import path from 'node:path'
import type { NewFile, SegmentRange } from './catalog-records.ts'
import { SCHEMA_VERSION } from './columns.ts'
import { removeFile } from './durable.ts'
import { systemCode } from './errors.ts'
import { type MaterializeDeps, materialize, segmentPath } from './materialize.ts'
import { isLockFile, type OwnerLock } from './owner-lock.ts'
import { PART_KEY, type PartRecord } from './part-plan.ts'
import { isMergedName, isSessionId, isTemporary, parsePartPath, parseSegmentFile, session8, stagedPath } from './paths.ts'
import { quarantineCopy } from './quarantine.ts'
import { headerOf } from './segment.ts'

/** What a recovery found and did. All counts are 0 when there was nothing to do: then nothing on disk was changed. */
export interface RecoveryReport {
  /** Sessions whose process was gone and whose journal was turned into parts. */
  readonly sessions: readonly string[]
  /** Sessions that a live process holds: left alone. */
  readonly live: readonly string[]
  readonly segments: number
  readonly rows: number
  /** Bytes of writes that were never acknowledged, cut from the end of segments. */
  readonly trimmedBytes: number
  /** Seqs lost to damage; each is a `gap` row now. */
  readonly missing: readonly { readonly sessionId: string; readonly from: number; readonly to: number }[]
  /** Names in `quarantine/`. */
  readonly quarantined: readonly string[]
  readonly removedTemporary: number
  /** Parts on disk that the catalog had lost. */
  readonly adoptedFiles: number
  /** Parts that the catalog lists and the disk does not have. */
  readonly missingFiles: readonly string[]
  readonly catalogRebuilt: boolean
  /** Segments that could not be turned into parts; their events stay safe in the journal. */
  readonly failures: readonly { readonly sessionId: string; readonly segment: number; readonly message: string }[]
  readonly durationMs: number
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] extends readonly (infer E)[] ? E[] : T[K] }
type Report = Mutable<RecoveryReport>

/** Who may touch a session's journal. */
export interface SessionLocks {
  /** The lock, or `undefined` while a live process holds it. */
  take(sessionId: string): OwnerLock | undefined
}

function emptyReport(): Report {
  return {
    sessions: [],
    live: [],
    segments: 0,
    rows: 0,
    trimmedBytes: 0,
    missing: [],
    quarantined: [],
    removedTemporary: 0,
    adoptedFiles: 0,
    missingFiles: [],
    catalogRebuilt: false,
    failures: [],
    durationMs: 0,
  }
}

const message = (error: unknown): string => (error instanceof Error ? error.message : String(error))

/**
 * Turns whatever a dead session left in its journal into parts. The caller holds the session's lock.
 *
 * Never throws for what is on the disk: a segment that cannot be handled is reported and left in place.
 */
export async function recoverSession(deps: MaterializeDeps, sessionId: string, report: Report): Promise<void> {
  const { fs, paths } = deps
  const directory = path.join(paths.journal, sessionId)
  const segments: number[] = []
  for (const entry of fs.readdir(directory)) {
    if (isLockFile(entry.name)) continue
    const segment = entry.isDirectory ? undefined : parseSegmentFile(entry.name)
    if (segment !== undefined) segments.push(segment)
    else if (!entry.isDirectory && isTemporary(entry.name)) {
      fs.unlink(path.join(directory, entry.name))
      report.removedTemporary++
    } else if (!entry.isDirectory) {
      const name = quarantineCopy(deps, `${session8(sessionId)}-${entry.name}`, fs.read(path.join(directory, entry.name)), {
        path: path.posix.join('journal', sessionId, entry.name),
        reasons: ['not a journal file'],
      })
      fs.unlink(path.join(directory, entry.name))
      report.quarantined.push(name)
    }
  }
  if (segments.length === 0) return
  segments.sort((a, b) => a - b)
  report.sessions.push(sessionId)
  const starts = segments.map((segment) => ({
    segment,
    seqFirst: headerOf(fs.read(segmentPath(paths, sessionId, segment)))?.first_seq,
  }))
  // Whether every earlier segment is in the catalog, so that its end is where this one starts. A catalog that was lost is
  // filled again only after the journals.
  let whole = !report.catalogRebuilt
  for (const segment of segments) {
    const { earlier, laterSeq } = deps.catalog.around(sessionId, segment)
    // A later segment starts where this one's acknowledged rows end, wherever that is known from.
    const later = starts.flatMap((other) => (other.segment > segment && other.seqFirst !== undefined ? [other.seqFirst] : []))
    try {
      const result = await materialize(deps, {
        sessionId,
        segment,
        limit: later.reduce((least, seq) => Math.min(least, seq), laterSeq),
        ...(whole ? { firstSeq: earlier === undefined ? 1 : earlier.seqLast + 1 } : {}),
      })
      if (result.published) report.segments++
      report.rows += result.rows
      if (result.repair !== undefined) {
        report.trimmedBytes += result.repair.trimmedBytes
        report.missing.push(...result.repair.missing.map((range) => ({ sessionId, ...range })))
        if (result.repair.quarantined !== null) report.quarantined.push(result.repair.quarantined)
      }
    } catch (error) {
      whole = false
      report.failures.push({ sessionId, segment, message: message(error) })
    }
  }
}

/** Sessions that have a journal directory, in order. */
function journalSessions(deps: MaterializeDeps): string[] {
  const { fs, paths } = deps
  if (fs.stat(paths.journal) === undefined) return []
  return fs
    .readdir(paths.journal)
    .flatMap((entry) => (entry.isDirectory && isSessionId(entry.name) ? [entry.name] : []))
    .sort()
}

/** Every file below `events_parquet`, relative to the data directory, with `/`. */
function listParts(deps: MaterializeDeps): string[] {
  const { fs, paths } = deps
  const found: string[] = []
  const walk = (directory: string, relative: string, depth: number): void => {
    if (fs.stat(directory) === undefined) return
    for (const entry of fs.readdir(directory)) {
      const at = `${relative}/${entry.name}`
      if (entry.isDirectory && depth < 2) walk(path.join(directory, entry.name), at, depth + 1)
      else if (!entry.isDirectory) found.push(at)
    }
  }
  walk(paths.events, 'events_parquet', 0)
  return found.sort()
}

function partRecord(metadata: Readonly<Record<string, string>>): PartRecord | undefined {
  try {
    const value = JSON.parse(metadata[PART_KEY] ?? 'null') as PartRecord | null
    return value !== null && typeof value.segment === 'number' && typeof value.session?.sessionId === 'string' ? value : undefined
  } catch {
    return undefined
  }
}

/** Files on disk against the catalog: removes temporary files of dead sessions, lists again what the catalog lost. */
async function reconcileParts(deps: MaterializeDeps, held: ReadonlySet<string>, report: Report): Promise<void> {
  const { fs, paths, catalog } = deps
  // In this order, so that a session that starts or publishes meanwhile is seen as live, or its files as listed.
  const onDisk = listParts(deps)
  const live = new Set(journalSessions(deps).flatMap((sessionId) => (held.has(sessionId) ? [] : [session8(sessionId)])))
  const known = new Set(catalog.filePaths())
  const present = new Set(onDisk)
  const exists = (relative: string): boolean =>
    present.has(relative) ||
    present.has(stagedPath(relative)) ||
    fs.stat(path.join(paths.root, ...relative.split('/'))) !== undefined
  const retired = new Set(catalog.retiredPaths())
  for (const file of known) if (!retired.has(file) && !exists(file)) report.missingFiles.push(file)
  const orphans = new Map<string, { record: PartRecord; files: NewFile[] }>()
  for (const relative of onDisk) {
    if (known.has(relative)) continue
    const absolute = path.join(paths.root, ...relative.split('/'))
    const name = path.posix.basename(relative)
    // Merged parts are the compaction's own business: its recovery needs its lock.
    if (isMergedName(name)) continue
    if (isTemporary(name)) {
      const owner = /^part-([0-9a-f]{8})-/.exec(name)?.[1]
      if (owner !== undefined && live.has(owner)) continue
      if (removeFile(fs, absolute)) report.removedTemporary++
      continue
    }
    const key = parsePartPath(relative)
    if (key === undefined || live.has(key.session8)) continue
    try {
      const footer = await deps.encoder.inspect(absolute)
      const record = partRecord(footer.metadata)
      if (
        record === undefined ||
        record.rows !== footer.rows ||
        session8(record.session.sessionId) !== key.session8 ||
        record.segment !== key.segment
      ) {
        throw new Error('its metadata does not match its name or its rows')
      }
      // The journal still has the segment (it failed to encode): that is the truth, the part will be made again.
      if (fs.stat(segmentPath(paths, record.session.sessionId, record.segment)) !== undefined) continue
      const content = fs.read(absolute)
      const id = `${record.session.sessionId}/${record.segment}`
      const entry = orphans.get(id) ?? { record, files: [] }
      // Gap rows stand in the system_event part only.
      if (record.gaps.length > 0) entry.record = record
      entry.files.push({
        path: relative,
        docType: key.docType,
        date: key.date,
        sessionId: record.session.sessionId,
        segment: record.segment,
        rows: record.rows,
        bytes: content.byteLength,
        sha256: createHash('sha256').update(content).digest('hex'),
        seqFirst: record.seqFirst,
        seqLast: record.seqLast,
        tsMin: record.tsMin,
        tsMax: record.tsMax,
        schemaVersion: Number(footer.metadata['vectra.schema_version'] ?? SCHEMA_VERSION),
        writer: footer.metadata['vectra.writer'] ?? 'unknown',
        ...(record.games === undefined ? {} : { games: record.games }),
      })
      orphans.set(id, entry)
    } catch (error) {
      // Merged meanwhile, or set aside by a recovery beside this one.
      if (fs.stat(absolute) === undefined) continue
      const reasons = [`unreadable part: ${message(error)}`]
      try {
        const set = quarantineCopy(deps, name, fs.read(absolute), { path: relative, reasons })
        if (removeFile(fs, absolute)) report.quarantined.push(set)
      } catch (failure) {
        if (systemCode(failure) !== 'ENOENT') throw failure
      }
    }
  }
  for (const { record, files } of orphans.values()) {
    for (const sibling of record.siblings) if (!exists(sibling)) report.missingFiles.push(sibling)
    try {
      catalog.commitSegment(
        {
          session: record.session,
          segment: record.segment,
          seqFirst: record.segmentSeqFirst,
          seqLast: record.segmentSeqLast,
          rows: record.segmentRows,
          files,
          gaps: record.gaps,
        },
        deps.clock.now(),
      )
      report.adoptedFiles += files.length
    } catch (error) {
      report.failures.push({ sessionId: record.session.sessionId, segment: record.segment, message: message(error) })
    }
  }
}

/**
 * Repairs a data directory: journals of dead sessions become parts, leftovers go, a lost catalog is filled again.
 *
 * Always ends, asks nobody, and a second run changes nothing (P4). Sessions of live processes are not touched (P10).
 */
export async function recover(
  deps: MaterializeDeps,
  locks: SessionLocks,
  options: { readonly catalogRebuilt?: boolean } = {},
): Promise<RecoveryReport> {
  const started = deps.clock.monotonic()
  const report = emptyReport()
  report.catalogRebuilt = options.catalogRebuilt ?? false
  const held = new Map<string, OwnerLock>()
  try {
    for (const name of journalSessions(deps)) {
      try {
        const lock = locks.take(name)
        if (lock === undefined) {
          report.live.push(name)
          continue
        }
        held.set(name, lock)
        await recoverSession(deps, name, report)
      } catch (error) {
        report.failures.push({ sessionId: name, segment: 0, message: message(error) })
      }
    }
    await reconcileParts(deps, new Set(held.keys()), report)
  } finally {
    for (const lock of held.values()) lock.release()
  }
  report.durationMs = deps.clock.monotonic() - started
  return report
}

/** Where a session's next append continues: after everything that is in parts. */
export function sessionEnd(segments: readonly SegmentRange[]): { readonly segment: number; readonly seq: number } {
  return segments.reduce(
    (end, range) => ({ segment: Math.max(end.segment, range.segment), seq: Math.max(end.seq, range.seqLast) }),
    { segment: 0, seq: 0 },
  )
}
