import { createHash } from 'node:crypto'
import os from 'node:os'
import path from 'node:path'
import type { Env } from './env.ts'
import { systemCode } from './errors.ts'
import type { FsPort } from './fs-port.ts'
import type { StorePaths } from './paths.ts'

/** A reader's hold on every file that was live at a catalog generation or later. */
export interface Lease {
  readonly generation: number
  readonly pid: number
  /** Start of the holder's process in the kernel's own count; tells it from a later process with the same id. */
  readonly started: string
  /** Machine of the holder, shortened hash. */
  readonly host: string
  /** Milliseconds since 1970. */
  readonly since: number
  readonly name: string
}

/** A lease of another machine counts this long: whether its process lives cannot be asked from here. */
const FOREIGN_MS = 60 * 60 * 1000
const NAME = /^g(\d+)-p(\d+)-s(\d+)-h([0-9a-f]{8})-t(\d+)-[0-9a-f]+\.lease$/

const HOST = createHash('sha256').update(os.hostname()).digest('hex').slice(0, 8)

/** Start time of a process, from Linux's process table; `0` where there is none. */
function processStart(fs: FsPort, pid: number): string {
  try {
    const stat = Buffer.from(fs.read(`/proc/${pid}/stat`)).toString('latin1')
    // The name in brackets may hold spaces; the start time is the 20th field behind it.
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '0'
  } catch {
    return '0'
  }
}

let own: string | undefined

/**
 * Pins all files that are live at `generation` or later, until disposed. Read the list of files after this, not before.
 *
 * A lease is an empty file: everything stands in its name, so that it is there whole or not at all. It is not durable, because
 * no reader survives a power cut. Where the directory cannot be written there is no lease; queries then start again when a file
 * is replaced under them.
 */
export function takeLease(env: Env, paths: StorePaths, generation: number): Disposable & { readonly held: boolean } {
  const { fs, clock, random } = env
  own ??= processStart(fs, process.pid)
  const name = `g${generation}-p${process.pid}-s${own}-h${HOST}-t${Math.floor(clock.now() / 1000)}-${Buffer.from(random.bytes(6)).toString('hex')}.lease`
  const file = path.join(paths.leases, name)
  let held = true
  try {
    try {
      fs.close(fs.open(file, 'create'))
    } catch (error) {
      if (systemCode(error) !== 'ENOENT' || fs.stat(paths.root) === undefined) throw error
      fs.mkdir(paths.leases)
      fs.close(fs.open(file, 'create'))
    }
  } catch {
    held = false
  }
  return {
    held,
    [Symbol.dispose]: () => {
      if (!held) return
      held = false
      try {
        fs.unlink(file)
      } catch {
        // Somebody removed it, or the disk is read-only now: it dies with this process.
      }
    },
  }
}

function parse(name: string): Lease | undefined {
  const match = NAME.exec(name)
  if (match === null) return undefined
  const [, generation, pid, started = '', host = '', since] = match
  return { name, generation: Number(generation), pid: Number(pid), started, host, since: Number(since) }
}

function isAlive(env: Env, lease: Lease): boolean {
  if (lease.host !== HOST) return Math.floor(env.clock.now() / 1000) - lease.since < FOREIGN_MS
  try {
    process.kill(lease.pid, 0)
  } catch (error) {
    if (systemCode(error) === 'ESRCH') return false
  }
  return lease.started === processStart(env.fs, lease.pid)
}

/** Leases of live readers. With `expire`, those of dead ones are removed on the way. */
export function liveLeases(env: Env, paths: StorePaths, options: { readonly expire?: boolean } = {}): readonly Lease[] {
  const { fs } = env
  if (fs.stat(paths.leases) === undefined) return []
  return fs.readdir(paths.leases).flatMap((entry) => {
    const lease = parse(entry.name)
    if (lease !== undefined && isAlive(env, lease)) return [lease]
    if (options.expire === true && !entry.isDirectory) {
      try {
        fs.unlink(path.join(paths.leases, entry.name))
      } catch {
        // Its reader was faster.
      }
    }
    return []
  })
}
