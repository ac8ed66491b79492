import path from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { EventStoreError } from './errors.ts'
import type { FsPort } from './fs-port.ts'
import type { StorePaths } from './paths.ts'

/** Lock file of a session; its kernel lock is what counts, not that the file exists. */
export const LOCK_FILE = 'owner.lock'
/** Who holds the session, for people. */
export const OWNER_FILE = 'owner.json'
const LOCK_FILES: ReadonlySet<string> = new Set([
  LOCK_FILE,
  `${LOCK_FILE}-journal`,
  `${LOCK_FILE}-wal`,
  `${LOCK_FILE}-shm`,
  OWNER_FILE,
])

/** True for files in a session's directory that belong to its lock. */
export function isLockFile(name: string): boolean {
  return LOCK_FILES.has(name)
}

/** Exclusive hold of one session's journal. The kernel lets go of it when the process dies, also at kill -9. */
export interface OwnerLock {
  /** Lets go; the session's directory is removed when it holds nothing else. */
  release(): void
}

function holder(fs: FsPort, directory: string): string {
  try {
    const owner = JSON.parse(Buffer.from(fs.read(path.join(directory, OWNER_FILE))).toString('utf8')) as { pid?: unknown }
    return typeof owner.pid === 'number' ? `process ${owner.pid}` : 'another process'
  } catch {
    return 'another process'
  }
}

/**
 * Takes the lock of a session, or answers `undefined` when a live process holds it.
 *
 * Node has no flock; an open exclusive SQLite transaction is one. SQLite keeps it in this process per file, so two stores of
 * one process exclude each other as well.
 */
export function tryOwnerLock(fs: FsPort, paths: StorePaths, sessionId: string): OwnerLock | undefined {
  const directory = path.join(paths.journal, sessionId)
  const file = path.join(directory, LOCK_FILE)
  for (let attempt = 0; attempt < 100; attempt++) {
    fs.mkdir(directory)
    const before = fs.stat(file)?.inode
    let db: DatabaseSync | undefined
    try {
      db = new DatabaseSync(file, { timeout: 0 })
      db.exec('PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE')
    } catch (error) {
      db?.close()
      const code = error instanceof Error && 'errcode' in error ? Number(error.errcode) & 0xff : 0
      // 5 busy, 6 locked; 14 cannot open: the owner removed the directory just now.
      if (code === 5 || code === 6) return undefined
      if (code === 14 && fs.stat(directory) === undefined) continue
      if (code === 26) {
        // Not a database: somebody else's bytes. The lock holds no data, so a fresh file does.
        fs.unlink(file)
        continue
      }
      throw error
    }
    // The former owner may have removed the file between our open and its unlock: then we hold a file that nobody sees.
    if (before !== undefined && fs.stat(file)?.inode === before) return hold(fs, paths, directory, db)
    db.close()
  }
  return undefined
}

function hold(fs: FsPort, paths: StorePaths, directory: string, db: DatabaseSync): OwnerLock {
  const owner = path.join(directory, OWNER_FILE)
  try {
    const fd = fs.open(owner, 'overwrite')
    fs.write(fd, [Buffer.from(`${JSON.stringify({ pid: process.pid })}\n`)])
    fs.close(fd)
  } catch {
    // Only for people.
  }
  let held = true
  return {
    release(): void {
      if (!held) return
      held = false
      try {
        const rest = fs.readdir(directory).filter((entry) => !isLockFile(entry.name))
        if (rest.length === 0) {
          for (const name of [OWNER_FILE, LOCK_FILE])
            if (fs.stat(path.join(directory, name)) !== undefined) fs.unlink(path.join(directory, name))
          fs.rmdir(directory)
          fs.fsyncDir(paths.journal)
        }
      } catch {
        // An empty directory left behind is removed by the next recovery.
      } finally {
        db.close()
      }
    },
  }
}

/** Whether a live process holds the session's lock; takes nothing, changes nothing on disk. */
export function isOwned(fs: FsPort, paths: StorePaths, sessionId: string): boolean {
  const file = path.join(paths.journal, sessionId, LOCK_FILE)
  if (fs.stat(file) === undefined) return false
  let db: DatabaseSync | undefined
  try {
    db = new DatabaseSync(file, { readOnly: true, timeout: 0 })
    db.prepare('SELECT count(*) FROM sqlite_schema').get()
    return false
  } catch (error) {
    const code = error instanceof Error && 'errcode' in error ? Number(error.errcode) & 0xff : 0
    return code === 5 || code === 6
  } finally {
    db?.close()
  }
}

/** Takes the lock of a session. @throws STORE_SESSION_LOCKED naming the holder */
export function ownerLock(fs: FsPort, paths: StorePaths, sessionId: string): OwnerLock {
  const lock = tryOwnerLock(fs, paths, sessionId)
  if (lock !== undefined) return lock
  const who = holder(fs, path.join(paths.journal, sessionId))
  throw new EventStoreError(
    'STORE_SESSION_LOCKED',
    `session ${sessionId} is being written by ${who}; stop it first, or use another session`,
    {
      context: { sessionId, holder: who },
    },
  )
}
