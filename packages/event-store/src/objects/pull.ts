import { createHash } from 'node:crypto'
import path from 'node:path'
import type { DocType } from '@vectra/schemas'
import { openCatalog } from '../catalog.ts'
import { DurableDirectories } from '../durable.ts'
import { type Env, systemEnv } from '../env.ts'
import { diskError, EventStoreError, systemCode } from '../errors.ts'
import { liveLeases } from '../leases.ts'
import { receiptFile, type StorePaths, storePaths } from '../paths.ts'
import { rebuildCatalog } from '../rebuild.ts'
import { writeSessionFile } from '../session-file.ts'
import { type Manifest, newestManifest, receiptKey } from './manifest.ts'
import { corruptObject, type ObjectCall, type ObjectStore } from './object-store.ts'
import { inParallel } from './parallel.ts'

/** How to fetch a mirrored store. */
export interface PullOptions extends ObjectCall {
  readonly objects: ObjectStore
  /** Data directory to fill: empty, or filled from this mirror before. Nothing may record into it. */
  readonly dir: string
  /** Only these; default all. */
  readonly docTypes?: readonly DocType[]
  /** UTC days, `YYYY-MM-DD`, both inclusive. */
  readonly since?: string
  readonly until?: string
  /** Downloads at a time, default 4. */
  readonly concurrency?: number
  readonly onObject?: (key: string, bytes: number) => void
  readonly env?: Env
}

/** What a pull did. */
export interface PullReport {
  readonly manifest: number
  readonly files: number
  readonly rows: number
  readonly downloaded: number
  readonly downloadedBytes: number
}

interface Wanted {
  readonly key: string
  readonly target: string
  readonly bytes: number
  readonly sha256: string
}

function chosen(manifest: Manifest, { docTypes, since = '', until = '9999-12-31' }: PullOptions) {
  const fits = ({ docType, date }: { readonly docType: DocType; readonly date: string }): boolean =>
    (docTypes === undefined || docTypes.includes(docType)) && date >= since && date <= until
  return { files: manifest.files.filter(fits), receipts: manifest.receipts.filter(fits) }
}

/** A directory with anything of its own is not filled. @throws STORE_OBJECT_CONFLICT */
function assertOwn(env: Env, paths: StorePaths, known: ReadonlySet<string>): void {
  const [reader] = liveLeases(env, paths, { expire: true })
  if (reader !== undefined) {
    throw new EventStoreError('STORE_IN_USE', `process ${reader.pid} reads ${paths.root}; pull when it is done`, {
      context: { path: paths.root, pid: reader.pid },
    })
  }
  const refuse = (what: string): never => {
    throw new EventStoreError('STORE_OBJECT_CONFLICT', `${paths.root} ${what}; pull into a directory of its own`, {
      context: { path: paths.root },
    })
  }
  if (env.fs.stat(paths.journal) !== undefined && env.fs.readdir(paths.journal).some((entry) => entry.isDirectory))
    refuse('is recorded into')
  if (env.fs.stat(paths.catalog) === undefined) return
  using catalog = openCatalog(paths.root)
  const foreign = catalog.files().find((file) => !known.has(file.path))
  if (foreign !== undefined) refuse(`holds ${foreign.path}, which is not in the mirror`)
}

/** Whether a file is there with exactly this content. */
function isThere({ fs }: Env, { target, bytes, sha256 }: Wanted): boolean {
  if (fs.stat(target)?.size !== bytes) return false
  const hash = createHash('sha256')
  for (const piece of fs.pieces(target)) hash.update(piece)
  return hash.digest('hex') === sha256
}

/** Fetches one object: compared with its checksum, made durable, and only then visible under its name. */
async function fetchObject(env: Env, objects: ObjectStore, wanted: Wanted, call: ObjectCall): Promise<void> {
  const { fs } = env
  // Another pull may be at the same file: a name of its own, which no glob matches and recovery removes.
  const temporary = `${wanted.target}.tmp-${Buffer.from(env.random.bytes(8)).toString('hex')}`
  try {
    const hash = createHash('sha256')
    const fd = fs.open(temporary, 'create')
    try {
      for await (const piece of objects.read(wanted.key, call)) {
        hash.update(piece)
        fs.write(fd, [piece])
      }
      fs.fdatasync(fd)
    } finally {
      fs.close(fd)
    }
    const found = hash.digest('hex')
    if (found !== wanted.sha256) throw corruptObject(`${objects.name}/${wanted.key}`, wanted.sha256, found)
    fs.rename(temporary, wanted.target)
    fs.fsyncDir(path.dirname(wanted.target))
  } catch (error) {
    if (fs.stat(temporary) !== undefined) fs.unlink(temporary)
    throw systemCode(error) === undefined ? error : diskError(error, 'write', wanted.target)
  }
}

/** Parts of earlier pulls that the mirror replaced since: the receipts that came along account for them. */
function dropReplaced(env: Env, paths: StorePaths, manifest: Manifest): void {
  if (env.fs.stat(paths.catalog) === undefined) return
  const current = new Set(manifest.files.map((file) => file.path))
  const gone: string[] = []
  {
    using catalog = openCatalog(paths.root)
    for (const file of catalog.files()) if (!current.has(file.path)) gone.push(file.absolutePath)
  }
  for (const file of gone) if (env.fs.stat(file) !== undefined) env.fs.unlink(file)
}

/**
 * Fills a data directory from a mirror, in full or in part: what is there already is kept, every file is compared with its checksum, and
 * the catalog is made of what came. The directory is a data directory like any other: query it, verify it, pull again to bring it up to date.
 *
 * @throws STORE_OBJECT_MISSING (nothing was pushed there), STORE_OBJECT_CONFLICT, STORE_OBJECT_CORRUPT, STORE_OBJECT_IO, STORE_IN_USE
 */
export async function pullStore(options: PullOptions): Promise<PullReport> {
  const { objects, env = systemEnv(), concurrency = 4, onObject, signal } = options
  const call = { signal }
  const paths = storePaths(options.dir)
  const manifest = await newestManifest(objects, call)
  if (manifest === undefined) {
    throw new EventStoreError('STORE_OBJECT_MISSING', `nothing was pushed to ${objects.name} yet`, {
      context: { store: objects.name },
    })
  }
  const earlier = new Set<string>()
  for await (const { key } of objects.list('events_parquet/', call)) earlier.add(key)
  assertOwn(env, paths, earlier)
  const { files, receipts } = chosen(manifest, options)
  const wanted: Wanted[] = [
    ...receipts.map(({ id, bytes, sha256 }) => ({
      key: receiptKey(id),
      target: path.join(paths.receipts, receiptFile(id)),
      bytes,
      sha256,
    })),
    ...files.map(({ path: key, bytes, sha256 }) => ({ key, target: path.join(paths.root, ...key.split('/')), bytes, sha256 })),
  ]
  const directories = new DurableDirectories(env.fs, path.dirname(paths.root))
  for (const { target } of wanted) directories.ensure(path.dirname(target))
  directories.ensure(paths.root)
  let [downloaded, downloadedBytes] = [0, 0]
  await inParallel(wanted, concurrency, async (one) => {
    signal?.throwIfAborted()
    if (isThere(env, one)) return
    await fetchObject(env, objects, one, call)
    downloaded++
    downloadedBytes += one.bytes
    onObject?.(one.key, one.bytes)
  })
  if (downloaded > 0 || env.fs.stat(paths.catalog) === undefined) {
    dropReplaced(env, paths, manifest)
    // The catalog takes from here how sessions ended.
    for (const session of manifest.sessions) writeSessionFile(env.fs, paths, directories, session)
    await rebuildCatalog({ dir: options.dir, env })
  }
  return {
    manifest: manifest.number,
    files: files.length,
    rows: files.reduce((sum, file) => sum + file.rows, 0),
    downloaded,
    downloadedBytes,
  }
}
