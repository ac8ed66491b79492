import { askCatalog } from './catalog-access.ts'
import type { Env } from './env.ts'
import { isOwned } from './owner-lock.ts'
import type { StorePaths } from './paths.ts'
import { isSameSession, readSessionFile, type SessionFile, sessionFileOf, sessionsOnDisk } from './session-file.ts'
import { message, type Verification } from './verification.ts'

/** What is wrong between a session's file and the catalog; `undefined` when they agree. */
function disagreement(file: SessionFile, entry: SessionFile | undefined): string | undefined {
  if (entry === undefined) return 'the catalog has no such session'
  if (isSameSession(file, entry) || entry.endedAt === null) return undefined
  return 'it says something else than the catalog; a recovery writes it again'
}

/** A session as the catalog knows it at this moment. */
function sessionNow(paths: StorePaths, sessionId: string): SessionFile | undefined {
  const row = askCatalog(paths, (db) => db.prepare('SELECT * FROM sessions WHERE session_id = ?').get(sessionId))
  return row === undefined ? undefined : sessionFileOf(row)
}

/** Every session's file against its own checksum and the catalog; those of live sessions may be ahead of either. */
export function checkSessions(
  env: Env,
  paths: StorePaths,
  verification: Verification,
  listed: readonly SessionFile[] | undefined,
): void {
  const { fs } = env
  const known = new Map(listed?.map((session) => [session.sessionId, session]))
  const live = new Set(verification.live)
  for (const sessionId of sessionsOnDisk(fs, paths)) {
    const file = `sessions/${sessionId}.json`
    try {
      const session = readSessionFile(fs, paths, sessionId)
      if (session === undefined || listed === undefined || live.has(sessionId)) continue
      if (disagreement(session, known.get(sessionId)) === undefined) continue
      // The list is as old as this run: one that began, or ended again, since then is looked at as it is now.
      const again = isOwned(fs, paths, sessionId) ? undefined : readSessionFile(fs, paths, sessionId)
      const text = again === undefined ? undefined : disagreement(again, sessionNow(paths, sessionId))
      if (text !== undefined) verification.add('session_damaged', file, sessionId, text)
    } catch (error) {
      verification.add('session_damaged', file, sessionId, message(error))
    }
  }
}
