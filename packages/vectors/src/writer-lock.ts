import { mkdirSync, truncateSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { VectorsError } from './errors.ts'
import { isBusy, isDamage } from './sqlite-fault.ts'

/**
 * One writer a directory: an exclusive lock of SQLite on a file of its own. The operating system lets go of it when the process
 * ends, however it ends.
 *
 * @param waitMs how long to wait for another writer
 * @throws VectorsError VECTORS_BUSY, VECTORS_WRITE
 */
export function writerLock(dir: string, waitMs: number): Disposable {
  const file = join(dir, 'writer.lock')
  try {
    mkdirSync(dir, { recursive: true })
    try {
      return lock(file, waitMs)
    } catch (error) {
      if (!isDamage(error)) throw error
      // Only the lock on it counts. Emptied, not removed: a lock that somebody takes meanwhile stays one on the same file.
      truncateSync(file, 0)
      return lock(file, waitMs)
    }
  } catch (cause) {
    const busy = isBusy(cause)
    throw new VectorsError(
      busy ? 'VECTORS_BUSY' : 'VECTORS_WRITE',
      busy
        ? `another process is indexing ${dir}; try again when it is done`
        : `${dir} cannot be written: ${cause instanceof Error ? cause.message : String(cause)}`,
      { cause, context: { dir, waitMs } },
    )
  }
}

function lock(file: string, waitMs: number): Disposable {
  const db = new DatabaseSync(file, { timeout: waitMs })
  try {
    db.exec('PRAGMA locking_mode=EXCLUSIVE; BEGIN EXCLUSIVE')
  } catch (error) {
    db.close()
    throw error
  }
  return {
    [Symbol.dispose]: () => {
      if (db.isOpen) db.close()
    },
  }
}
