import path from 'node:path'
import { SqliteCatalogWriter } from './catalog-writer.ts'
import { DurableDirectories } from './durable.ts'
import type { Env } from './env.ts'
import { diskError, EventStoreError } from './errors.ts'
import { type StorePaths, storePaths } from './paths.ts'
import { quarantineCopy } from './quarantine.ts'
import { sessionsOnDisk } from './session-file.ts'

/** Creates a data directory if need be. @throws STORE_READ_ONLY, STORE_DISK_FULL, STORE_IO */
export function prepareDirectory(env: Env, dir: string): StorePaths {
  const paths = storePaths(dir)
  const { fs } = env
  try {
    for (const created of fs.mkdir(paths.root)) fs.fsyncDir(path.dirname(created))
    const directories = new DurableDirectories(fs, paths.root)
    directories.ensure(paths.events)
    directories.ensure(paths.journal)
    return paths
  } catch (error) {
    throw diskError(error, 'prepare', paths.root)
  }
}

/**
 * Opens the catalog for writing, or makes one: empty, and marked as to be filled where something is stored already. A damaged catalog
 * goes to quarantine: it can be rebuilt from the parts.
 *
 * @throws STORE_CATALOG when a newer program wrote it
 */
export function openCatalogWriter(env: Env, paths: StorePaths): SqliteCatalogWriter {
  const { fs } = env
  const fresh = fs.stat(paths.catalog) === undefined
  const isStored = (): boolean => fs.readdir(paths.events).length > 0 || sessionsOnDisk(fs, paths).length > 0
  try {
    const catalog = new SqliteCatalogWriter(paths.catalog, env.clock.now(), isStored)
    if (fresh) fs.fsyncDir(paths.root)
    return catalog
  } catch (error) {
    if (error instanceof EventStoreError && error.context['version'] !== undefined) throw error
    if (fresh || fs.stat(paths.catalog)?.isDirectory === true || !isDamage(error)) throw diskFailure(error, paths.catalog)
    const directories = new DurableDirectories(fs, paths.root)
    quarantineCopy({ fs, paths, directories }, 'catalog.sqlite', fs.read(paths.catalog), {
      path: 'catalog.sqlite',
      reasons: [error instanceof Error && error.cause instanceof Error ? error.cause.message : String(error)],
    })
    for (const file of [`${paths.catalog}-wal`, `${paths.catalog}-shm`, paths.catalog])
      if (fs.stat(file) !== undefined) fs.unlink(file)
    const catalog = new SqliteCatalogWriter(paths.catalog, env.clock.now(), isStored)
    fs.fsyncDir(paths.root)
    return catalog
  }
}

/** SQLite's own numbers: 11 corrupt, 26 not a database, 1 a table is missing or malformed. */
function isDamage(error: unknown): boolean {
  const cause = error instanceof Error ? error.cause : undefined
  const number = typeof cause === 'object' && cause !== null && 'errcode' in cause ? Number(cause.errcode) & 0xff : 0
  return number === 11 || number === 26 || number === 1
}

function diskFailure(error: unknown, file: string): EventStoreError {
  const cause = error instanceof Error ? error.cause : undefined
  const number = typeof cause === 'object' && cause !== null && 'errcode' in cause ? Number(cause.errcode) & 0xff : 0
  const context = { path: file, sqlite: number }
  if (number === 8 || number === 14 || number === 3) {
    return new EventStoreError('STORE_READ_ONLY', `no permission to write ${file}; check the data directory's owner and mount`, {
      cause: error,
      context,
    })
  }
  if (number === 13)
    return new EventStoreError('STORE_DISK_FULL', `disk full: could not write ${file}`, { cause: error, context })
  return error instanceof EventStoreError
    ? error
    : new EventStoreError('STORE_CATALOG', `catalog ${file} cannot be used`, { cause: error, context })
}
