import path from 'node:path'
import { type Env, systemEnv } from './env.ts'
import { diskError } from './errors.ts'

/** How a disk syncs. */
export interface DiskProbe {
  /** Milliseconds of one write of a few frames with its fdatasync: what an acknowledgement waits for. */
  readonly p50Ms: number
  readonly p99Ms: number
  readonly syncs: number
}

/** About what arrives in one batch. */
const BATCH_BYTES = 4_096

/**
 * Measures how fast a directory's disk makes small writes durable, with a file that is gone afterwards.
 *
 * @param dir an existing directory; nothing else in it is touched
 * @throws EventStoreError `STORE_READ_ONLY`, `STORE_DISK_FULL`, `STORE_IO`
 */
export function probeDisk(dir: string, { syncs = 50, env = systemEnv() }: { syncs?: number; env?: Env } = {}): DiskProbe {
  const { fs, clock } = env
  const file = path.join(dir, `.vectra-probe-${Buffer.from(env.random.bytes(6)).toString('hex')}`)
  const batch = [new Uint8Array(BATCH_BYTES).fill(0x2e)]
  const times: number[] = []
  let created = false
  try {
    const fd = fs.open(file, 'create')
    created = true
    try {
      for (let index = 0; index < syncs; index += 1) {
        const begun = clock.monotonic()
        fs.write(fd, batch)
        fs.fdatasync(fd)
        times.push(clock.monotonic() - begun)
      }
    } finally {
      fs.close(fd)
    }
  } catch (error) {
    throw diskError(error, 'probe', file)
  } finally {
    if (created) fs.unlink(file)
  }
  times.sort((a, b) => a - b)
  const at = (share: number): number => times[Math.min(times.length - 1, Math.floor(times.length * share))] ?? 0
  return { p50Ms: at(0.5), p99Ms: at(0.99), syncs }
}
