import path from 'node:path'
import type { Env } from '../../env.ts'
import { systemCode } from '../../errors.ts'
import { identityOf } from '../../integrity/check-memory.ts'
import { isSessionId, parseSegmentFile, type StorePaths } from '../../paths.ts'
import { type SegmentScan, scanSegment } from '../../segment.ts'

/** One journal segment as it was found; it may have grown, or become parts, since. */
export interface FoundSegment {
  readonly sessionId: string
  readonly segment: number
  /** Relative to the data directory, with `/`. */
  readonly path: string
  readonly absolutePath: string
  /** Equal identities, equal content. */
  readonly identity: string
  readonly scan: SegmentScan
}

interface ListedSegment extends Omit<FoundSegment, 'scan'> {}

/** Entries of a directory; none when it is gone. */
function entries(env: Env, directory: string): ReturnType<Env['fs']['readdir']> {
  try {
    return env.fs.readdir(directory)
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return []
    throw error
  }
}

/**
 * Looks at the journals of all sessions, whoever writes them.
 *
 * Lines are whole or not there: an append that is under way ends in a line whose checksum does not hold, and is not seen. A row may be
 * seen in the moment between its write and its acknowledgement.
 */
export class JournalLook {
  readonly #env: Env
  readonly #paths: StorePaths
  #read = new Map<string, FoundSegment>()

  constructor(env: Env, paths: StorePaths) {
    this.#env = env
    this.#paths = paths
  }

  /** Changes whenever a journal does; reads no content. */
  stamp(): string {
    return this.#list()
      .map(({ path: at, identity }) => `${at} ${identity}`)
      .join('\n')
  }

  /** Every segment with its rows, by session and number. What has not changed since the last look is not read again. */
  segments(): readonly FoundSegment[] {
    const found = new Map<string, FoundSegment>()
    for (const listed of this.#list()) {
      const known = this.#read.get(listed.path)
      if (known?.identity === listed.identity) {
        found.set(listed.path, known)
        continue
      }
      try {
        // Its identity was taken before: what it grew by meanwhile makes the next look read it again.
        found.set(listed.path, { ...listed, scan: scanSegment(this.#env.fs.read(listed.absolutePath)) })
      } catch (error) {
        // Published and removed since it was listed: the catalog, which is asked next, has it.
        if (systemCode(error) !== 'ENOENT') throw error
      }
    }
    this.#read = found
    return [...found.values()]
  }

  #list(): ListedSegment[] {
    const listed: ListedSegment[] = []
    for (const session of entries(this.#env, this.#paths.journal)) {
      if (!session.isDirectory || !isSessionId(session.name)) continue
      const directory = path.join(this.#paths.journal, session.name)
      for (const entry of entries(this.#env, directory)) {
        const segment = parseSegmentFile(entry.name)
        if (segment === undefined) continue
        const absolutePath = path.join(directory, entry.name)
        const stat = this.#env.fs.stat(absolutePath)
        if (stat === undefined) continue
        listed.push({
          sessionId: session.name,
          segment,
          path: `journal/${session.name}/${entry.name}`,
          absolutePath,
          identity: identityOf(stat),
        })
      }
    }
    return listed.sort((a, b) => (a.sessionId === b.sessionId ? a.segment - b.segment : a.sessionId < b.sessionId ? -1 : 1))
  }
}
