import { createHash } from 'node:crypto'
import type { Env } from '../env.ts'
import type { FsPort } from '../fs-port.ts'

/** Size and checksum of a file's content. */
export interface FileDigest {
  readonly bytes: number
  /** Lower-case hex. */
  readonly sha256: string
}

/** Size and checksum of a file, read a piece at a time. */
export function fileDigest(fs: FsPort, file: string): FileDigest {
  const hash = createHash('sha256')
  let bytes = 0
  for (const piece of fs.pieces(file)) {
    hash.update(piece)
    bytes += piece.byteLength
  }
  return { bytes, sha256: hash.digest('hex') }
}

/** Bytes hashed before the event loop gets a turn: about 5 ms. */
const TURN_BYTES = 8 * 1024 * 1024

/** Waits; 0 lets the event loop turn once. */
export function pause(env: Pick<Env, 'clock'>, delayMs: number): Promise<void> {
  return new Promise((resolve) => void env.clock.timer(delayMs, resolve, { keepAlive: true }))
}

/**
 * As {@link fileDigest}, letting the event loop turn in between.
 *
 * @param paced called after each piece with its size; whoever wants a slower pace waits there
 */
export async function fileDigestGently(
  env: Env,
  file: string,
  signal?: AbortSignal,
  paced?: (bytes: number) => Promise<void>,
): Promise<FileDigest> {
  const hash = createHash('sha256')
  let bytes = 0
  let turn = TURN_BYTES
  for (const piece of env.fs.pieces(file)) {
    signal?.throwIfAborted()
    hash.update(piece)
    bytes += piece.byteLength
    if (paced !== undefined) await paced(piece.byteLength)
    else if (bytes >= turn) {
      turn = bytes + TURN_BYTES
      await pause(env, 0)
    }
  }
  return { bytes, sha256: hash.digest('hex') }
}
