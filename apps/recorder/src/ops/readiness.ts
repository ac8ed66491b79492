import type { Micros } from '@vectra/schemas'

/** What readiness depends on. */
export interface ReadinessFacts {
  readonly state: 'opening' | 'recording' | 'stopping' | 'stopped'
  readonly now: Micros
  /** Receive time of the last durable frame, any source; null before the first. */
  readonly lastFrameAt: Micros | null
  /** The store refuses events, or cannot make part files, right now. */
  readonly writing: 'ok' | 'append_failing' | 'parts_failing'
  /** A frame older than this is no sign of life. */
  readonly withinMs: number
}

/** Whether somebody may rely on this recorder now, and why not. */
export interface Readiness {
  readonly ready: boolean
  readonly reasons: readonly string[]
}

/**
 * Ready: recording, a source delivered a frame in the last seconds and it is durable, and the last flush worked.
 *
 * A clock that was set back makes the last frame younger than now; that counts as just now.
 */
export function readiness({ state, now, lastFrameAt, writing, withinMs }: ReadinessFacts): Readiness {
  const reasons: string[] = []
  if (state !== 'recording') reasons.push(state)
  if (lastFrameAt === null) reasons.push('no frame yet')
  else if (now - lastFrameAt > withinMs * 1_000) reasons.push(`no frame for ${Math.round((now - lastFrameAt) / 1e6)} s`)
  if (writing === 'append_failing') reasons.push('the store cannot write')
  if (writing === 'parts_failing') reasons.push('part files cannot be made')
  return { ready: reasons.length === 0, reasons }
}
