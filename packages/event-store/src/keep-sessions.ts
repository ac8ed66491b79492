import type { Clock } from '@vectra/schemas'
import type { SqliteCatalogWriter } from './catalog-writer.ts'
import type { DurableDirectories } from './durable.ts'
import type { FsPort } from './fs-port.ts'
import { isOwned, tryOwnerLock } from './owner-lock.ts'
import type { StorePaths } from './paths.ts'
import { isKept, readSessionFile, sessionsOnDisk, writeSessionFile } from './session-file.ts'

/** What {@link keepSessions} needs of the world. */
export interface KeepSessionsDeps {
  readonly fs: FsPort
  readonly clock: Clock
  readonly paths: StorePaths
  readonly directories: DurableDirectories
  readonly catalog: SqliteCatalogWriter
}

/**
 * Makes catalog and session files agree, of sessions that nobody writes.
 *
 * The catalog is right, unless it was just made anew (`rebuilt`): then the files are. Doing it again changes nothing.
 */
export function keepSessions({ fs, clock, paths, directories, catalog }: KeepSessionsDeps, rebuilt: boolean): void {
  if (rebuilt) {
    for (const sessionId of sessionsOnDisk(fs, paths)) {
      try {
        const file = readSessionFile(fs, paths, sessionId)
        if (file === undefined) continue
        // Its writer says itself how it ends.
        if (isOwned(fs, paths, sessionId)) catalog.registerSession(file, file.openedAt ?? clock.now())
        else catalog.restoreSession(file, clock.now())
      } catch {
        // Damaged: verify names it, and the catalog's own row replaces it below.
      }
    }
  }
  for (const session of catalog.sessionFiles()) {
    try {
      if (isKept(fs, paths, session)) continue
      const lock = tryOwnerLock(fs, paths, session.sessionId)
      if (lock === undefined) continue
      try {
        // Asked again: the list may be older than the session's end, and nobody ends it now.
        for (const now of catalog.sessionFiles(session.sessionId)) writeSessionFile(fs, paths, directories, now)
      } finally {
        lock.release()
      }
    } catch {
      // A full or read-only disk: the next recovery writes it.
    }
  }
}
