import { existsSync, readlinkSync } from 'node:fs'
import { liveSessions, openCatalog, storePaths } from '@vectra/event-store'
import { feedOfSession } from './feed.ts'

/** Another process that records a feed into the same data directory. */
export interface Rival {
  readonly session: string
  readonly pid: number
  readonly feed: string
  /** Where it serves its status; null when it does not. */
  readonly ops: string | null
  /** Its number means the same process to us: it lives in our process-number space. */
  readonly reachable: boolean
}

/** Processes that record one of these feeds now, apart from this one. */
export function rivalsOf(dir: string, feeds: readonly (string | undefined)[]): readonly Rival[] {
  const live = liveSessions(dir).filter(({ pid }) => pid !== null && pid !== process.pid)
  if (live.length === 0 || !existsSync(storePaths(dir).catalog)) return []
  using catalog = openCatalog(dir)
  const sessions = new Map(catalog.sessions().map((session) => [session.sessionId, session]))
  const here = processSpace()
  return live.flatMap(({ sessionId, pid }) => {
    const session = sessions.get(sessionId)
    const feed = session && feedOfSession(session)
    if (session === undefined || feed === undefined || pid === null || !feeds.includes(feed)) return []
    const { ops, pid_space: space } = session.meta as { ops?: unknown; pid_space?: unknown }
    return [{ session: sessionId, pid, feed, ops: typeof ops === 'string' ? ops : null, reachable: space === here }]
  })
}

/** Where process numbers are unique: containers have a space of their own. Null where the system does not say. */
export function processSpace(): string | null {
  try {
    return readlinkSync('/proc/self/ns/pid')
  } catch {
    return null
  }
}
