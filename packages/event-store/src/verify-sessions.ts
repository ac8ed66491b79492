import type { Env } from './env.ts'
import type { StorePaths } from './paths.ts'
import { isSameSession, readSessionFile, type SessionFile, sessionsOnDisk } from './session-file.ts'
import { message, type Verification } from './verification.ts'

/** Every session's file against its own checksum and the catalog; those of live sessions may be ahead of either. */
export function checkSessions(
  env: Env,
  paths: StorePaths,
  verification: Verification,
  listed: readonly SessionFile[] | undefined,
): void {
  const known = new Map(listed?.map((session) => [session.sessionId, session]))
  const live = new Set(verification.live)
  for (const sessionId of sessionsOnDisk(env.fs, paths)) {
    const file = `sessions/${sessionId}.json`
    try {
      const session = readSessionFile(env.fs, paths, sessionId)
      const entry = known.get(sessionId)
      // A session that ended while we look is in the list as it was.
      if (session === undefined || listed === undefined || live.has(sessionId)) continue
      if (entry === undefined) verification.add('session_damaged', file, sessionId, 'the catalog has no such session')
      else if (!isSameSession(session, entry) && entry.endedAt !== null)
        verification.add(
          'session_damaged',
          file,
          sessionId,
          'it says something else than the catalog; a recovery writes it again',
        )
    } catch (error) {
      verification.add('session_damaged', file, sessionId, message(error))
    }
  }
}
