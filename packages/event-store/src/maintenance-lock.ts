import path from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import type { Env } from './env.ts'
import { EventStoreError } from './errors.ts'
import type { StorePaths } from './paths.ts'

/** Right to replace or remove parts: one holder per data directory. The kernel lets go of it when the process dies. */
export interface MaintenanceLock extends Disposable {
  release(): void
}

const POLL_MS = 100
/** Longest look at the lock, by a verify: it does not count as taken for that. */
const LOOK_MS = 100

function lockPath(paths: StorePaths): string {
  return path.join(paths.root, 'maintenance.lock')
}

/** Takes the lock, or answers `undefined` while another one, also one of this process, holds it. */
export function tryMaintenanceLock(paths: StorePaths): MaintenanceLock | undefined {
  let db: DatabaseSync | undefined
  try {
    db = new DatabaseSync(lockPath(paths), { timeout: LOOK_MS })
    db.exec('PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE')
  } catch (error) {
    db?.close()
    const code = error instanceof Error && 'errcode' in error ? Number(error.errcode) & 0xff : 0
    if (code === 5 || code === 6) return undefined
    throw error
  }
  const held = db
  const release = (): void => {
    if (held.isOpen) held.close()
  }
  return { release, [Symbol.dispose]: release }
}

/**
 * Takes the lock, waiting up to `waitMs` for its holder.
 *
 * @throws STORE_BUSY when the holder did not let go in time
 */
export async function maintenanceLock(
  env: Env,
  paths: StorePaths,
  waitMs: number,
  signal?: AbortSignal,
): Promise<MaintenanceLock> {
  const until = env.clock.monotonic() + waitMs
  for (;;) {
    signal?.throwIfAborted()
    const lock = tryMaintenanceLock(paths)
    if (lock !== undefined) return lock
    if (env.clock.monotonic() >= until) {
      throw new EventStoreError(
        'STORE_BUSY',
        `another process compacts, prunes or rebuilds ${paths.root}; try again when it is done`,
        { context: { path: paths.root } },
      )
    }
    await new Promise<void>((resolve) => void env.clock.timer(POLL_MS, resolve, { keepAlive: true }))
  }
}

/** Whether anybody ever took the lock: without it no merge can have been begun. */
export function wasMaintained(env: Env, paths: StorePaths): boolean {
  return env.fs.stat(lockPath(paths)) !== undefined
}

/** Whether somebody holds the lock now; takes nothing, changes nothing. */
export function isMaintained(paths: StorePaths): boolean {
  let db: DatabaseSync | undefined
  try {
    db = new DatabaseSync(lockPath(paths), { readOnly: true, timeout: 0 })
    db.prepare('SELECT count(*) FROM sqlite_schema').get()
    return false
  } catch (error) {
    const code = error instanceof Error && 'errcode' in error ? Number(error.errcode) & 0xff : 0
    return code === 5 || code === 6
  } finally {
    db?.close()
  }
}
