import { existsSync, statfsSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { type DiskProbe, EventStoreError, probeDisk } from '@vectra/event-store'
import { formatSize } from '../terminal/units.ts'
import { type Finding, fault, ok, skipped, warning } from './finding.ts'

const NODE_MAJOR = 24

/** Is this Node new enough? */
export function checkNode(version: string): Finding {
  const major = Number(/^v?(\d+)/.exec(version)?.[1] ?? 0)
  return major >= NODE_MAJOR
    ? ok('node', version)
    : fault('node', `${version}, ${NODE_MAJOR} is needed`, `install Node ${NODE_MAJOR} or newer, e.g. nvm install ${NODE_MAJOR}`)
}

const GB = 1e9
/** A day of the feed is about 0.4 GB, journal and merging included. */
const SPACE = { fault: GB, warning: 10 * GB } as const

/** Room on the disk of the data directory. */
export function checkSpace(dataDir: string, statfs: typeof statfsSync = statfsSync): Finding {
  try {
    const { bavail, bsize, files, ffree } = statfs(nearestDirectory(dataDir))
    const free = bavail * bsize
    const found = `${formatSize(free)} free`
    const fix =
      'free space, move the data with --data-dir, or remove old rows: vectra store prune --older-than 90d --doc-type ws_event'
    if (free < SPACE.fault) return fault('disk_space', found, fix)
    // File systems that make inodes as they go report none.
    if (files > 0 && ffree < 1_000)
      return fault('disk_space', `${found}, but only ${ffree} more files`, 'merge small files: vectra store compact')
    return free < SPACE.warning ? warning('disk_space', found, fix) : ok('disk_space', found)
  } catch (error) {
    return skipped('disk_space', message(error))
  }
}

/** Milliseconds of a sync at which a live feed of about 10 batches a second can no longer be followed, or is followed badly. */
const SYNC_MS = { fault: 250, warning: 25 } as const

/** How fast the disk syncs, and whether it can be written at all. */
export function checkSync(dataDir: string, probe: (dir: string) => DiskProbe = probeDisk): Finding {
  const dir = nearestDirectory(dataDir)
  try {
    const { p50Ms, p99Ms } = probe(dir)
    const found = `a sync takes ${p50Ms.toFixed(1)} ms, at worst ${p99Ms.toFixed(1)} ms: ${Math.floor(1_000 / Math.max(p50Ms, 0.001))} a second`
    const fix = 'keep the data on a local disk (SSD), not on a network or FUSE mount: --data-dir'
    if (p50Ms >= SYNC_MS.fault) return fault('disk_sync', found, fix)
    return p50Ms >= SYNC_MS.warning ? warning('disk_sync', found, fix) : ok('disk_sync', found)
  } catch (error) {
    const code = error instanceof EventStoreError ? error.code : ''
    const fix =
      code === 'STORE_DISK_FULL'
        ? 'free space, or choose another disk with --data-dir'
        : `make ${dir} writable for this user (ls -ld ${dir}), or choose another place with --data-dir`
    return fault('disk_sync', message(error), fix)
  }
}

/** Times by which a clock shows itself to be wrong. */
const CLOCK = { earliest: Date.UTC(2025, 0, 1), skewMs: 2_000 } as const
const SET_CLOCK = 'set the clock, and keep it set: timedatectl set-ntp true'

/**
 * The clock, held against the newest stored event and against the feed's server.
 *
 * @param lastEvent receive time of the newest stored event, microseconds; null without one
 * @param serverDate how far the feed's server is ahead in ms; null when it did not say
 */
export function checkClock(now: number, lastEvent: number | null, serverAheadMs: number | null): Finding {
  if (now < CLOCK.earliest) return fault('clock', `${new Date(now).toISOString()} is long ago`, SET_CLOCK)
  const behind = lastEvent === null ? 0 : lastEvent / 1_000 - now
  if (behind > CLOCK.skewMs)
    return fault('clock', `${seconds(behind)} behind the newest stored event: it was set back, or ahead before`, SET_CLOCK)
  if (serverAheadMs !== null && Math.abs(serverAheadMs) > CLOCK.skewMs)
    return warning(
      'clock',
      `${seconds(Math.abs(serverAheadMs))} ${serverAheadMs > 0 ? 'behind' : 'ahead of'} the feed's server`,
      SET_CLOCK,
    )
  return ok('clock', `${new Date(now).toISOString()}${serverAheadMs === null ? '' : ', as the feed has it'}`)
}

/** The directory itself, or the nearest one above it that exists. */
export function nearestDirectory(path: string): string {
  for (let at = path; ; at = dirname(at)) if (at === dirname(at) || (existsSync(at) && statSync(at).isDirectory())) return at
}

function seconds(ms: number): string {
  return ms < 120_000 ? `${(ms / 1_000).toFixed(1)} s` : `${Math.round(ms / 60_000)} min`
}

function message(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
