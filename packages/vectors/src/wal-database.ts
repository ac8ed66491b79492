import { DatabaseSync } from 'node:sqlite'

const BUSY_MS = 10_000
const PAUSE_MS = 5
const PAUSE = new Int32Array(new SharedArrayBuffer(4))

/**
 * Opens a database with a write-ahead log; what it holds can be made again, so a commit does not wait for the disk.
 *
 * Two connections that switch a new file to the log at once: SQLite refuses one of them without its own timeout.
 */
export function openWalDatabase(file: string): DatabaseSync {
  const db = new DatabaseSync(file, { timeout: BUSY_MS })
  for (let waited = 0; ; waited += PAUSE_MS) {
    try {
      db.exec('PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL')
      return db
    } catch (error) {
      const busy = error instanceof Error && 'errcode' in error && (Number(error.errcode) & 0xff) === 5
      if (!busy || waited >= BUSY_MS) {
        db.close()
        throw error
      }
      Atomics.wait(PAUSE, 0, 0, PAUSE_MS)
    }
  }
}
