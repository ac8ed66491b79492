import { rmSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { isBusy, isDamage } from './sqlite-fault.ts'

const BUSY_MS = 10_000
const PAUSE_MS = 5
const PAUSE = new Int32Array(new SharedArrayBuffer(4))

/**
 * Opens a database with a write-ahead log; what it holds can be made again, so a commit does not wait for the disk, and a file
 * that is damaged is replaced by an empty one.
 *
 * Two connections that switch a new file to the log at once: SQLite refuses one of them without its own timeout.
 */
export function openWalDatabase(file: string): DatabaseSync {
  try {
    return open(file)
  } catch (error) {
    if (!isDamage(error)) throw error
    for (const suffix of ['', '-wal', '-shm']) rmSync(`${file}${suffix}`, { force: true })
    return open(file)
  }
}

function open(file: string): DatabaseSync {
  const db = new DatabaseSync(file, { timeout: BUSY_MS })
  for (let waited = 0; ; waited += PAUSE_MS) {
    try {
      db.exec('PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL')
      return db
    } catch (error) {
      if (!isBusy(error) || waited >= BUSY_MS) {
        db.close()
        throw error
      }
      Atomics.wait(PAUSE, 0, 0, PAUSE_MS)
    }
  }
}
