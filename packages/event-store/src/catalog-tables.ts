import { DatabaseSync } from 'node:sqlite'
import type { Micros } from '@vectra/schemas'
import {
  assertReadableFormat,
  CHECKED_TABLES,
  type CheckedTable,
  formatVersion,
  isFilling,
  MIGRATIONS,
  markFilling,
  rowCheck,
  unmarkFilling,
} from './catalog-format.ts'
import type { NewFile, SegmentRange, SessionRecord } from './catalog-records.ts'
import { type CatalogSeal, computeSeal } from './catalog-seal.ts'
import { EventStoreError } from './errors.ts'
import { session8 } from './paths.ts'

/** What a column of the catalog holds. */
export type Value = string | number | null

/** A row of `segments`. */
export function segmentRange(row: Record<string, unknown>): SegmentRange {
  return { segment: Number(row['segment']), seqFirst: Number(row['seq_first']), seqLast: Number(row['seq_last']) }
}

/** A row of `files`, without its state. */
export function fileRow(file: NewFile): Record<string, Value> {
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

const BUSY_MS = 10_000
const PAUSE_MS = 5
const PAUSE = new Int32Array(new SharedArrayBuffer(4))

/**
 * Turns the catalog's write-ahead log on.
 *
 * When two connections switch a new file at once, SQLite refuses one of them without its own timeout: waiting could be for ever.
 */
function writeAhead(db: DatabaseSync): void {
  // SQLite itself waits as long as a pause before it says that somebody else has it.
  for (let waited = 0; ; waited += 2 * PAUSE_MS) {
    try {
      db.exec('PRAGMA journal_mode = WAL')
      return
    } catch (error) {
      const busy = error instanceof Error && 'errcode' in error && (Number(error.errcode) & 0xff) === 5
      if (!busy || waited >= BUSY_MS) throw error
      Atomics.wait(PAUSE, 0, 0, PAUSE_MS)
    }
  }
}

/** The open catalog: rows with their checksums, durable transactions, migrations. */
export abstract class CatalogTables {
  protected readonly db: DatabaseSync
  #open = true

  /**
   * Opens or creates the catalog and migrates it.
   *
   * @param isStored asked when the catalog is made: whether something is stored that it must list
   * @throws STORE_CATALOG
   */
  constructor(path: string, at: Micros, isStored: () => boolean = () => false) {
    try {
      this.db = new DatabaseSync(path, { timeout: PAUSE_MS })
    } catch (error) {
      throw new EventStoreError('STORE_CATALOG', `catalog ${path} cannot be opened`, { cause: error, context: { path } })
    }
    try {
      writeAhead(this.db)
      this.db.exec(`PRAGMA busy_timeout = ${BUSY_MS}`)
      this.db.exec('PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON')
      assertReadableFormat(formatVersion(this.db), path)
      this.migrate(at, isStored)
    } catch (error) {
      this.db.close()
      if (error instanceof EventStoreError) throw error
      throw new EventStoreError('STORE_CATALOG', `catalog ${path} cannot be used; run a recovery to rebuild it from the parts`, {
        cause: error,
        context: { path },
      })
    }
  }

  protected addSession(session: SessionRecord, at: Micros): boolean {
    const short = session8(session.sessionId)
    const known = this.db.prepare('SELECT session_id FROM sessions WHERE session8 = ?').get(short)?.['session_id']
    if (known === session.sessionId) return false
    if (known !== undefined) {
      throw new EventStoreError(
        'STORE_SESSION_COLLISION',
        `session ${session.sessionId} shares its last eight digits with ${String(known)}; start a session with another id`,
        { context: { sessionId: session.sessionId, other: known } },
      )
    }
    this.put('sessions', {
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

  protected put(table: CheckedTable, row: Record<string, Value>): void {
    const columns = CHECKED_TABLES[table]
    const values = columns.map((column) => row[column] ?? null)
    this.db
      .prepare(
        `INSERT OR REPLACE INTO ${table} (${columns.join(', ')}, row_check) VALUES (${columns.map(() => '?').join(', ')}, ?)`,
      )
      .run(...values, rowCheck(table, values))
  }

  /** Runs one durable change; `change` returns whether there was any, and then the generation rises by one. */
  protected transaction(change: (generation: number) => boolean): void {
    this.db.exec('BEGIN IMMEDIATE')
    try {
      const generation = Number(this.db.prepare("SELECT value FROM meta WHERE key = 'generation'").get()?.['value'] ?? 0) + 1
      if (change(generation))
        this.db.prepare("UPDATE meta SET value = ? WHERE key IN ('generation', 'generation_copy')").run(String(generation))
      this.db.exec('COMMIT')
    } catch (error) {
      if (this.db.isTransaction) this.db.exec('ROLLBACK')
      throw error
    }
  }

  private migrate(at: Micros, isStored: () => boolean): void {
    if (formatVersion(this.db) === MIGRATIONS.length) return
    this.db.exec('BEGIN IMMEDIATE')
    try {
      // Another process may have migrated while we waited for the lock.
      const made = formatVersion(this.db) === 0
      for (let version = formatVersion(this.db); version < MIGRATIONS.length; version++) {
        this.db.exec(MIGRATIONS[version] ?? '')
        this.db.prepare('INSERT INTO migrations VALUES (?, ?)').run(version + 1, at)
        this.db.exec(`PRAGMA user_version = ${version + 1}`)
      }
      // With the tables, or not at all: a process that dies before it has filled them leaves it to the next one.
      if (made && isStored()) markFilling(this.db)
      this.db.exec('COMMIT')
    } catch (error) {
      if (this.db.isTransaction) this.db.exec('ROLLBACK')
      throw error
    }
  }

  /** Whether it says less than the parts, because it was made anew: until {@link filled}. */
  isFilling(): boolean {
    return isFilling(this.db)
  }

  /** A recovery is through: the catalog says what the parts do. */
  filled(): void {
    this.transaction(() => unmarkFilling(this.db))
  }

  generation(): number {
    return Number(this.db.prepare("SELECT value FROM meta WHERE key = 'generation'").get()?.['value'] ?? 0)
  }

  /** Hands over the checksum of the catalog as it is now. Nobody else writes to it, or seals it, until `keep` is done. */
  sealed(keep: (seal: CatalogSeal) => void): void {
    this.db.exec('BEGIN IMMEDIATE')
    try {
      keep(computeSeal(this.db))
    } finally {
      this.db.exec('ROLLBACK')
    }
  }

  close(): void {
    if (!this.#open) return
    this.#open = false
    this.db.close()
  }
}
