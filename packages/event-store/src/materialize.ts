import { createHash } from 'node:crypto'
import path from 'node:path'
import type { Clock } from '@vectra/schemas'
import type { CatalogWriter, NewFile } from './catalog-records.ts'
import { SCHEMA_VERSION } from './columns.ts'
import type { DurableDirectories } from './durable.ts'
import { durableWrite } from './durable.ts'
import type { FsPort } from './fs-port.ts'
import type { SegmentHeader } from './line.ts'
import type { PartEncoder, PartPlan } from './part-encoder.ts'
import { gapsOf, planParts, sessionRecord } from './part-plan.ts'
import { type StorePaths, segmentFile, segmentLabel, session8 } from './paths.ts'
import { quarantineCopy } from './quarantine.ts'
import { type MissingSeqs, repairSegment } from './repair.ts'
import { isClean, type SegmentScan, scanSegment } from './segment.ts'

/** What turning segments into parts needs of the world. */
export interface MaterializeDeps {
  readonly fs: FsPort
  readonly clock: Clock
  readonly catalog: CatalogWriter
  readonly encoder: PartEncoder
  readonly paths: StorePaths
  readonly directories: DurableDirectories
}

/** A segment to turn into parts. */
export interface SegmentTask {
  readonly sessionId: string
  readonly segment: number
  /** First seq that belongs to a later segment; rows from there on were never acknowledged here. */
  readonly limit?: number
  /** First seq that no earlier segment holds, where that is known. */
  readonly firstSeq?: number
}

/** What became of a segment. */
export interface MaterializeResult {
  /** False when the catalog had it already, or nothing of it was left. */
  readonly published: boolean
  /** Canonical rows. */
  readonly rows: number
  readonly rowsByDocType: Readonly<Record<string, number>>
  readonly bytesByDocType: Readonly<Record<string, number>>
  readonly files: number
  readonly bytes: number
  /** Set when the segment had to be repaired first. */
  readonly repair?: {
    readonly trimmedBytes: number
    readonly missing: readonly MissingSeqs[]
    readonly quarantined: string | null
    readonly reasons: readonly string[]
  }
}

const NOTHING: MaterializeResult = { published: false, rows: 0, rowsByDocType: {}, bytesByDocType: {}, files: 0, bytes: 0 }

/** Absolute path of a journal segment. */
export function segmentPath(paths: StorePaths, sessionId: string, segment: number): string {
  return path.join(paths.journal, sessionId, segmentFile(segment))
}

interface Checked {
  readonly scan: SegmentScan
  readonly header: SegmentHeader
  readonly repair?: NonNullable<MaterializeResult['repair']>
}

/** Reads a segment and, unless it is clean, replaces it by its repaired form. Null when nothing of it is left to store. */
function checkSegment(
  deps: MaterializeDeps,
  task: SegmentTask,
  file: string,
): Checked | { readonly repair: NonNullable<MaterializeResult['repair']> } {
  const limit = task.limit ?? Number.POSITIVE_INFINITY
  const scan = scanSegment(deps.fs.read(file))
  const header = scan.header
  const foreign = header !== undefined && (header.session !== task.sessionId || header.segment !== task.segment)
  if (header !== undefined && !foreign && isClean(scan, limit, task.firstSeq)) return { scan, header }
  const name = `${session8(task.sessionId)}-${segmentLabel(task.segment)}.ndjson`
  const repaired = foreign
    ? {
        content: null,
        missing: [],
        trimmedBytes: 0,
        damaged: true,
        reasons: [`segment ${header.segment} of session ${header.session} under a foreign name`],
      }
    : repairSegment(scan, {
        sessionId: task.sessionId,
        segment: task.segment,
        limit,
        firstSeq: task.firstSeq,
        quarantineName: name,
      })
  const relative = path.relative(deps.paths.root, file).split(path.sep).join('/')
  const quarantined = repaired.damaged
    ? quarantineCopy(deps, name, scan.bytes, { path: relative, reasons: repaired.reasons })
    : null
  const repair = { trimmedBytes: repaired.trimmedBytes, missing: repaired.missing, quarantined, reasons: repaired.reasons }
  if (repaired.content === null) return { repair }
  durableWrite(deps.fs, file, repaired.content)
  const again = scanSegment(repaired.content)
  if (again.header === undefined || !isClean(again)) throw new Error(`repair of ${file} did not give a clean segment`)
  return { scan: again, header: again.header, repair }
}

/** The segment goes when its parts are in the catalog: an encoder that wrote less than it was told must not get that far. */
async function assertRows(encoder: PartEncoder, parts: readonly PartPlan[]): Promise<void> {
  for (const part of parts) {
    const { rows } = await encoder.inspect(part.target)
    if (rows !== part.lines.length)
      throw new Error(`${encoder.name} wrote ${rows} rows into ${part.path}, expected ${part.lines.length}`)
  }
}

/** Makes one written part durable and visible under its name. */
function publishPart(deps: MaterializeDeps, part: PartPlan, sessionId: string, segment: number): NewFile {
  const final = path.join(deps.paths.root, ...part.path.split('/'))
  deps.fs.fsyncFile(part.target)
  const content = deps.fs.read(part.target)
  const sha256 = createHash('sha256').update(content).digest('hex')
  deps.fs.rename(part.target, final)
  return {
    path: part.path,
    docType: part.docType,
    date: part.date,
    sessionId,
    segment,
    rows: part.lines.length,
    bytes: content.byteLength,
    sha256,
    seqFirst: part.lines[0]?.row.seq ?? 0,
    seqLast: part.lines.at(-1)?.row.seq ?? 0,
    tsMin: part.tsMin,
    tsMax: part.tsMax,
    schemaVersion: SCHEMA_VERSION,
    writer: deps.encoder.name,
    ...(part.games === undefined ? {} : { games: part.games }),
  }
}

/**
 * Turns one sealed (or crashed) segment into parts: check, encode, sync, rename, sync directories, catalog, remove the segment.
 *
 * Every step can be cut off and done again: file names follow from session and segment, and the catalog commit is the one
 * moment at which the segment stops being the truth.
 */
export async function materialize(deps: MaterializeDeps, task: SegmentTask): Promise<MaterializeResult> {
  const { fs, catalog } = deps
  const file = segmentPath(deps.paths, task.sessionId, task.segment)
  if (fs.stat(file) === undefined) return NOTHING
  if (catalog.hasSegment(task.sessionId, task.segment)) {
    fs.unlink(file)
    return NOTHING
  }
  const checked = checkSegment(deps, task, file)
  if (!('scan' in checked)) {
    fs.unlink(file)
    return { ...NOTHING, repair: checked.repair }
  }
  const { scan, header } = checked
  const parts = planParts(scan, header, deps.encoder.name, deps.paths.root)
  const directories = [...new Set(parts.map((part) => path.dirname(part.target)))]
  for (const directory of directories) deps.directories.ensure(directory)
  await deps.encoder.encode({ path: file, bytes: scan.bytes }, parts)
  if (deps.encoder.countsRows !== true) await assertRows(deps.encoder, parts)
  const files = parts.map((part) => publishPart(deps, part, task.sessionId, task.segment))
  for (const directory of directories) fs.fsyncDir(directory)
  catalog.commitSegment(
    {
      session: sessionRecord(header),
      segment: task.segment,
      seqFirst: header.first_seq,
      seqLast: scan.footer?.last_seq ?? header.first_seq,
      rows: scan.rows.length,
      files,
      gaps: gapsOf(scan.rows),
    },
    deps.clock.now(),
  )
  fs.unlink(file)
  const rowsByDocType: Record<string, number> = {}
  for (const part of parts) rowsByDocType[part.docType] = (rowsByDocType[part.docType] ?? 0) + part.lines.length
  const bytesByDocType: Record<string, number> = {}
  for (const { docType, bytes } of files) bytesByDocType[docType] = (bytesByDocType[docType] ?? 0) + bytes
  return {
    published: true,
    rows: scan.rows.length,
    rowsByDocType,
    bytesByDocType,
    files: files.length,
    bytes: files.reduce((sum, entry) => sum + entry.bytes, 0),
    ...(checked.repair === undefined ? {} : { repair: checked.repair }),
  }
}
