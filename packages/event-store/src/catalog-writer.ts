import { DatabaseSync } from 'node:sqlite'
import type { EventSource, Micros } from '@vectra/schemas'
import { assertReadableFormat, CHECKED_TABLES, type CheckedTable, formatVersion, MIGRATIONS, rowCheck } from './catalog-format.ts'
import { type CatalogSeal, computeSeal } from './catalog-seal.ts'
import type { FileMeta } from './catalog.ts'
import { EventStoreError } from './errors.ts'
import { session8 } from './paths.ts'

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

/** The catalog as publishing and recovery use it: every method that writes is durable when it returns. */
export interface CatalogWriter {
  /** Published segments of a session, in order. */
  segments(sessionId: string): readonly SegmentRange[]
  /** Adds the session unless it is known; @throws STORE_SESSION_COLLISION */
  registerSession(session: SessionRecord, at: Micros): void
  endSession(sessionId: string, at: Micros, summary: unknown): void
  /** Doing it twice changes nothing. */
  commitSegment(commit: SegmentCommit, at: Micros): void
  /** Paths of all files listed, live or retired. */
  filePaths(): readonly string[]
  close(): void
}

type Value = string | number | null

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
      .map((row) => ({ segment: Number(row['segment']), seqFirst: Number(row['seq_first']), seqLast: Number(row['seq_last']) }))
  }

  registerSession(session: SessionRecord, at: Micros): void {
    this.#transaction(() => this.#addSession(session, at))
  }

  endSession(sessionId: string, at: Micros, summary: unknown): void {
    this.#transaction(() => {
      const row = this.#db.prepare('SELECT * FROM sessions WHERE session_id = ?').get(sessionId)
      if (!row) return false
      // Without a summary nothing was added: a capture imported again keeps the sheet of the run that stored it.
      const ended = summary === undefined ? { ended_at: row['ended_at'] ?? at } : { ended_at: at, summary: JSON.stringify(summary) }
      this.#put('sessions', { ...row, ...ended } as Record<string, Value>)
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
      if (this.#db.prepare('SELECT 1 FROM segments WHERE session_id = ? AND segment = ?').get(sessionId, commit.segment)) return false
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
        this.#put('files', {
          path: file.path,
          doc_type: file.docType,
          date: file.date,
          session_id: sessionId,
          segment: commit.segment,
          rows: file.rows,
          bytes: file.bytes,
          sha256: file.sha256,
          seq_first: file.seqFirst,
          seq_last: file.seqLast,
          ts_min: file.tsMin,
          ts_max: file.tsMax,
          schema_version: file.schemaVersion,
          writer: file.writer,
          state: 'live',
          generation,
        })
      }
      for (const gap of commit.gaps) this.#put('gaps', { session_id: sessionId, seq: gap.seq, ts: gap.ts, detail: gap.detail })
      return true
    })
  }

  filePaths(): readonly string[] {
    return this.#db.prepare('SELECT path FROM files ORDER BY path').all().map((row) => String(row['path']))
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
      .prepare(`INSERT OR REPLACE INTO ${table} (${columns.join(', ')}, row_check) VALUES (${columns.map(() => '?').join(', ')}, ?)`)
      .run(...values, rowCheck(table, values))
  }

  /** Runs one durable change; `change` returns whether there was any, and then the generation rises by one. */
  #transaction(change: (generation: number) => boolean): void {
    this.#db.exec('BEGIN IMMEDIATE')
    try {
      const generation = Number(this.#db.prepare("SELECT value FROM meta WHERE key = 'generation'").get()?.['value'] ?? 0) + 1
      if (change(generation)) this.#db.prepare("UPDATE meta SET value = ? WHERE key = 'generation'").run(String(generation))
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
