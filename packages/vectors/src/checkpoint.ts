import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { DatabaseSync } from 'node:sqlite'
import type { TableName } from './documents/document.ts'
import { openWalDatabase } from './wal-database.ts'

/** How complete a table is. */
export interface TableState {
  /** The creation that the checkpoint belongs to: a table made anew starts from nothing. */
  readonly tableId: string
  /** LanceDB version after the last commit that the checkpoint knows. */
  readonly version: number
  /** False while a run has not come to its end. */
  readonly complete: boolean
  /** Where the source was, in its words. */
  readonly position: string | null
  /** The source's stamp then. */
  readonly stamp: string | null
  /** Milliseconds since the epoch: when the table was last found equal to its source. */
  readonly syncedAt: number | null
}

/** What is known of one scope. */
export interface ScopeMark {
  /** Empty while its rows are being written. */
  readonly version: string
  readonly facts: string | undefined
}

/**
 * How far each table is complete: a hint that saves work, never the truth. The truth is in the rows; without this file every
 * scope is compared again, and nothing is embedded twice.
 */
export class Checkpoint implements Disposable {
  readonly #db: DatabaseSync

  constructor(dir: string) {
    mkdirSync(dir, { recursive: true })
    this.#db = openWalDatabase(join(dir, 'checkpoint.sqlite'))
    this.#db.exec(`
      CREATE TABLE IF NOT EXISTS tables (name TEXT PRIMARY KEY, table_id TEXT NOT NULL, version INTEGER NOT NULL,
        complete INTEGER NOT NULL, position TEXT, stamp TEXT, synced_at INTEGER) WITHOUT ROWID;
      CREATE TABLE IF NOT EXISTS scopes (name TEXT NOT NULL, scope TEXT NOT NULL, version TEXT NOT NULL, facts TEXT,
        PRIMARY KEY (name, scope)) WITHOUT ROWID`)
  }

  state(table: TableName): TableState | undefined {
    const row = this.#db.prepare('SELECT * FROM tables WHERE name = ?').get(table)
    if (row === undefined) return undefined
    return {
      tableId: String(row['table_id']),
      version: Number(row['version']),
      complete: row['complete'] === 1,
      position: row['position'] === null ? null : String(row['position']),
      stamp: row['stamp'] === null ? null : String(row['stamp']),
      syncedAt: row['synced_at'] === null ? null : Number(row['synced_at']),
    }
  }

  scopes(table: TableName): Map<string, ScopeMark> {
    const rows = this.#db.prepare('SELECT scope, version, facts FROM scopes WHERE name = ?').all(table)
    return new Map(
      rows.map((row) => [
        String(row['scope']),
        { version: String(row['version']), facts: row['facts'] === null ? undefined : String(row['facts']) },
      ]),
    )
  }

  /** Starts over: a new table, or one that is older than the checkpoint. `scopes` are those that its rows name. */
  reset(table: TableName, tableId: string, version: number, scopes: Iterable<string>): void {
    this.#transaction(() => {
      this.#db.prepare('DELETE FROM scopes WHERE name = ?').run(table)
      this.#db.prepare('INSERT OR REPLACE INTO tables VALUES (?, ?, ?, 0, NULL, NULL, NULL)').run(table, tableId, version)
      const insert = this.#db.prepare("INSERT INTO scopes VALUES (?, ?, '', NULL)")
      for (const scope of scopes) insert.run(table, scope)
    })
  }

  /** Before rows of these scopes are written: whatever happens next, they will be looked at again. */
  begin(table: TableName, scopes: Iterable<string>): void {
    this.#transaction(() => {
      const mark = this.#db.prepare("INSERT OR REPLACE INTO scopes VALUES (?, ?, '', NULL)")
      for (const scope of scopes) mark.run(table, scope)
      this.#db.prepare('UPDATE tables SET complete = 0 WHERE name = ?').run(table)
    })
  }

  /** After their rows are in the table. */
  commit(table: TableName, version: number, marks: ReadonlyMap<string, ScopeMark>, gone: Iterable<string> = []): void {
    this.#transaction(() => {
      const mark = this.#db.prepare('INSERT OR REPLACE INTO scopes VALUES (?, ?, ?, ?)')
      for (const [scope, { version: scopeVersion, facts }] of marks) mark.run(table, scope, scopeVersion, facts ?? null)
      const forget = this.#db.prepare('DELETE FROM scopes WHERE name = ? AND scope = ?')
      for (const scope of gone) forget.run(table, scope)
      this.#db.prepare('UPDATE tables SET version = ? WHERE name = ?').run(version, table)
    })
  }

  /** The table equals its source. */
  complete(
    table: TableName,
    version: number,
    source: { readonly position: string | null; readonly stamp: string | null },
    syncedAt: number,
  ): void {
    this.#db
      .prepare('UPDATE tables SET version = ?, complete = 1, position = ?, stamp = ?, synced_at = ? WHERE name = ?')
      .run(version, source.position, source.stamp, syncedAt, table)
  }

  /** The table was found equal to its source once more. */
  confirm(table: TableName, syncedAt: number): void {
    this.#db.prepare('UPDATE tables SET synced_at = ? WHERE name = ?').run(syncedAt, table)
  }

  #transaction(work: () => void): void {
    this.#db.exec('BEGIN IMMEDIATE')
    try {
      work()
      this.#db.exec('COMMIT')
    } catch (error) {
      this.#db.exec('ROLLBACK')
      throw error
    }
  }

  [Symbol.dispose](): void {
    if (this.#db.isOpen) this.#db.close()
  }
}
