/** The real clock, randomness and hash: the only file here that touches the machine. Everything else takes them as arguments. */
import { createHash, randomBytes } from 'node:crypto'
import type { Clock, Random } from '@vectra/schemas'

/**
 * The machine's clock.
 *
 * `now()` has the microseconds of the high-resolution timer but never leaves the millisecond that the wall clock shows, so a
 * corrected or stepped system clock is followed at once.
 */
export function systemClock(): Clock {
  let anchorWall = Date.now() * 1000
  let anchorFine = performance.now()
  return {
    now() {
      const wall = Date.now() * 1000
      const fine = Math.floor(anchorWall + (performance.now() - anchorFine) * 1000)
      if (fine >= wall && fine < wall + 1000) return fine
      anchorWall = fine < wall ? wall : wall + 999
      anchorFine = performance.now()
      return anchorWall
    },
    monotonic: () => performance.now(),
    timer(delayMs, fire, options) {
      const timer = setTimeout(fire, delayMs)
      if (!options?.keepAlive) timer.unref()
      return () => clearTimeout(timer)
    },
  }
}

/** The machine's randomness, from the system's generator. */
export function systemRandom(): Random {
  return {
    float: () => randomBytes(6).readUIntBE(0, 6) / 2 ** 48,
    bytes: (count) => randomBytes(count),
  }
}

/**
 * Resolves after pending I/O had its turn. Promises alone never let it: a long loop over data at hand calls this now and
 * then, so that sockets, signals and timers are served.
 */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}

/** A SHA-256 that is fed piece by piece. */
export interface Sha256 {
  update(piece: string | Uint8Array): void
  /** The 32 bytes; call once. */
  digest(): Uint8Array
}

/** Starts a SHA-256. Text counts as UTF-8. */
export function sha256(): Sha256 {
  const hash = createHash('sha256')
  return {
    update(piece) {
      hash.update(piece)
    },
    digest: () => hash.digest(),
  }
}
