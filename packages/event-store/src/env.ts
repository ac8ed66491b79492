import { randomBytes } from 'node:crypto'
import fs from 'node:fs'
import path from 'node:path'
import type { Clock, Random } from '@vectra/schemas'
import type { FsPort } from './fs-port.ts'

/** Everything of the outside world that the store touches: the only door to clock, randomness and disk. */
export interface Env {
  readonly clock: Clock
  readonly random: Random
  readonly fs: FsPort
}

const FLAGS = { create: 'wx', overwrite: 'w', append: 'a' } as const

function writeAll(fd: number, buffers: readonly Uint8Array[]): void {
  let rest = buffers
  while (rest.length > 0) {
    // IOV_MAX is 1024 on Linux.
    const slice = rest.slice(0, 1024)
    const size = slice.reduce((sum, buffer) => sum + buffer.byteLength, 0)
    let written = fs.writevSync(fd, slice)
    if (written === size) {
      rest = rest.slice(slice.length)
      continue
    }
    // A short write is how a disk that fills up says so: try the remainder, which raises the reason.
    const left: Uint8Array[] = []
    for (const buffer of slice) {
      if (written >= buffer.byteLength) written -= buffer.byteLength
      else {
        left.push(written > 0 ? buffer.subarray(written) : buffer)
        written = 0
      }
    }
    rest = [...left, ...rest.slice(slice.length)]
  }
}

function sync(target: string, flags: 'r' | 'r+'): void {
  const fd = fs.openSync(target, flags)
  try {
    fs.fsyncSync(fd)
  } finally {
    fs.closeSync(fd)
  }
}

const systemFs: FsPort = {
  mkdir(target) {
    const created: string[] = []
    const missing: string[] = []
    for (let at = path.resolve(target); !fs.existsSync(at); at = path.dirname(at)) missing.push(at)
    for (const at of missing.reverse()) {
      try {
        fs.mkdirSync(at)
        created.push(at)
      } catch (error) {
        // Somebody else was faster; the entry may not be durable yet, so it counts as ours to sync.
        if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error
        created.push(at)
      }
    }
    return created
  },
  open: (target, mode) => fs.openSync(target, FLAGS[mode]),
  write: writeAll,
  fdatasync: (fd) => fs.fdatasyncSync(fd),
  close: (fd) => fs.closeSync(fd),
  fsyncFile: (target) => sync(target, 'r+'),
  fsyncDir: (target) => sync(target, 'r'),
  truncate: (target, length) => fs.truncateSync(target, length),
  rename: (from, to) => fs.renameSync(from, to),
  link: (from, to) => fs.linkSync(from, to),
  unlink: (target) => fs.unlinkSync(target),
  rmdir: (target) => fs.rmdirSync(target),
  readdir: (target) =>
    fs.readdirSync(target, { withFileTypes: true }).map((entry) => ({ name: entry.name, isDirectory: entry.isDirectory() })),
  read: (target) => fs.readFileSync(target),
  *pieces(target) {
    const fd = fs.openSync(target, 'r')
    try {
      // Small files are many: a megabyte for each costs more than reading them.
      const buffer = Buffer.allocUnsafe(Math.min(1 << 20, fs.fstatSync(fd).size + 1))
      for (let size = fs.readSync(fd, buffer); size > 0; size = fs.readSync(fd, buffer)) yield buffer.subarray(0, size)
    } finally {
      fs.closeSync(fd)
    }
  },
  stat(target) {
    const found = fs.statSync(target, { throwIfNoEntry: false, bigint: true })
    if (found === undefined) return undefined
    return {
      size: Number(found.size),
      isDirectory: found.isDirectory(),
      inode: Number(found.ino),
      version: `${found.mtimeNs}-${found.ctimeNs}`,
    }
  },
}

const systemClock: Clock = {
  // performance.timeOrigin + now() drifts from the wall clock on sleep; Date.now() follows it, in milliseconds.
  // Microseconds inside one millisecond come from the monotonic clock, so that order is kept where the wall clock ties.
  now: (() => {
    let last = 0
    return () => {
      const wall = Date.now() * 1000
      const fraction = Math.floor((performance.now() * 1000) % 1000)
      const now = wall + fraction
      last = now <= last && last - now < 1000 ? last : now
      return last
    }
  })(),
  monotonic: () => performance.now(),
  timer(delayMs, fire, options = {}) {
    const timer = setTimeout(fire, delayMs)
    if (options.keepAlive !== true) timer.unref()
    return () => clearTimeout(timer)
  },
}

const systemRandom: Random = {
  float: () => Math.random(),
  bytes: (count) => randomBytes(count),
}

/** The real clock, randomness and disk. */
export function systemEnv(): Env {
  return { clock: systemClock, random: systemRandom, fs: systemFs }
}

/** Whether a path exists; for callers that hold no {@link Env}. */
export function existsSync(target: string): boolean {
  return fs.existsSync(target)
}
