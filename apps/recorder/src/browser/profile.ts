import { readFileSync, readlinkSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { findDevTools } from '@vectra/ingest'

/** What a profile directory tells about the browser that uses it. */
export interface ProfileState {
  /** Process that has the profile open; null: none, or none that can be told. */
  readonly pid: number | null
  /** DevTools WebSocket of the whole browser as its file says; the browser may be gone, so probe it. */
  readonly devtools: string | null
}

/**
 * Reads a profile's lock and port file. Both stay behind when a browser is killed: the lock's process is looked for, the port
 * has to be probed ({@link liveDevTools}).
 */
export function readProfile(profile: string): ProfileState {
  return { pid: lockedBy(profile), devtools: portFile(profile) }
}

/** The DevTools WebSocket URL of the browser that runs on this profile; null when there is none, or it opened no port. */
export async function liveDevTools(profile: string, signal: AbortSignal): Promise<string | null> {
  const { devtools } = readProfile(profile)
  if (devtools === null) return null
  try {
    const answered = await findDevTools(`http://${new URL(devtools).host}`, signal)
    // Another browser may have got the port of one that was killed: the path has the browser's own id.
    return new URL(answered).pathname === new URL(devtools).pathname ? devtools : null
  } catch {
    signal.throwIfAborted()
    return null
  }
}

/** `SingletonLock` is a link to `<host>-<pid>`. */
function lockedBy(profile: string): number | null {
  try {
    const [, host, pid] = /^(.*)-(\d+)$/.exec(readlinkSync(join(profile, 'SingletonLock'))) ?? []
    if (host !== hostname() || pid === undefined) return null
    process.kill(Number(pid), 0)
    return Number(pid)
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM' ? -1 : null
  }
}

/** `DevToolsActivePort` holds the port and the path of the browser's WebSocket. */
function portFile(profile: string): string | null {
  try {
    const [port = '', path = ''] = readFileSync(join(profile, 'DevToolsActivePort'), 'utf8').split('\n')
    if (!/^[1-9]\d{0,4}$/.test(port) || !path.startsWith('/devtools/browser/')) return null
    return `ws://127.0.0.1:${port}${path.trim()}`
  } catch {
    return null
  }
}
