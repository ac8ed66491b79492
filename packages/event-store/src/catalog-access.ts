import { DatabaseSync } from 'node:sqlite'
import { pathToFileURL } from 'node:url'
import { existsSync } from './env.ts'
import type { StorePaths } from './paths.ts'

/** SQLite's 5 busy and 6 locked. */
export function isBusy(error: unknown): boolean {
  const code = error instanceof Error && 'errcode' in error ? Number(error.errcode) & 0xff : 0
  return code === 5 || code === 6
}

/** Opens a SQLite file for reading only, also on a read-only disk, where WAL files cannot be made. */
export function openReadOnly(file: string): DatabaseSync {
  try {
    const db = new DatabaseSync(file, { readOnly: true, timeout: 5_000 })
    try {
      db.prepare('SELECT count(*) FROM sqlite_schema').get()
      return db
    } catch (error) {
      db.close()
      throw error
    }
  } catch (error) {
    // Somebody who holds it is no reason to read past his lock.
    if (isBusy(error) || existsSync(`${file}-wal`)) throw error
    const url = pathToFileURL(file)
    url.search = '?immutable=1'
    return new DatabaseSync(url, { readOnly: true })
  }
}

/**
 * Asks the catalog as it is at this moment: others may have published, merged or begun to record since it was checked.
 * `undefined` when it cannot be asked.
 */
export function askCatalog<T>(paths: StorePaths, question: (db: DatabaseSync) => T): T | undefined {
  try {
    const db = openReadOnly(paths.catalog)
    try {
      return question(db)
    } finally {
      db.close()
    }
  } catch {
    return undefined
  }
}
