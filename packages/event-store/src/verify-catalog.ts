import type { DatabaseSync } from 'node:sqlite'
import { askCatalog, openReadOnly } from './catalog-access.ts'
import { CHECKED_TABLES, type CheckedTable, formatVersion, isFilling, MIGRATIONS, rowCheck } from './catalog-format.ts'
import { fileMeta } from './catalog-rows.ts'
import { computeSeal, readSeal } from './catalog-seal.ts'
import { type ListedReceipts, listedReceipt } from './compaction/verify-receipts.ts'
import type { Env } from './env.ts'
import type { StorePaths } from './paths.ts'
import { DECLARED_BY, gapEnd } from './segment.ts'
import { type SessionFile, sessionFileOf } from './session-file.ts'
import { message, type Verification } from './verification.ts'
import { openSheet } from './verify-balance.ts'

/** What the catalog lists. */
export interface Listed extends ListedReceipts {
  /** Gap events that account for more than their own seq. */
  readonly sessions: readonly SessionFile[]
  readonly gaps: readonly { readonly sessionId: string; readonly seq: number; readonly end: number }[]
}

/** 0 when the catalog cannot be asked; then there is no list to pin either. */
export function catalogGeneration(paths: StorePaths): number {
  return (
    askCatalog(paths, (db) => Number(db.prepare("SELECT value FROM meta WHERE key = 'generation'").get()?.['value'] ?? 0)) ?? 0
  )
}

/** Checks the catalog row by row and as a whole; `undefined` when it cannot be read. */
export function readCatalog(env: Env, paths: StorePaths, verification: Verification, published: Set<string>): Listed | undefined {
  const { fs } = env
  const gaps: Listed['gaps'][number][] = []
  const missing = (): Listed => {
    if (fs.stat(paths.events) !== undefined && fs.readdir(paths.events).length > 0)
      verification.add('catalog_missing', 'catalog.sqlite', null, 'there are parts but no catalog; a recovery rebuilds it')
    return { files: [], gaps, receipts: [], sessions: [] }
  }
  if (fs.stat(paths.catalog) === undefined) return missing()
  let db: DatabaseSync | undefined
  try {
    db = openReadOnly(paths.catalog)
    const seal = readSeal(fs, paths)
    // All of it as it was at one moment: a recorder may publish, a compactor may swap files between two questions.
    db.exec('BEGIN')
    // Somebody is just making it.
    if (Number(db.prepare('SELECT count(*) AS made FROM sqlite_schema').get()?.['made']) === 0) return missing()
    if (isFilling(db))
      verification.add(
        'catalog_missing',
        'catalog.sqlite',
        null,
        'it was lost or damaged and does not list all parts yet; a recovery fills it',
      )
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
    const now = computeSeal(db)
    if (seal !== undefined) verification.seal = seal?.generation === now.generation ? 'current' : 'stale'
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
    const sessions = db.prepare('SELECT * FROM sessions').all().map(sessionFileOf)
    const counted = db.prepare('SELECT coalesce(sum(rows), 0) AS rows FROM segments WHERE session_id = ?')
    const declared = db.prepare('SELECT seq, detail FROM gaps WHERE session_id = ?')
    for (const session of sessions) {
      const own = declared
        .all(session.sessionId)
        .filter(({ detail }) => String(detail).includes(`"declared_by":"${DECLARED_BY}"`))
      for (const text of openSheet(session, Number(counted.get(session.sessionId)?.['rows'] ?? 0), own.length))
        verification.add('sheet_open', null, session.sessionId, text)
    }
    return { files, gaps, receipts, sessions }
  } catch (error) {
    verification.add('catalog_unreadable', 'catalog.sqlite', null, message(error))
    return undefined
  } finally {
    db?.close()
  }
}
