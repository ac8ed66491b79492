import { systemEnv } from './env.ts'
import { ownedSessions, ownerOf } from './owner-lock.ts'
import { storePaths } from './paths.ts'

/** A session that a live process writes. */
export interface LiveSession {
  readonly sessionId: string
  /** Process that holds it, as that process sees its own number; null when its note cannot be read. */
  readonly pid: number | null
}

/** Sessions whose lock a live process holds right now, in order of their ids. Takes nothing, changes nothing on the disk. */
export function liveSessions(dir: string): readonly LiveSession[] {
  const paths = storePaths(dir)
  const { fs } = systemEnv()
  return ownedSessions(fs, paths).map((sessionId) => ({ sessionId, pid: ownerOf(fs, paths, sessionId) }))
}
