import { once } from 'node:events'
import { mkdirSync, rmdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { Worker } from 'node:worker_threads'
import { expect, it } from 'vitest'
import { systemEnv } from '../src/env.ts'
import type { FsPort } from '../src/fs-port.ts'
import { tryMaintenanceLock } from '../src/maintenance-lock.ts'
import { deadOwnerLock, tryOwnerLock } from '../src/owner-lock.ts'
import { storePaths } from '../src/paths.ts'
import { sessionId } from './sample-events.ts'
import { temporaryDirectory } from './temporary-directory.ts'

/** Somebody who looks at the lock all the time. */
async function looker(file: string): Promise<AsyncDisposable> {
  const thread = new Worker(new URL('./look-at-lock-thread.ts', import.meta.url), {
    workerData: file,
    execArgv: ['--disable-warning=ExperimentalWarning'],
  })
  await once(thread, 'message')
  return { [Symbol.asyncDispose]: async () => void (await thread.terminate()) }
}

it('P4 P10: a look at a lock does not count as holding it', async () => {
  using dir = temporaryDirectory()
  const { fs } = systemEnv()
  const paths = storePaths(dir.path)
  mkdirSync(path.join(paths.journal, sessionId()), { recursive: true })
  // Not empty, so that the lock's file stays when it is let go.
  writeFileSync(path.join(paths.journal, sessionId(), '00000001.ndjson'), '')
  tryOwnerLock(fs, paths, sessionId())?.release()
  tryMaintenanceLock(paths)?.release()
  await using _session = await looker(path.join(paths.journal, sessionId(), 'owner.lock'))
  await using _maintenance = await looker(path.join(dir.path, 'maintenance.lock'))
  for (let round = 1; round <= 10; round++) {
    const locks = [deadOwnerLock(fs, paths, sessionId()), tryMaintenanceLock(paths)]
    expect(locks, `round ${round}`).not.toContain(undefined)
    for (const lock of locks) lock?.release()
  }
})

it('P10: a session whose directory goes and comes back is locked all the same', () => {
  using dir = temporaryDirectory()
  const env = systemEnv()
  const paths = storePaths(dir.path)
  const directory = path.join(paths.journal, sessionId())
  mkdirSync(paths.journal)
  let made = 0
  const fs: FsPort = {
    ...env.fs,
    mkdir(at) {
      const created = env.fs.mkdir(at)
      // Its former owner is just leaving.
      if (++made === 1) rmdirSync(at)
      return created
    },
    stat(at) {
      // The next one is just coming.
      if (at === directory) mkdirSync(at, { recursive: true })
      return env.fs.stat(at)
    },
  }
  const lock = tryOwnerLock(fs, paths, sessionId())
  expect(lock).toBeDefined()
  lock?.release()
})

it('P8: a lock that cannot be made says why', () => {
  using dir = temporaryDirectory()
  const env = systemEnv()
  const paths = storePaths(dir.path)
  const refuse = (code: string): FsPort => ({
    ...env.fs,
    mkdir: () => {
      throw Object.assign(new Error(code), { code })
    },
  })
  expect(() => tryOwnerLock(refuse('ENOSPC'), paths, sessionId())).toThrow(expect.objectContaining({ code: 'STORE_DISK_FULL' }))
  // A directory where the lock's file should be.
  mkdirSync(path.join(paths.journal, sessionId(), 'owner.lock'), { recursive: true })
  expect(() => tryOwnerLock(env.fs, paths, sessionId())).toThrow(expect.objectContaining({ code: 'STORE_IO' }))
})
