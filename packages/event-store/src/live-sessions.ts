import path from 'node:path'
import { systemEnv } from './env.ts'
import { isOwned, OWNER_FILE } from './owner-lock.ts'
import { isSessionId, storePaths } from './paths.ts'

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
  if (fs.stat(paths.journal) === undefined) return []
  return fs
    .readdir(paths.journal)
    .flatMap(({ name, isDirectory }) => (isDirectory && isSessionId(name) && isOwned(fs, paths, name) ? [name] : []))
    .sort()
    .map((sessionId) => ({ sessionId, pid: ownerOf(path.join(paths.journal, sessionId, OWNER_FILE)) }))

  function ownerOf(file: string): number | null {
    try {
      const owner: unknown = JSON.parse(Buffer.from(fs.read(file)).toString('utf8'))
      return typeof owner === 'object' && owner !== null && 'pid' in owner && typeof owner.pid === 'number' ? owner.pid : null
    } catch {
      return null
    }
  }
}
