import { createHash } from 'node:crypto'
import type { DatabaseSync, SQLOutputValue } from 'node:sqlite'
import { EventStoreError } from './errors.ts'

/** Each entry brings the catalog from version `index` to `index + 1`; never edit one that was released. */
export const MIGRATIONS: readonly string[] = [
  `
  CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
  CREATE TABLE migrations (version INTEGER PRIMARY KEY, applied_at INTEGER NOT NULL) STRICT;
  CREATE TABLE sessions (
    session_id TEXT PRIMARY KEY, session8 TEXT NOT NULL UNIQUE, source TEXT, origin TEXT, meta TEXT,
    opened_at INTEGER, ended_at INTEGER, summary TEXT, row_check TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE segments (
    session_id TEXT NOT NULL, segment INTEGER NOT NULL, seq_first INTEGER NOT NULL, seq_last INTEGER NOT NULL,
    rows INTEGER NOT NULL, committed_at INTEGER NOT NULL, row_check TEXT NOT NULL, PRIMARY KEY (session_id, segment)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE files (
    path TEXT PRIMARY KEY, doc_type TEXT NOT NULL, date TEXT NOT NULL, session_id TEXT NOT NULL, segment INTEGER NOT NULL,
    rows INTEGER NOT NULL, bytes INTEGER NOT NULL, sha256 TEXT NOT NULL, seq_first INTEGER NOT NULL, seq_last INTEGER NOT NULL,
    ts_min INTEGER NOT NULL, ts_max INTEGER NOT NULL, schema_version INTEGER NOT NULL, writer TEXT NOT NULL,
    state TEXT NOT NULL, generation INTEGER NOT NULL, row_check TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX files_by_partition ON files (state, doc_type, date);
  CREATE INDEX files_by_session ON files (session_id, segment);
  CREATE TABLE gaps (
    session_id TEXT NOT NULL, seq INTEGER NOT NULL, ts INTEGER NOT NULL, detail TEXT NOT NULL, row_check TEXT NOT NULL,
    PRIMARY KEY (session_id, seq)
  ) STRICT, WITHOUT ROWID;
  INSERT INTO meta VALUES ('generation', '0');
  `,
  // A merged part stands in `files` with session '' and segment 0; `state` is live, staged (visible to us, not yet to globs) or retired.
  `
  CREATE TABLE receipts (
    receipt_id TEXT PRIMARY KEY, kind TEXT NOT NULL, doc_type TEXT NOT NULL, date TEXT NOT NULL, output TEXT, rows INTEGER NOT NULL,
    content_hash TEXT NOT NULL, file_sha256 TEXT NOT NULL, committed_at INTEGER NOT NULL, row_check TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE retired (
    path TEXT PRIMARY KEY, receipt_id TEXT NOT NULL, generation INTEGER NOT NULL, retired_at INTEGER NOT NULL, row_check TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE dropped (
    receipt_id TEXT NOT NULL, session_id TEXT NOT NULL, seq_first INTEGER NOT NULL, seq_last INTEGER NOT NULL, row_check TEXT NOT NULL,
    PRIMARY KEY (receipt_id, session_id, seq_first)
  ) STRICT, WITHOUT ROWID;
  INSERT INTO meta SELECT 'generation_copy', value FROM meta WHERE key = 'generation';
  `,
  // Lowest and highest game of a file's rows, both null when none of them belongs to a game; no row here: not known.
  `
  CREATE TABLE file_games (path TEXT PRIMARY KEY, game_first TEXT, game_last TEXT, row_check TEXT NOT NULL) STRICT, WITHOUT ROWID;
  `,
  // What retention removed, one row for each day and doc_type it acted on. `rows` are those that went, `kept` those of games to keep.
  `
  CREATE TABLE retention (
    receipt_id TEXT PRIMARY KEY, removed_at INTEGER NOT NULL, doc_type TEXT NOT NULL, date TEXT NOT NULL, files INTEGER NOT NULL,
    bytes INTEGER NOT NULL, rows INTEGER NOT NULL, kept INTEGER NOT NULL, row_check TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;
  `,
]

/** Tables whose rows carry a checksum, with their columns in the order that is hashed. */
export const CHECKED_TABLES = {
  sessions: ['session_id', 'session8', 'source', 'origin', 'meta', 'opened_at', 'ended_at', 'summary'],
  segments: ['session_id', 'segment', 'seq_first', 'seq_last', 'rows', 'committed_at'],
  files: [
    'path',
    'doc_type',
    'date',
    'session_id',
    'segment',
    'rows',
    'bytes',
    'sha256',
    'seq_first',
    'seq_last',
    'ts_min',
    'ts_max',
    'schema_version',
    'writer',
    'state',
    'generation',
  ],
  file_games: ['path', 'game_first', 'game_last'],
  retention: ['receipt_id', 'removed_at', 'doc_type', 'date', 'files', 'bytes', 'rows', 'kept'],
  gaps: ['session_id', 'seq', 'ts', 'detail'],
  receipts: ['receipt_id', 'kind', 'doc_type', 'date', 'output', 'rows', 'content_hash', 'file_sha256', 'committed_at'],
  retired: ['path', 'receipt_id', 'generation', 'retired_at'],
  dropped: ['receipt_id', 'session_id', 'seq_first', 'seq_last'],
} as const

export type CheckedTable = keyof typeof CHECKED_TABLES

/** Checksum of one catalog row: a changed byte that SQLite itself would not notice shows here. */
export function rowCheck(table: CheckedTable, values: readonly (SQLOutputValue | undefined)[]): string {
  return createHash('sha256')
    .update(JSON.stringify([table, ...values.map((value) => value ?? null)]))
    .digest('hex')
    .slice(0, 32)
}

/** Key in `meta` of a catalog that was made anew where something is stored: it says less than the parts until a recovery is through. */
const FILLING = 'filling'

/** Marks a catalog as one that a recovery must fill from the parts. */
export function markFilling(db: DatabaseSync): void {
  db.prepare('INSERT OR REPLACE INTO meta VALUES (?, ?)').run(FILLING, '1')
}

/** Takes the mark away; false when there was none. */
export function unmarkFilling(db: DatabaseSync): boolean {
  return db.prepare('DELETE FROM meta WHERE key = ?').run(FILLING).changes > 0
}

/** Whether a catalog waits to be filled, or is being filled. */
export function isFilling(db: DatabaseSync): boolean {
  return db.prepare('SELECT 1 FROM meta WHERE key = ?').get(FILLING) !== undefined
}

/** `PRAGMA user_version` of an open catalog. */
export function formatVersion(db: DatabaseSync): number {
  return Number(db.prepare('PRAGMA user_version').get()?.['user_version'] ?? 0)
}

/** @throws STORE_CATALOG when a newer program wrote it. */
export function assertReadableFormat(version: number, path: string): void {
  if (version <= MIGRATIONS.length) return
  throw new EventStoreError(
    'STORE_CATALOG',
    `catalog ${path} has format ${version}, this program knows up to ${MIGRATIONS.length}; use a newer Vectra`,
    { context: { path, version, known: MIGRATIONS.length } },
  )
}
