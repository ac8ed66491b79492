import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { VectorsError } from './errors.ts'

/**
 * One writer a directory: an exclusive lock of SQLite on a file of its own. The operating system lets go of it when the process
 * ends, however it ends.
 *
 * @param waitMs how long to wait for another writer
 * @throws VectorsError VECTORS_BUSY
 */
export function writerLock(dir: string, waitMs: number): Disposable {
  mkdirSync(dir, { recursive: true })
  const db = new DatabaseSync(join(dir, 'writer.lock'), { timeout: waitMs })
  try {
    db.exec('PRAGMA locking_mode=EXCLUSIVE; BEGIN EXCLUSIVE')
  } catch (cause) {
    db.close()
    throw new VectorsError('VECTORS_BUSY', `another process is indexing ${dir}; try again when it is done`, {
      cause,
      context: { dir, waitMs },
    })
  }
  return {
    [Symbol.dispose]: () => {
      if (db.isOpen) db.close()
    },
  }
}
