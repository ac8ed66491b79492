import { DatabaseSync } from 'node:sqlite'
import type { DocType, EventSource, Micros } from '@vectra/schemas'
import { type FileMeta, fileMeta, fileSource } from './catalog.ts'
import { assertReadableFormat, CHECKED_TABLES, type CheckedTable, formatVersion, MIGRATIONS, rowCheck } from './catalog-format.ts'
import { type CatalogSeal, computeSeal } from './catalog-seal.ts'
import type { FoundMerge } from './compaction/adopt.ts'
import { EventStoreError } from './errors.ts'
import { session8 } from './paths.ts'
import { type SessionFile, sessionFileOf, sessionRecordOf } from './session-file.ts'

/** What a session says of itself when it is opened; also stands in every part, so that a lost catalog can be rebuilt. */
export interface SessionRecord {
  readonly sessionId: string
  readonly source: EventSource | null
  readonly origin: string | null
  readonly meta: unknown
}

/** A part file about to be listed. */
export type NewFile = Omit<FileMeta, 'absolutePath' | 'generation'>

/** A stored gap event. `detail` is its JSON text. */
export interface NewGap {
  readonly seq: number
  readonly ts: Micros
  readonly detail: string
}

/** Everything that one segment adds: it becomes visible in one transaction or not at all. */
export interface SegmentCommit {
  readonly session: SessionRecord
  readonly segment: number
  readonly seqFirst: number
  /** Last seq the segment accounts for, declared gaps included. */
  readonly seqLast: number
  /** Canonical rows. */
  readonly rows: number
  readonly files: readonly NewFile[]
  readonly gaps: readonly NewGap[]
}

/** Range of seqs that a published segment covers. */
export interface SegmentRange {
  readonly segment: number
  readonly seqFirst: number
  readonly seqLast: number
}

/** Published segments around one that may not be published itself. */
export interface SegmentNeighbours {
  /** The last segment before it. */
  readonly earlier: SegmentRange | undefined
  /** Lowest first seq of the segments after it; infinite when there is none. */
  readonly laterSeq: number
}

/** The catalog as publishing and recovery use it: every method that writes is durable when it returns. */
export interface CatalogWriter {
  /** Published segments of a session, in order. */
  segments(sessionId: string): readonly SegmentRange[]
  /** Is the segment published? */
  hasSegment(sessionId: string, segment: number): boolean
  /** What is published around a segment of its session. */
  around(sessionId: string, segment: number): SegmentNeighbours
  /** Adds the session unless it is known; @throws STORE_SESSION_COLLISION */
  registerSession(session: SessionRecord, at: Micros): void
  endSession(sessionId: string, at: Micros, summary: unknown): void
  /** Doing it twice changes nothing. */
  commitSegment(commit: SegmentCommit, at: Micros): void
  /** Paths of all files listed, live or retired. */
  filePaths(): readonly string[]
  /** Those of {@link filePaths} that are retired: they may be gone from the disk already. */
  retiredPaths(): readonly string[]
  close(): void
}

type Value = string | number | null

/** Seqs of one session, both ends included. */
export interface SeqSpan {
  readonly sessionId: string
  readonly from: number
  readonly to: number
}

/** A file whose rows stand elsewhere, or were asked to go; on the disk until no reader needs it. */
export interface RetiredFile {
  readonly path: string
  readonly receiptId: string
  readonly generation: number
  readonly retiredAt: Micros
}

/** What a receipt keeps of the segments its inputs came from, so that a lost catalog can be rebuilt. */
export interface ReceiptOrigins {
  readonly sessions: readonly SessionRecord[]
  readonly segments: readonly (SegmentRange & { readonly sessionId: string; readonly rows: number })[]
  readonly gaps: readonly (NewGap & { readonly sessionId: string })[]
}

/** One proven replacement of files: visible in one transaction or not at all. */
export interface MergeCommit {
  readonly receiptId: string
  readonly kind: 'merge' | 'prune'
  readonly docType: DocType
  readonly date: string
  /** Null when nothing of the inputs is kept. */
  readonly output: NewFile | null
  readonly inputs: readonly string[]
  /** Rows of the output. */
  readonly rows: number
  readonly contentHash: string
  /** Of the receipt's file. */
  readonly fileSha256: string
  /** Canonical seqs that retention removed. */
  readonly dropped: readonly SeqSpan[]
  /** What the log of retention says; absent for a merge. */
  readonly removed?: RetentionRecord
}

/** What one act of retention removed. */
export interface RetentionRecord {
  readonly at: Micros
  /** Files that went. */
  readonly files: number
  readonly bytes: number
  /** Rows that went. */
  readonly rows: number
  /** Rows of games to keep. */
  readonly kept: number
}

function segmentRange(row: Record<string, unknown>): SegmentRange {
  return { segment: Number(row['segment']), seqFirst: Number(row['seq_first']), seqLast: Number(row['seq_last']) }
}

function fileRow(file: NewFile): Record<string, Value> {
  return {
    path: file.path,
    doc_type: file.docType,
    date: file.date,
    session_id: file.sessionId ?? '',
    segment: file.segment ?? 0,
    rows: file.rows,
    bytes: file.bytes,
    sha256: file.sha256,
    seq_first: file.seqFirst,
    seq_last: file.seqLast,
    ts_min: file.tsMin,
    ts_max: file.tsMax,
    schema_version: file.schemaVersion,
    writer: file.writer,
  }
}

const CATALOG_PRAGMAS = 'PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;'

/** The catalog in `catalog.sqlite`: WAL with synchronous=FULL, so that a commit survives a power cut. */
export class SqliteCatalogWriter implements CatalogWriter {
  readonly #db: DatabaseSync
  #open = true

  /** Opens or creates the catalog and migrates it. @throws STORE_CATALOG */
  constructor(path: string, at: Micros) {
    try {
      this.#db = new DatabaseSync(path, { timeout: 10_000 })
    } catch (error) {
      throw new EventStoreError('STORE_CATALOG', `catalog ${path} cannot be opened`, { cause: error, context: { path } })
    }
    try {
      this.#db.exec(CATALOG_PRAGMAS)
      assertReadableFormat(formatVersion(this.#db), path)
      this.#migrate(at)
    } catch (error) {
      this.#db.close()
      if (error instanceof EventStoreError) throw error
      throw new EventStoreError('STORE_CATALOG', `catalog ${path} cannot be used; run a recovery to rebuild it from the parts`, {
        cause: error,
        context: { path },
      })
    }
  }

  segments(sessionId: string): readonly SegmentRange[] {
    return this.#db
      .prepare('SELECT segment, seq_first, seq_last FROM segments WHERE session_id = ? ORDER BY segment')
      .all(sessionId)
      .map(segmentRange)
  }

  hasSegment(sessionId: string, segment: number): boolean {
    return this.#db.prepare('SELECT 1 FROM segments WHERE session_id = ? AND segment = ?').get(sessionId, segment) !== undefined
  }

  around(sessionId: string, segment: number): SegmentNeighbours {
    const earlier = this.#db
      .prepare(
        'SELECT segment, seq_first, seq_last FROM segments WHERE session_id = ? AND segment < ? ORDER BY segment DESC LIMIT 1',
      )
      .get(sessionId, segment)
    const later = this.#db
      .prepare('SELECT min(seq_first) AS seq FROM segments WHERE session_id = ? AND segment > ?')
      .get(sessionId, segment)?.['seq']
    return {
      earlier: earlier === undefined ? undefined : segmentRange(earlier),
      laterSeq: typeof later === 'number' ? later : Number.POSITIVE_INFINITY,
    }
  }

  registerSession(session: SessionRecord, at: Micros): void {
    this.#transaction(() => this.#addSession(session, at))
  }

  endSession(sessionId: string, at: Micros, summary: unknown): void {
    this.#transaction(() => {
      const row = this.#db.prepare('SELECT * FROM sessions WHERE session_id = ?').get(sessionId)
      if (!row) return false
      // Without a summary nothing was added: a capture imported again keeps the sheet of the run that stored it.
      const ended =
        summary === undefined ? { ended_at: row['ended_at'] ?? at } : { ended_at: at, summary: JSON.stringify(summary) }
      this.#put('sessions', { ...row, ...ended } as Record<string, Value>)
      return true
    })
  }

  /** What the catalog knows of sessions: of one, or of all. */
  sessionFiles(sessionId?: string): SessionFile[] {
    const rows =
      sessionId === undefined
        ? this.#db.prepare('SELECT * FROM sessions ORDER BY session_id').all()
        : this.#db.prepare('SELECT * FROM sessions WHERE session_id = ?').all(sessionId)
    return rows.map(sessionFileOf)
  }

  /** Lists a session as its file says: after a rebuild, when the parts told only that it was. */
  restoreSession(session: SessionFile, at: Micros): void {
    this.#transaction(() => {
      this.#addSession(session, at)
      const row = this.#db.prepare('SELECT * FROM sessions WHERE session_id = ?').get(session.sessionId)
      if (row === undefined) return false
      const { source, origin, meta, openedAt, endedAt, summary } = session
      const text = (value: unknown): string | null => (value === undefined || value === null ? null : JSON.stringify(value))
      const restored = { source, origin, meta: text(meta), opened_at: openedAt, ended_at: endedAt, summary: text(summary) }
      this.#put('sessions', { ...row, ...restored } as Record<string, Value>)
      return true
    })
  }

  /** Was the session ended by its writer? False while it is running, after a crash, and for one that is not known. */
  isEnded(sessionId: string): boolean {
    return this.#db.prepare('SELECT 1 FROM sessions WHERE session_id = ? AND ended_at IS NOT NULL').get(sessionId) !== undefined
  }

  commitSegment(commit: SegmentCommit, at: Micros): void {
    const sessionId = commit.session.sessionId
    this.#transaction((generation) => {
      if (this.#db.prepare('SELECT 1 FROM segments WHERE session_id = ? AND segment = ?').get(sessionId, commit.segment))
        return false
      this.#addSession(commit.session, at)
      this.#put('segments', {
        session_id: sessionId,
        segment: commit.segment,
        seq_first: commit.seqFirst,
        seq_last: commit.seqLast,
        rows: commit.rows,
        committed_at: at,
      })
      for (const file of commit.files) {
        this.#put('files', { ...fileRow(file), session_id: sessionId, segment: commit.segment, state: 'live', generation })
        this.#putGames(file)
      }
      for (const gap of commit.gaps) this.#put('gaps', { session_id: sessionId, seq: gap.seq, ts: gap.ts, detail: gap.detail })
      return true
    })
  }

  filePaths(): readonly string[] {
    return this.#db
      .prepare('SELECT path FROM files ORDER BY path')
      .all()
      .map((row) => String(row['path']))
  }

  retiredPaths(): readonly string[] {
    return this.#db
      .prepare("SELECT path FROM files WHERE state = 'retired' ORDER BY path")
      .all()
      .map((row) => String(row['path']))
  }

  generation(): number {
    return Number(this.#db.prepare("SELECT value FROM meta WHERE key = 'generation'").get()?.['value'] ?? 0)
  }

  /** Files that a reader sees now; with `staged`, only those whose name no glob sees yet. */
  liveFiles(root: string, only?: 'staged'): FileMeta[] {
    const states = only === undefined ? "('live', 'staged')" : "('staged')"
    return this.#db
      .prepare(`SELECT * FROM ${fileSource(this.#db)} WHERE state IN ${states} ORDER BY path`)
      .all()
      .map((row) => fileMeta(root, row))
  }

  retired(): readonly RetiredFile[] {
    return this.#db
      .prepare('SELECT * FROM retired ORDER BY path')
      .all()
      .map((row) => ({
        path: String(row['path']),
        receiptId: String(row['receipt_id']),
        generation: Number(row['generation']),
        retiredAt: Number(row['retired_at']),
      }))
  }

  receiptIds(): readonly string[] {
    return this.#db
      .prepare('SELECT receipt_id FROM receipts ORDER BY receipt_id')
      .all()
      .map((row) => String(row['receipt_id']))
  }

  /** The published segments that these files came from, with what the catalog knows of their gaps and sessions. */
  origins(files: readonly Pick<FileMeta, 'sessionId' | 'segment'>[]): ReceiptOrigins {
    const sessions = new Map<string, SessionRecord>()
    const gaps = new Map<string, ReceiptOrigins['gaps'][number]>()
    const segments: ReceiptOrigins['segments'][number][] = []
    const session = this.#db.prepare('SELECT * FROM sessions WHERE session_id = ?')
    const segment = this.#db.prepare('SELECT * FROM segments WHERE session_id = ? AND segment = ?')
    const gap = this.#db.prepare('SELECT * FROM gaps WHERE session_id = ? AND seq BETWEEN ? AND ?')
    for (const file of files) {
      if (file.sessionId === null || file.segment === null) continue
      const row = segment.get(file.sessionId, file.segment)
      if (row === undefined) continue
      const found = session.get(file.sessionId)
      if (found !== undefined && !sessions.has(file.sessionId)) {
        sessions.set(file.sessionId, sessionRecordOf(found))
      }
      const range = {
        sessionId: file.sessionId,
        segment: file.segment,
        seqFirst: Number(row['seq_first']),
        seqLast: Number(row['seq_last']),
        rows: Number(row['rows']),
      }
      segments.push(range)
      for (const entry of gap.all(range.sessionId, range.seqFirst, range.seqLast)) {
        const seq = Number(entry['seq'])
        gaps.set(`${range.sessionId}/${seq}`, {
          sessionId: range.sessionId,
          seq,
          ts: Number(entry['ts']),
          detail: String(entry['detail']),
        })
      }
    }
    return { sessions: [...sessions.values()], segments, gaps: [...gaps.values()] }
  }

  /**
   * The one moment at which the output takes the place of its inputs: readers see either set, never both, never neither.
   *
   * @returns false when the receipt was committed before
   * @throws STORE_CONFLICT when an input is not live any more
   */
  commitMerge(commit: MergeCommit, at: Micros): boolean {
    let changed = false
    this.#transaction((generation) => {
      if (this.#db.prepare('SELECT 1 FROM receipts WHERE receipt_id = ?').get(commit.receiptId)) return false
      const get = this.#db.prepare('SELECT * FROM files WHERE path = ?')
      for (const input of commit.inputs) {
        const row = get.get(input)
        if (row === undefined || row['state'] !== 'live') {
          throw new EventStoreError('STORE_CONFLICT', `${input} is not live any more; plan again`, { context: { path: input } })
        }
        this.#put('files', { ...row, state: 'retired' } as Record<string, Value>)
        this.#put('retired', { path: input, receipt_id: commit.receiptId, generation, retired_at: at })
      }
      if (commit.output !== null) {
        this.#put('files', { ...fileRow(commit.output), state: 'staged', generation })
        this.#putGames(commit.output)
      }
      this.#putReceipt(commit, at)
      changed = true
      return true
    })
    return changed
  }

  /** The output has its final name. */
  publishMerged(path: string): void {
    this.#transaction((generation) => {
      const row = this.#db.prepare('SELECT * FROM files WHERE path = ?').get(path)
      if (row === undefined || row['state'] !== 'staged') return false
      this.#put('files', { ...row, state: 'live', generation } as Record<string, Value>)
      return true
    })
  }

  /** Retired files are gone from the disk: their rows go, their receipt stays. */
  forgetRetired(paths: readonly string[]): void {
    if (paths.length === 0) return
    this.#transaction(() => {
      const file = this.#db.prepare("DELETE FROM files WHERE path = ? AND state = 'retired'")
      const retired = this.#db.prepare('DELETE FROM retired WHERE path = ?')
      const games = this.#db.prepare('DELETE FROM file_games WHERE path = ?')
      for (const path of paths) {
        file.run(path)
        games.run(path)
        retired.run(path)
      }
      return true
    })
  }

  /** Lists again what a lost catalog knew from a receipt: its segments, sessions and gaps, and its output when that is on the disk. */
  adoptReceipt(commit: MergeCommit, origins: ReceiptOrigins, output: 'there' | 'replaced' | 'missing', at: Micros): void {
    this.#transaction((generation) => {
      let changed = false
      for (const session of origins.sessions) changed = this.#addSession(session, at) || changed
      for (const segment of origins.segments) {
        if (
          this.#db.prepare('SELECT 1 FROM segments WHERE session_id = ? AND segment = ?').get(segment.sessionId, segment.segment)
        )
          continue
        const { sessionId, seqFirst, seqLast, rows } = segment
        this.#put('segments', {
          session_id: sessionId,
          segment: segment.segment,
          seq_first: seqFirst,
          seq_last: seqLast,
          rows,
          committed_at: at,
        })
        changed = true
      }
      for (const { sessionId, seq, ts, detail } of origins.gaps) this.#put('gaps', { session_id: sessionId, seq, ts, detail })
      if (this.#db.prepare('SELECT 1 FROM receipts WHERE receipt_id = ?').get(commit.receiptId)) return changed
      this.#putReceipt(commit, at)
      // Inputs that are still on the disk were listed from their own metadata: their rows stand in the output.
      for (const input of output === 'missing' ? [] : commit.inputs) {
        const row = this.#db.prepare("SELECT * FROM files WHERE path = ? AND state = 'live'").get(input)
        if (row === undefined) continue
        this.#put('files', { ...row, state: 'retired' } as Record<string, Value>)
        this.#put('retired', { path: input, receipt_id: commit.receiptId, generation, retired_at: at })
      }
      if (
        commit.output !== null &&
        output === 'there' &&
        !this.#db.prepare('SELECT 1 FROM files WHERE path = ?').get(commit.output.path)
      ) {
        this.#put('files', { ...fileRow(commit.output), state: 'live', generation })
        this.#putGames(commit.output)
      }
      return true
    })
  }

  #putGames({ path, games }: NewFile): void {
    if (games === undefined) return
    this.#put('file_games', { path, game_first: games?.first ?? null, game_last: games?.last ?? null })
  }

  /** Lists a merged part from what its rows tell; its receipt is lost, so segments get numbers of their own. */
  adoptMerged({ file, sessions, canonical, gaps, covers }: FoundMerge, receiptId: string, at: Micros): void {
    this.#transaction((generation) => {
      if (this.#db.prepare('SELECT 1 FROM files WHERE path = ?').get(file.path)) return false
      for (const session of sessions) this.#addSession(session, at)
      for (const { sessionId, from, to } of canonical) {
        const known = this.#db.prepare('SELECT 1 FROM segments WHERE session_id = ? AND seq_first <= ? AND seq_last >= ?')
        if (known.get(sessionId, from, to)) continue
        const last = this.#db.prepare('SELECT max(segment) AS segment FROM segments WHERE session_id = ?').get(sessionId)
        this.#put('segments', {
          session_id: sessionId,
          segment: Number(last?.['segment'] ?? 0) + 1,
          seq_first: from,
          seq_last: to,
          rows: to - from + 1,
          committed_at: at,
        })
      }
      for (const { sessionId, seq, ts, detail } of gaps) this.#put('gaps', { session_id: sessionId, seq, ts, detail })
      for (const covered of covers) {
        const row = this.#db.prepare("SELECT * FROM files WHERE path = ? AND state = 'live'").get(covered)
        if (row === undefined) continue
        this.#put('files', { ...row, state: 'retired' } as Record<string, Value>)
        this.#put('retired', { path: covered, receipt_id: receiptId, generation, retired_at: at })
      }
      this.#put('files', { ...fileRow(file), state: 'live', generation })
      return true
    })
  }

  #putReceipt(commit: MergeCommit, at: Micros): void {
    this.#put('receipts', {
      receipt_id: commit.receiptId,
      kind: commit.kind,
      doc_type: commit.docType,
      date: commit.date,
      output: commit.output?.path ?? null,
      rows: commit.rows,
      content_hash: commit.contentHash,
      file_sha256: commit.fileSha256,
      committed_at: at,
    })
    this.logRetention(commit)
    for (const { sessionId, from, to } of commit.dropped) {
      this.#put('dropped', { receipt_id: commit.receiptId, session_id: sessionId, seq_first: from, seq_last: to })
    }
  }

  /** Adds to the log what a receipt removed; doing it twice changes nothing. */
  logRetention({ receiptId, docType, date, removed }: Pick<MergeCommit, 'receiptId' | 'docType' | 'date' | 'removed'>): void {
    if (removed === undefined) return
    const { at, files, bytes, rows, kept } = removed
    this.#put('retention', { receipt_id: receiptId, removed_at: at, doc_type: docType, date, files, bytes, rows, kept })
  }

  /** Receipts of retention that the log does not have: those from before there was one. */
  unloggedRetention(): readonly string[] {
    return this.#db
      .prepare("SELECT receipt_id FROM receipts WHERE kind = 'prune' AND receipt_id NOT IN (SELECT receipt_id FROM retention)")
      .all()
      .map((row) => String(row['receipt_id']))
  }

  /** Checksum of the catalog as it is now. */
  seal(): CatalogSeal {
    return computeSeal(this.#db)
  }

  close(): void {
    if (!this.#open) return
    this.#open = false
    this.#db.close()
  }

  #addSession(session: SessionRecord, at: Micros): boolean {
    const short = session8(session.sessionId)
    const known = this.#db.prepare('SELECT session_id FROM sessions WHERE session8 = ?').get(short)?.['session_id']
    if (known === session.sessionId) return false
    if (known !== undefined) {
      throw new EventStoreError(
        'STORE_SESSION_COLLISION',
        `session ${session.sessionId} shares its last eight digits with ${String(known)}; start a session with another id`,
        { context: { sessionId: session.sessionId, other: known } },
      )
    }
    this.#put('sessions', {
      session_id: session.sessionId,
      session8: short,
      source: session.source,
      origin: session.origin,
      meta: session.meta === undefined || session.meta === null ? null : JSON.stringify(session.meta),
      opened_at: at,
      ended_at: null,
      summary: null,
    })
    return true
  }

  #put(table: CheckedTable, row: Record<string, Value>): void {
    const columns = CHECKED_TABLES[table]
    const values = columns.map((column) => row[column] ?? null)
    this.#db
      .prepare(
        `INSERT OR REPLACE INTO ${table} (${columns.join(', ')}, row_check) VALUES (${columns.map(() => '?').join(', ')}, ?)`,
      )
      .run(...values, rowCheck(table, values))
  }

  /** Runs one durable change; `change` returns whether there was any, and then the generation rises by one. */
  #transaction(change: (generation: number) => boolean): void {
    this.#db.exec('BEGIN IMMEDIATE')
    try {
      const generation = Number(this.#db.prepare("SELECT value FROM meta WHERE key = 'generation'").get()?.['value'] ?? 0) + 1
      if (change(generation))
        this.#db.prepare("UPDATE meta SET value = ? WHERE key IN ('generation', 'generation_copy')").run(String(generation))
      this.#db.exec('COMMIT')
    } catch (error) {
      if (this.#db.isTransaction) this.#db.exec('ROLLBACK')
      throw error
    }
  }

  #migrate(at: Micros): void {
    if (formatVersion(this.#db) === MIGRATIONS.length) return
    this.#db.exec('BEGIN IMMEDIATE')
    try {
      // Another process may have migrated while we waited for the lock.
      for (let version = formatVersion(this.#db); version < MIGRATIONS.length; version++) {
        this.#db.exec(MIGRATIONS[version] ?? '')
        this.#db.prepare('INSERT INTO migrations VALUES (?, ?)').run(version + 1, at)
        this.#db.exec(`PRAGMA user_version = ${version + 1}`)
      }
      this.#db.exec('COMMIT')
    } catch (error) {
      if (this.#db.isTransaction) this.#db.exec('ROLLBACK')
      throw error
    }
  }
}
