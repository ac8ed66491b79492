import path from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import type { Env } from './env.ts'
import { diskError, EventStoreError, systemCode } from './errors.ts'
import type { FsPort } from './fs-port.ts'
import { isSessionId, type StorePaths } from './paths.ts'

/** Lock file of a session; its kernel lock is what counts, not that the file exists. */
export const LOCK_FILE = 'owner.lock'
/** Who writes the session: for people, and to tell a writer from one who only looks. */
const OWNER_FILE = 'owner.json'
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

/** How often one begins again because the former owner removed the file. */
const ATTEMPTS = 100

/** Exclusive hold of one session's journal. The kernel lets go of it when the process dies, also at kill -9. */
export interface OwnerLock {
  /** Lets go; the session's directory is removed when it holds nothing else. */
  release(): void
}

/** Process that wrote its note into a session's directory, as it sees its own number; null when there is no readable note. */
export function ownerOf(fs: FsPort, paths: StorePaths, sessionId: string): number | null {
  try {
    const owner: unknown = JSON.parse(Buffer.from(fs.read(path.join(paths.journal, sessionId, OWNER_FILE))).toString('utf8'))
    return typeof owner === 'object' && owner !== null && 'pid' in owner && typeof owner.pid === 'number' ? owner.pid : null
  } catch {
    return null
  }
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    return systemCode(error) !== 'ESRCH'
  }
}

/**
 * Takes the lock of a session, or answers `undefined` when a live process holds it.
 *
 * Node has no flock; an open exclusive SQLite transaction is one. SQLite keeps it in this process per file, so two stores of
 * one process exclude each other as well.
 *
 * @param lookMs how long this thread stands still for somebody who only looks at the lock
 * @throws STORE_DISK_FULL, STORE_READ_ONLY, STORE_IO
 */
export function tryOwnerLock(fs: FsPort, paths: StorePaths, sessionId: string, lookMs = 0): OwnerLock | undefined {
  const directory = path.join(paths.journal, sessionId)
  const file = path.join(directory, LOCK_FILE)
  for (let attempt = 1; ; attempt++) {
    makeDirectory(fs, directory)
    const before = fs.stat(file)?.inode
    let db: DatabaseSync | undefined
    try {
      db = new DatabaseSync(file, { timeout: lookMs })
      db.exec('PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE')
    } catch (error) {
      db?.close()
      const code = error instanceof Error && 'errcode' in error ? Number(error.errcode) & 0xff : 0
      // 5 busy, 6 locked; 14 cannot open: the owner removed the directory just now, and maybe the next one made it again.
      if (code === 5 || code === 6) return undefined
      if (attempt >= ATTEMPTS || (code !== 14 && code !== 26)) throw diskError(error, 'lock', file)
      // Not a database: somebody else's bytes. The lock holds no data, so a fresh file does.
      if (code === 26 && fs.stat(file) !== undefined) fs.unlink(file)
      continue
    }
    // The former owner may have removed the file between our open and its unlock: then we hold a file that nobody sees.
    if (before !== undefined && fs.stat(file)?.inode === before) return hold(fs, paths, directory, db)
    db.close()
    if (attempt >= ATTEMPTS) return undefined
  }
}

function makeDirectory(fs: FsPort, directory: string): void {
  try {
    fs.mkdir(directory)
  } catch (error) {
    throw diskError(error, 'create', directory)
  }
}

function hold(fs: FsPort, paths: StorePaths, directory: string, db: DatabaseSync): OwnerLock {
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

/** Longest look at a lock. */
const LOOK_MS = 100

/** {@link tryOwnerLock} for a recovery: a session that nobody writes is taken though somebody looks at it. */
export function deadOwnerLock(fs: FsPort, paths: StorePaths, sessionId: string): OwnerLock | undefined {
  const writer = ownerOf(fs, paths, sessionId)
  return tryOwnerLock(fs, paths, sessionId, writer === null || !isRunning(writer) ? LOOK_MS : 0)
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

/** Sessions whose lock a live process holds right now, in order of their ids. */
export function ownedSessions(fs: FsPort, paths: StorePaths): string[] {
  if (fs.stat(paths.journal) === undefined) return []
  return fs
    .readdir(paths.journal)
    .flatMap(({ name, isDirectory }) => (isDirectory && isSessionId(name) && isOwned(fs, paths, name) ? [name] : []))
    .sort()
}

/** Says who writes the session, to whoever finds its lock taken. */
export function leaveNote(fs: FsPort, paths: StorePaths, sessionId: string): void {
  try {
    const fd = fs.open(path.join(paths.journal, sessionId, OWNER_FILE), 'overwrite')
    fs.write(fd, [Buffer.from(`${JSON.stringify({ pid: process.pid })}\n`)])
    fs.close(fd)
  } catch {
    // A full disk: the lock holds without it.
  }
}

/** Longest time that a recovery or a look at the lock keeps a writer waiting. */
const PASSING_MS = 5_000
const POLL_MS = 10

/**
 * Waits for the lock of a session that somebody holds only in passing: a recovery beside us, or a look whether it is taken.
 *
 * @throws STORE_SESSION_LOCKED at once when a live process writes the session, naming it; after five seconds otherwise
 */
export async function passingOwnerLock(env: Env, paths: StorePaths, sessionId: string): Promise<OwnerLock> {
  const until = env.clock.monotonic() + PASSING_MS
  for (;;) {
    const pid = ownerOf(env.fs, paths, sessionId)
    const written = pid !== null && isRunning(pid)
    if (written || env.clock.monotonic() >= until) {
      const holder = pid === null ? 'another process' : `process ${pid}`
      throw new EventStoreError(
        'STORE_SESSION_LOCKED',
        `session ${sessionId} is being ${written ? 'written' : 'held'} by ${holder}; stop it first, or use another session`,
        { context: { sessionId, holder } },
      )
    }
    await new Promise<void>((resolve) => void env.clock.timer(POLL_MS, resolve, { keepAlive: true }))
    const lock = tryOwnerLock(env.fs, paths, sessionId)
    if (lock !== undefined) return lock
  }
}
