import { openCatalog, type SessionMeta } from './catalog.ts'
import { sealPath } from './catalog-seal.ts'
import { SqliteCatalogWriter } from './catalog-writer.ts'
import { DurableDirectories } from './durable.ts'
import { systemEnv } from './env.ts'
import { EventStoreError } from './errors.ts'
import type { FsPort } from './fs-port.ts'
import { liveLeases } from './leases.ts'
import { maintenanceLock } from './maintenance-lock.ts'
import { type RecoverStoreOptions, recoverStore } from './materializer.ts'
import { ownedSessions } from './owner-lock.ts'
import { type StorePaths, storePaths } from './paths.ts'
import { quarantineCopy } from './quarantine.ts'
import type { RecoveryReport } from './recovery.ts'
import { readSessionFile } from './session-file.ts'

function hasFile(fs: FsPort, paths: StorePaths, sessionId: string): boolean {
  try {
    return readSessionFile(fs, paths, sessionId) !== undefined
  } catch {
    return false
  }
}

/** How sessions ended stands in no part: it is carried over when the old catalog can be read. */
function oldSessions(dir: string): readonly SessionMeta[] {
  try {
    using catalog = openCatalog(dir)
    return catalog.sessions()
  } catch {
    return []
  }
}

/**
 * Makes the catalog anew from parts and receipts. The old one is kept in quarantine.
 *
 * @throws STORE_IN_USE while somebody records or reads; STORE_BUSY while somebody compacts. Nothing was changed then
 */
export async function rebuildCatalog(options: RecoverStoreOptions): Promise<RecoveryReport> {
  const env = options.env ?? systemEnv()
  const paths = storePaths(options.dir)
  const { fs } = env
  const sessions = oldSessions(options.dir)
  {
    using _lock = await maintenanceLock(env, paths, 0)
    const live = ownedSessions(fs, paths)
    const leases = liveLeases(env, paths, { expire: true })
    if (live.length > 0 || leases.length > 0) {
      const who = live.length > 0 ? `session ${live.join(', ')} is being recorded` : `process ${leases[0]?.pid} reads`
      throw new EventStoreError('STORE_IN_USE', `the catalog was not rebuilt: ${who}; stop it first`, {
        context: { live, readers: leases.length },
      })
    }
    if (fs.stat(paths.catalog) !== undefined) {
      try {
        // Opening and closing it brings the write-ahead log into the file that is kept.
        new SqliteCatalogWriter(paths.catalog, env.clock.now()).close()
      } catch {
        // Damaged: kept as it is.
      }
      const directories = new DurableDirectories(fs, paths.root)
      quarantineCopy({ fs, paths, directories }, 'catalog.sqlite', fs.read(paths.catalog), {
        path: 'catalog.sqlite',
        reasons: ['a rebuild was asked for'],
      })
    }
    // Without it the rebuild goes on at the next open, should this process die here.
    for (const file of [sealPath(paths), `${paths.catalog}-wal`, `${paths.catalog}-shm`, paths.catalog])
      if (fs.stat(file) !== undefined) fs.unlink(file)
    fs.fsyncDir(paths.root)
  }
  const report = await recoverStore(options)
  // A session's file says it all; the old catalog speaks where there is none, or a damaged one.
  const left = sessions.filter(({ sessionId }) => !hasFile(fs, paths, sessionId))
  if (left.length > 0) {
    const catalog = new SqliteCatalogWriter(paths.catalog, env.clock.now())
    for (const session of left) catalog.restoreSession(session, session.openedAt ?? env.clock.now())
    catalog.close()
    // Once more: its end writes their files, and the seal.
    await recoverStore(options)
  }
  return report
}
