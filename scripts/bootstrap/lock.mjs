import { linkSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { dirname, resolve } from 'node:path'
import { tools } from './places.mjs'
import { StepError, say } from './step.mjs'

const BEAT_MS = 2_000
const DEAD_MS = 60_000
const POLL_MS = 200
const PATIENCE_MS = 20 * 60_000

/**
 * Runs `work` while no other bootstrap of this clone runs.
 *
 * The lock is a file that appears whole (linked, never written in place) and names its holder.
 * It is broken when the holder's process is gone, or when its heartbeat is a minute old.
 */
export async function withLock(work) {
  mkdirSync(tools, { recursive: true })
  const path = resolve(tools, 'bootstrap.lock')
  const mine = resolve(tools, `bootstrap.lock.${process.pid}`)
  writeFileSync(mine, JSON.stringify({ pid: process.pid, host: hostname(), since: new Date().toISOString() }))
  try {
    await acquire(path, mine)
    sweep(path)
    const beat = setInterval(() => touch(path), BEAT_MS)
    const release = () => rmSync(path, { force: true })
    process.once('exit', release)
    try {
      return await work()
    } finally {
      clearInterval(beat)
      process.removeListener('exit', release)
      release()
    }
  } finally {
    rmSync(mine, { force: true })
  }
}

async function acquire(path, mine) {
  const started = Date.now()
  let told = false
  for (;;) {
    try {
      linkSync(mine, path)
      return
    } catch (error) {
      if (error.code !== 'EEXIST') throw error
    }
    const seen = read(path)
    if (seen === undefined) continue
    if (isDead(path, seen)) {
      breakLock(path, seen)
      continue
    }
    if (!told) say(`another run (pid ${parse(seen).pid ?? 'unknown'}) is setting this clone up; waiting for it`)
    told = true
    if (Date.now() - started > PATIENCE_MS) {
      throw new StepError('wait for the other run', `it still holds ${path}`, { repeat: `rm ${path}` })
    }
    await new Promise((done) => setTimeout(done, POLL_MS))
  }
}

/** Removes what killed runs left beside the lock. */
function sweep(path) {
  for (const name of readdirSync(tools)) {
    const pid = Number(/^bootstrap\.lock\.(\d+)$/.exec(name)?.[1])
    if (Number.isInteger(pid) && !isAlive(pid)) rmSync(resolve(dirname(path), name), { force: true })
  }
}

/** Takes a dead holder's lock away; gives it back when a new holder was quicker. */
function breakLock(path, seen) {
  const aside = `${path}.broken.${process.pid}`
  try {
    renameSync(path, aside)
  } catch {
    return
  }
  if (read(aside) !== seen) {
    try {
      linkSync(aside, path)
    } catch {
      // A third run holds it by now; the caller's loop looks again.
    }
  }
  rmSync(aside, { force: true })
}

function isDead(path, seen) {
  const holder = parse(seen)
  if (holder.host === hostname() && Number.isInteger(holder.pid) && !isAlive(holder.pid)) return true
  try {
    return Date.now() - statSync(path).mtimeMs > DEAD_MS
  } catch {
    return false
  }
}

function isAlive(pid) {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error.code !== 'ESRCH'
  }
}

function touch(path) {
  try {
    const now = new Date()
    utimesSync(path, now, now)
  } catch {
    // Gone: somebody removed the lock by hand. The stamps still tell what is finished.
  }
}

function read(path) {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}

function parse(text) {
  try {
    return JSON.parse(text)
  } catch {
    return {}
  }
}
