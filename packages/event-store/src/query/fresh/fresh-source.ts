import type { Env } from '../../env.ts'
import type { StorePaths } from '../../paths.ts'
import type { CatalogSource, FileSource } from '../file-source.ts'
import { hotParts } from './hot-parts.ts'
import { JournalLook } from './journal-look.ts'

/**
 * Parts, and the rows that are only in journals, each row once.
 *
 * The order of looking makes it exact: first the journals, then the catalog in one transaction. A segment leaves its journal only after
 * its parts were committed, so whatever the first look missed, the second one has; what both have is published, and counts once.
 */
export function freshSource(stored: CatalogSource, env: Env, paths: StorePaths): FileSource {
  const journal = new JournalLook(env, paths)
  let seen = ''
  let count = 0
  const generation = (): number => {
    const now = `${journal.stamp()}\n${stored.generation()}`
    if (now !== seen) {
      seen = now
      count++
    }
    return count
  }
  return {
    generation,
    snapshot: () => {
      // Asked before looking: a change in between makes the next call answer another number.
      const number = generation()
      const found = journal.segments()
      const snapshot = stored.snapshot(found)
      const { files, reasons } = hotParts(found, snapshot.places)
      return {
        generation: number,
        stored: snapshot.generation,
        files: [...snapshot.files, ...files],
        reasons,
        [Symbol.dispose]: () => snapshot[Symbol.dispose](),
      }
    },
    close: () => undefined,
  }
}
