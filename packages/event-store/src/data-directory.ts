import path from 'node:path'
import { SqliteCatalogWriter } from './catalog-writer.ts'
import { DurableDirectories, removeFile } from './durable.ts'
import type { Env } from './env.ts'
import { diskError, EventStoreError, systemCode } from './errors.ts'
import type { FsPort } from './fs-port.ts'
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

/** How often one looks again because a damaged catalog changed while it was looked at. */
const ATTEMPTS = 4

/**
 * Opens the catalog for writing, or makes one: empty, and marked as to be filled where something is stored already. A damaged catalog
 * goes to quarantine: it can be rebuilt from the parts.
 *
 * @throws STORE_CATALOG when a newer program wrote it; STORE_BUSY when another process holds it for ten seconds
 */
export function openCatalogWriter(env: Env, paths: StorePaths): SqliteCatalogWriter {
  for (let attempt = 1; ; attempt++) {
    const catalog = tryCatalogWriter(env, paths, attempt >= ATTEMPTS)
    if (catalog !== undefined) return catalog
  }
}

function readIfThere(fs: FsPort, file: string): Uint8Array | undefined {
  try {
    return fs.read(file)
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return undefined
    throw error
  }
}

/** `undefined` when somebody else replaced a damaged catalog meanwhile: his must not go. */
function tryCatalogWriter(env: Env, paths: StorePaths, isLast: boolean): SqliteCatalogWriter | undefined {
  const { fs } = env
  const found = fs.stat(paths.catalog)
  const fresh = found === undefined
  const isReplaced = (): boolean => {
    const now = fs.stat(paths.catalog)
    return !isLast && (now?.inode !== found?.inode || now?.version !== found?.version)
  }
  const isStored = (): boolean => fs.readdir(paths.events).length > 0 || sessionsOnDisk(fs, paths).length > 0
  try {
    const catalog = new SqliteCatalogWriter(paths.catalog, env.clock.now(), isStored)
    if (fresh) fs.fsyncDir(paths.root)
    return catalog
  } catch (error) {
    if (error instanceof EventStoreError && error.context['version'] !== undefined) throw error
    if (fresh || fs.stat(paths.catalog)?.isDirectory === true || !isDamage(error)) throw diskFailure(error, paths.catalog)
    const content = isReplaced() ? undefined : readIfThere(fs, paths.catalog)
    if (content === undefined) return undefined
    const directories = new DurableDirectories(fs, paths.root)
    quarantineCopy({ fs, paths, directories }, 'catalog.sqlite', content, {
      path: 'catalog.sqlite',
      reasons: [error instanceof Error && error.cause instanceof Error ? error.cause.message : String(error)],
    })
    if (isReplaced()) return undefined
    for (const file of [`${paths.catalog}-wal`, `${paths.catalog}-shm`, paths.catalog]) removeFile(fs, file)
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
  if (number === 5 || number === 6)
    return new EventStoreError('STORE_BUSY', `catalog ${file} is held by another process; try again`, { cause: error, context })
  if (number === 13)
    return new EventStoreError('STORE_DISK_FULL', `disk full: could not write ${file}`, { cause: error, context })
  return error instanceof EventStoreError
    ? error
    : new EventStoreError('STORE_CATALOG', `catalog ${file} cannot be used`, { cause: error, context })
}
