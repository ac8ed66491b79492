import path from 'node:path'
import type { DatabaseSync } from 'node:sqlite'
import { type FileMeta, fileMeta, openReadOnly } from './catalog.ts'
import { CHECKED_TABLES, type CheckedTable, formatVersion, MIGRATIONS, rowCheck } from './catalog-format.ts'
import { computeSeal, readSeal } from './catalog-seal.ts'
import { checkReceipts, type ListedReceipts, listedReceipt } from './compaction/verify-receipts.ts'
import { namedEncoder } from './encoders/named.ts'
import { type Env, systemEnv } from './env.ts'
import { fileDigest } from './integrity/digest.ts'
import { takeLease } from './leases.ts'
import { isMaintained } from './maintenance-lock.ts'
import { isLockFile, isOwned } from './owner-lock.ts'
import type { EncoderName, PartEncoder } from './part-encoder.ts'
import {
  isMergedName,
  isSessionId,
  isTemporary,
  parseMergedPath,
  parsePartPath,
  parseSegmentFile,
  type StorePaths,
  session8,
  storePaths,
} from './paths.ts'
import { gapEnd, type SegmentScan, scanSegment } from './segment.ts'

/** What can be wrong with a stored byte. Public and stable. */
export type FindingKind =
  | 'catalog_missing'
  | 'catalog_unreadable'
  | 'catalog_row'
  | 'catalog_seal'
  | 'journal_line'
  | 'journal_torn'
  | 'journal_header'
  | 'journal_leftover'
  | 'foreign_file'
  | 'temporary_file'
  | 'part_missing'
  | 'part_checksum'
  | 'part_unreadable'
  | 'part_rows'
  | 'part_unlisted'
  | 'receipt_missing'
  | 'receipt_damaged'
  | 'receipt_unlisted'
  | 'receipt_content'
  | 'seq_hole'
  | 'seq_double'

/** One thing that is not as it was stored. */
export interface VerifyFinding {
  readonly kind: FindingKind
  /** Relative to the data directory, with `/`; null when it concerns no single file. */
  readonly path: string | null
  readonly sessionId: string | null
  readonly message: string
}

/** What {@link verifyStore} found. */
export interface VerifyReport {
  readonly ok: boolean
  readonly findings: readonly VerifyFinding[]
  readonly checked: {
    readonly journalFiles: number
    readonly journalLines: number
    readonly parts: number
    readonly partBytes: number
    readonly rows: number
    readonly sessions: number
    readonly gaps: number
    readonly receipts: number
  }
  /** Sessions a live process was writing meanwhile: the ends of their journals are not judged. */
  readonly live: readonly string[]
}

/** Options of {@link verifyStore}. */
export interface VerifyOptions {
  readonly dir: string
  readonly env?: Env
  /** Reads the parts. Default `duckdb`; `parquetjs` is the independent second reader. */
  readonly reader?: EncoderName | PartEncoder
  /** Also compute the content hash of every merged part again and compare it with its receipt. Default false. */
  readonly receipts?: boolean
  readonly signal?: AbortSignal
}

/** A stretch of seqs that one row stands for. */
interface SeqRange {
  readonly from: number
  readonly to: number
}

class Verification {
  readonly findings: VerifyFinding[] = []
  readonly checked = { journalFiles: 0, journalLines: 0, parts: 0, partBytes: 0, rows: 0, sessions: 0, gaps: 0, receipts: 0 }
  readonly live: string[] = []
  readonly #seqs = new Map<string, SeqRange[]>()
  readonly #incomplete = new Set<string>()
  #unknown = false

  add(kind: FindingKind, file: string | null, sessionId: string | null, message: string): void {
    this.findings.push({ kind, path: file, sessionId, message })
  }

  seq(sessionId: string, range: SeqRange): void {
    const ranges = this.#seqs.get(sessionId)
    if (ranges === undefined) this.#seqs.set(sessionId, [range])
    else ranges.push(range)
  }

  /** A file of the session could not be read: its seqs cannot be counted, which is reported already. */
  incomplete(sessionId: string | null): void {
    // A merged part: whose rows it held cannot be told.
    if (sessionId === null) this.#unknown = true
    else this.#incomplete.add(sessionId)
  }

  /** Holes and doubles of every session, over parts and journal together. */
  checkSeqs(): void {
    this.checked.sessions = this.#seqs.size
    if (this.#unknown) return
    for (const [sessionId, ranges] of this.#seqs) {
      if (this.#incomplete.has(sessionId)) continue
      ranges.sort((a, b) => a.from - b.from)
      let expected = 1
      for (const range of ranges) {
        if (range.from > expected)
          this.add('seq_hole', null, sessionId, `seqs ${expected} to ${range.from - 1} are missing and no gap declares them`)
        if (range.from < expected) this.add('seq_double', null, sessionId, `seq ${range.from} is stored twice`)
        expected = Math.max(expected, range.to + 1)
      }
    }
  }

  report(): VerifyReport {
    return { ok: this.findings.length === 0, findings: this.findings, checked: this.checked, live: this.live }
  }
}

const message = (error: unknown): string => (error instanceof Error ? error.message : String(error))

/**
 * Checks every stored byte: journal lines, part checksums and rows, catalog rows and seal, seqs without hole or double, and
 * that catalog and disk list the same files. Changes nothing; corrupt data is a finding, not an exception (P7).
 */
export async function verifyStore(options: VerifyOptions): Promise<VerifyReport> {
  const env = options.env ?? systemEnv()
  const paths = storePaths(options.dir)
  const reader = options.reader ?? 'duckdb'
  const encoder = typeof reader === 'string' ? await namedEncoder(reader, env.fs) : reader
  const verification = new Verification()
  try {
    // Journal before catalog: a segment that is published meanwhile is then seen in both, never in neither.
    const journal = scanJournal(env, paths, verification)
    const published = new Set<string>()
    using _lease = takeLease(env, paths, catalogGeneration(paths))
    const listed = readCatalog(env, paths, verification, published)
    if (listed !== undefined)
      await checkReceipts(env, paths, listed, options, (kind, file, text) => verification.add(kind, file, null, text))
    verification.checked.receipts = listed?.receipts.length ?? 0
    for (const session of journal) judgeJournal(session, published, verification)
    await checkParts(env, paths, verification, listed, encoder, options.signal)
    verification.checkSeqs()
    return verification.report()
  } finally {
    if (typeof reader === 'string') await encoder.close()
  }
}

interface Listed extends ListedReceipts {
  /** Gap events that account for more than their own seq. */
  readonly gaps: readonly { readonly sessionId: string; readonly seq: number; readonly end: number }[]
}

/** 0 when the catalog cannot be asked; then there is no list to pin either. */
function catalogGeneration(paths: StorePaths): number {
  try {
    const db = openReadOnly(paths.catalog)
    try {
      return Number(db.prepare("SELECT value FROM meta WHERE key = 'generation'").get()?.['value'] ?? 0)
    } finally {
      db.close()
    }
  } catch {
    return 0
  }
}

function readCatalog(env: Env, paths: StorePaths, verification: Verification, published: Set<string>): Listed | undefined {
  const { fs } = env
  const gaps: Listed['gaps'][number][] = []
  if (fs.stat(paths.catalog) === undefined) {
    if (fs.stat(paths.events) !== undefined && fs.readdir(paths.events).length > 0) {
      verification.add('catalog_missing', 'catalog.sqlite', null, 'there are parts but no catalog; a recovery rebuilds it')
    }
    return { files: [], gaps, receipts: [] }
  }
  let db: DatabaseSync | undefined
  try {
    db = openReadOnly(paths.catalog)
    for (const row of db.prepare('PRAGMA integrity_check').all()) {
      const text = String(row['integrity_check'])
      if (text !== 'ok') verification.add('catalog_unreadable', 'catalog.sqlite', null, text)
    }
    const tables = new Set(
      db
        .prepare("SELECT name FROM sqlite_schema WHERE type = 'table'")
        .all()
        .map((row) => String(row['name'])),
    )
    for (const table of Object.keys(CHECKED_TABLES) as CheckedTable[]) {
      if (!tables.has(table) && formatVersion(db) < MIGRATIONS.length) continue
      const columns = CHECKED_TABLES[table]
      for (const row of db.prepare(`SELECT * FROM ${table}`).all()) {
        if (
          rowCheck(
            table,
            columns.map((column) => row[column]),
          ) !== row['row_check']
        ) {
          verification.add('catalog_row', 'catalog.sqlite', null, `a row of ${table} was changed: ${String(row[columns[0]])}`)
        }
      }
    }
    const copy = db.prepare("SELECT value FROM meta WHERE key = 'generation_copy'").get()?.['value']
    const generation = db.prepare("SELECT value FROM meta WHERE key = 'generation'").get()?.['value']
    // A generation that was changed upwards would make the seal look merely old.
    if (copy !== undefined && copy !== generation)
      verification.add(
        'catalog_row',
        'catalog.sqlite',
        null,
        `a row of meta was changed: generation ${String(generation)}, its copy ${String(copy)}`,
      )
    const seal = readSeal(fs, paths)
    const now = computeSeal(db)
    if (seal === null) verification.add('catalog_seal', 'catalog.seal.json', null, "the catalog's seal is unreadable")
    else if (seal !== undefined && seal.generation > now.generation) {
      verification.add(
        'catalog_seal',
        'catalog.sqlite',
        null,
        `the catalog lost commits: generation ${now.generation}, sealed at ${seal.generation}`,
      )
    } else if (seal !== undefined && seal.generation === now.generation && seal.sha256 !== now.sha256) {
      verification.add('catalog_seal', 'catalog.sqlite', null, 'the catalog does not match its seal')
    }
    for (const row of db.prepare('SELECT session_id, segment FROM segments').all())
      published.add(`${String(row['session_id'])}/${Number(row['segment'])}`)
    for (const row of db.prepare('SELECT session_id, seq, detail FROM gaps').all()) {
      const seq = Number(row['seq'])
      const end = gapEnd(String(row['detail']), seq)
      verification.checked.gaps++
      if (end > seq) gaps.push({ sessionId: String(row['session_id']), seq, end })
    }
    // A catalog of the first format has none of these tables.
    const migrated = formatVersion(db) >= 2
    const receipts = migrated ? db.prepare('SELECT * FROM receipts ORDER BY receipt_id').all().map(listedReceipt) : []
    // What retention removed is accounted for.
    for (const row of migrated ? db.prepare('SELECT * FROM dropped').all() : []) {
      verification.seq(String(row['session_id']), { from: Number(row['seq_first']), to: Number(row['seq_last']) })
    }
    const files = db
      .prepare("SELECT * FROM files WHERE state IN ('live', 'staged') ORDER BY path")
      .all()
      .map((row) => fileMeta(paths.root, row))
    return { files, gaps, receipts }
  } catch (error) {
    verification.add('catalog_unreadable', 'catalog.sqlite', null, message(error))
    return undefined
  } finally {
    db?.close()
  }
}

interface ScannedSegment {
  /** Relative to the data directory. */
  readonly file: string
  readonly segment: number
  readonly scan: Omit<SegmentScan, 'bytes'>
}

interface ScannedSession {
  readonly sessionId: string
  readonly live: boolean
  readonly segments: readonly ScannedSegment[]
}

/** Reads all journals; judges only what needs no catalog. */
function scanJournal(env: Env, paths: StorePaths, verification: Verification): ScannedSession[] {
  const { fs } = env
  if (fs.stat(paths.journal) === undefined) return []
  return fs.readdir(paths.journal).flatMap((session) => {
    const relative = `journal/${session.name}`
    if (!session.isDirectory || !isSessionId(session.name)) {
      verification.add('foreign_file', relative, null, 'not a journal directory')
      return []
    }
    const live = isOwned(fs, paths, session.name)
    if (live) verification.live.push(session.name)
    const segments: ScannedSegment[] = []
    try {
      for (const entry of fs.readdir(path.join(paths.journal, session.name))) {
        const segment = parseSegmentFile(entry.name)
        const file = `${relative}/${entry.name}`
        if (segment === undefined) {
          if (!isLockFile(entry.name) && !live)
            verification.add(isTemporary(entry.name) ? 'temporary_file' : 'foreign_file', file, session.name, 'not a segment')
          continue
        }
        try {
          const { bytes: _, ...scan } = scanSegment(fs.read(path.join(paths.journal, session.name, entry.name)))
          segments.push({ file, segment, scan })
        } catch (error) {
          // A live session's segment may be published and removed while we look.
          if (!live) verification.add('journal_line', file, session.name, message(error))
        }
      }
    } catch (error) {
      if (!live) verification.add('foreign_file', relative, session.name, message(error))
    }
    return [{ sessionId: session.name, live, segments: segments.sort((a, b) => a.segment - b.segment) }]
  })
}

function judgeJournal(session: ScannedSession, published: ReadonlySet<string>, verification: Verification): void {
  const { sessionId, live, segments } = session
  segments.forEach(({ file, segment, scan }, index) => {
    verification.checked.journalFiles++
    verification.checked.journalLines += scan.rows.length
    const growing = live && index === segments.length - 1
    for (const damage of scan.damage)
      verification.add('journal_line', file, sessionId, `bytes ${damage.start} to ${damage.end} are damaged`)
    if (scan.tail !== undefined && !growing) {
      verification.add(
        'journal_torn',
        file,
        sessionId,
        `bytes ${scan.tail.start} to ${scan.tail.end} are no whole line; a recovery decides what they were`,
      )
    }
    if (scan.header === undefined && !growing)
      verification.add('journal_header', file, sessionId, 'the header is missing or damaged')
    else if (scan.header !== undefined && (scan.header.session !== sessionId || scan.header.segment !== segment)) {
      verification.add(
        'journal_header',
        file,
        sessionId,
        `the header belongs to segment ${scan.header.segment} of session ${scan.header.session}`,
      )
    }
    if (scan.footer !== undefined && scan.footer.count !== scan.rows.length) {
      verification.add('journal_line', file, sessionId, `${scan.rows.length} lines, the footer counts ${scan.footer.count}`)
    }
    if (published.has(`${sessionId}/${segment}`)) {
      if (!live) verification.add('journal_leftover', file, sessionId, 'published already; a recovery removes it')
      return
    }
    if (scan.damage.length > 0 || scan.tail !== undefined) verification.incomplete(sessionId)
    // Rows that a later segment holds again were never acknowledged here.
    const limit = segments
      .slice(index + 1)
      .reduce((least, later) => Math.min(least, later.scan.header?.first_seq ?? least), Number.POSITIVE_INFINITY)
    for (const row of scan.rows) if (row.seq < limit) verification.seq(sessionId, { from: row.seq, to: row.covers })
  })
}

async function checkParts(
  env: Env,
  paths: StorePaths,
  verification: Verification,
  listed: Listed | undefined,
  encoder: PartEncoder,
  signal: AbortSignal | undefined,
): Promise<void> {
  const { fs } = env
  const byPath = new Map(listed?.files.map((file) => [file.path, file]))
  for (const file of byPath.values()) {
    signal?.throwIfAborted()
    let content: { readonly bytes: number; readonly sha256: string }
    try {
      content = fileDigest(fs, file.absolutePath)
    } catch (error) {
      verification.add('part_missing', file.path, file.sessionId, `listed in the catalog, but: ${message(error)}`)
      verification.incomplete(file.sessionId)
      continue
    }
    verification.checked.parts++
    verification.checked.partBytes += content.bytes
    if (content.sha256 !== file.sha256 || content.bytes !== file.bytes) {
      verification.add(
        'part_checksum',
        file.path,
        file.sessionId,
        `${content.bytes} bytes, not those that were written (${file.bytes} bytes, sha256 ${file.sha256.slice(0, 12)}…)`,
      )
      verification.incomplete(file.sessionId)
      continue
    }
    try {
      const scan = await encoder.scan(file.absolutePath)
      verification.checked.rows += scan.rows
      if (scan.rows !== file.rows)
        verification.add('part_rows', file.path, file.sessionId, `${scan.rows} rows, the catalog says ${file.rows}`)
      if (file.sessionId !== null && scan.sessionIds.some((id) => id !== file.sessionId))
        verification.add('part_rows', file.path, file.sessionId, 'rows of another session')
      for (const span of scan.canonical) {
        verification.seq(span.sessionId, span)
        if (file.docType !== 'system_event') continue
        for (const gap of listed?.gaps ?? []) {
          if (gap.sessionId === span.sessionId && gap.seq >= span.from && gap.seq <= span.to)
            verification.seq(span.sessionId, { from: gap.seq + 1, to: gap.end })
        }
      }
    } catch (error) {
      verification.add('part_unreadable', file.path, file.sessionId, message(error))
      verification.incomplete(file.sessionId)
    }
  }
  checkUnlisted(env, paths, verification, byPath)
}

/** Files on disk that the catalog does not list. */
function checkUnlisted(env: Env, paths: StorePaths, verification: Verification, listed: ReadonlyMap<string, FileMeta>): void {
  const { fs } = env
  const live = new Set(verification.live.map(session8))
  const { known, compacting } = knownNow(paths)
  const walk = (directory: string, relative: string, depth: number): void => {
    if (fs.stat(directory) === undefined) return
    for (const entry of fs.readdir(directory)) {
      const at = `${relative}/${entry.name}`
      if (entry.isDirectory && depth < 2) {
        walk(path.join(directory, entry.name), at, depth + 1)
        continue
      }
      if (listed.has(at) || known.has(at)) continue
      // A compactor at work makes these; the second name of a merged part goes when no reader can hold it.
      if (isMergedName(entry.name) && (compacting || known.has(at.replace(/\.staged$/, '')))) continue
      const key = parsePartPath(at)
      const owner = key?.session8 ?? /^part-([0-9a-f]{8})-/.exec(entry.name)?.[1]
      // A live session may be publishing it this moment.
      if (owner !== undefined && live.has(owner)) continue
      if (key !== undefined || parseMergedPath(at) !== undefined)
        verification.add('part_unlisted', at, null, 'not in the catalog; a recovery lists or replaces it')
      else
        verification.add(
          isTemporary(entry.name) || isMergedName(entry.name) ? 'temporary_file' : 'foreign_file',
          at,
          null,
          'not a part',
        )
    }
  }
  walk(paths.events, 'events_parquet', 0)
}

/** What the catalog lists at this moment, retired files included: parts may have been made or merged since the list was read. */
function knownNow(paths: StorePaths): { readonly known: ReadonlySet<string>; readonly compacting: boolean } {
  const compacting = isMaintained(paths)
  try {
    const db = openReadOnly(paths.catalog)
    try {
      return {
        known: new Set(
          db
            .prepare('SELECT path FROM files')
            .all()
            .map((row) => String(row['path'])),
        ),
        compacting,
      }
    } finally {
      db.close()
    }
  } catch {
    return { known: new Set(), compacting }
  }
}
