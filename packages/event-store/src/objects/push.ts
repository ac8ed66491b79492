import path from 'node:path'
import { type CatalogReader, type FileMeta, openCatalog } from '../catalog.ts'
import { askCatalog } from '../catalog-access.ts'
import { type Receipt, readReceipt, receiptIdsOnDisk } from '../compaction/receipt.ts'
import { type Env, systemEnv } from '../env.ts'
import { EventStoreError } from '../errors.ts'
import { takeLease } from '../leases.ts'
import { receiptFile, type StorePaths, storePaths } from '../paths.ts'
import {
  type Manifest,
  type MirrorFile,
  type MirrorReceipt,
  manifestKey,
  manifestText,
  newestManifest,
  receiptKey,
} from './manifest.ts'
import { bodyOf, type ObjectBody, type ObjectCall, type ObjectStore, readObject, sha256Of } from './object-store.ts'
import { inParallel } from './parallel.ts'

/** How to mirror a store. */
export interface PushOptions extends ObjectCall {
  /** Data directory. It may be recorded into, compacted and read meanwhile. */
  readonly dir: string
  /** Where to; the caller closes it. */
  readonly objects: ObjectStore
  /** Uploads at a time, default 4. */
  readonly concurrency?: number
  /** Only say what would go up. */
  readonly dryRun?: boolean
  /** Told after each object. */
  readonly onObject?: (key: string, bytes: number, created: boolean) => void
  readonly env?: Env
}

/** What a push did. */
export interface PushReport {
  /** Number of the manifest that readers see now; 0 when there is none. */
  readonly manifest: number
  /** False when the mirror was up to date. */
  readonly changed: boolean
  readonly files: number
  readonly rows: number
  /** Objects that went up, and their bytes; with `dryRun` those that would. */
  readonly uploaded: number
  readonly uploadedBytes: number
}

const MARKER = 'vectra-mirror.json'
/** How often another push may get ahead. */
const TRIES = 5

const asMirrorFile = (file: FileMeta): MirrorFile => {
  const { path: key, docType, date, rows, bytes, sha256, sessionId, seqFirst, seqLast, tsMin, tsMax } = file
  return { path: key, docType, date, rows, bytes, sha256, sessionId, seqFirst, seqLast, tsMin, tsMax }
}

/** An object store that takes a second put of one key would let two pushes overwrite each other: tried out before anything is pushed. */
async function assertConditional(objects: ObjectStore, call: ObjectCall): Promise<void> {
  const marker = bodyOf(Buffer.from(`${JSON.stringify({ mirror: 'vectra', layout: 1 })}\n`))
  await objects.putIfAbsent(MARKER, marker, call)
  if ((await objects.putIfAbsent(MARKER, marker, call)) === 'exists') return
  throw new EventStoreError(
    'STORE_OBJECT_UNSUPPORTED',
    `${objects.name} ignores conditional writes, so two pushes could overwrite each other`,
    {
      context: { store: objects.name },
    },
  )
}

/** Puts an object, or makes sure that the one which is there is the same. @returns whether it went up */
async function putSame(objects: ObjectStore, key: string, body: ObjectBody, call: ObjectCall): Promise<boolean> {
  if ((await objects.putIfAbsent(key, body, call)) === 'created') return true
  const there = await objects.stat(key, call)
  const sha256 = there?.sha256 ?? sha256Of(await readObject(objects, key, call))
  if (there?.size === body.size && sha256 === body.sha256) return false
  throw new EventStoreError('STORE_OBJECT_CONFLICT', `${objects.name} has another ${key} already; push to another prefix`, {
    context: { store: objects.name, key, expected: body.sha256, found: sha256 },
  })
}

interface LocalState {
  readonly files: readonly FileMeta[]
  readonly receipts: readonly { readonly entry: MirrorReceipt; readonly receipt: Receipt; readonly bytes: Uint8Array }[]
  readonly sessions: Manifest['sessions']
}

/** What one generation of the catalog says; a catalog of the first format knows no receipts. */
function committedState(
  catalog: CatalogReader,
  paths: StorePaths,
): Pick<ReturnType<CatalogReader['snapshot']>, 'files' | 'sessions'> & { readonly committed: ReadonlySet<string> | undefined } {
  for (;;) {
    const generation = catalog.generation()
    const rows = askCatalog(paths, (db) => db.prepare('SELECT receipt_id FROM receipts').all())
    const snapshot = catalog.snapshot()
    if (snapshot.generation === generation)
      return { ...snapshot, committed: rows === undefined ? undefined : new Set(rows.map((row) => String(row['receipt_id']))) }
  }
}

function localState(env: Env, paths: StorePaths): LocalState & Disposable {
  const catalog = openCatalog(paths.root)
  try {
    // The lease first: what it lists stays on the disk until the push is done.
    const lease = takeLease(env, paths, catalog.generation())
    try {
      const { files, sessions, committed } = committedState(catalog, paths)
      // A receipt is written before its commit: a crash in between undoes it here, and nothing would there.
      const ids = receiptIdsOnDisk(env.fs, paths).filter((id) => committed === undefined || committed.has(id))
      const receipts = ids.map((id) => {
        const { receipt, fileSha256 } = readReceipt(env.fs, paths, id)
        const bytes = env.fs.read(path.join(paths.receipts, receiptFile(id)))
        const entry = { id, docType: receipt.docType, date: receipt.date, sha256: fileSha256, bytes: bytes.byteLength }
        return { entry, receipt, bytes }
      })
      return {
        files,
        receipts,
        sessions: sessions.map(({ sessionId, source, origin, meta, openedAt, endedAt, summary }) => ({
          sessionId,
          source,
          origin,
          meta,
          openedAt,
          endedAt,
          summary,
        })),
        [Symbol.dispose]: () => lease[Symbol.dispose](),
      }
    } catch (error) {
      lease[Symbol.dispose]()
      throw error
    }
  } finally {
    catalog.close()
  }
}

/** P6: a manifest may lose a file only when a receipt here says what became of it. @throws STORE_OBJECT_CONFLICT */
function assertOurs(newest: Manifest, local: LocalState, store: string): void {
  const known = new Map(local.files.map(({ path: file, sha256 }) => [file, sha256]))
  for (const { receipt } of local.receipts) for (const input of receipt.inputs) known.set(input.path, input.sha256)
  const foreign = newest.files.filter((file) => known.get(file.path) !== file.sha256)
  const [first] = foreign
  if (first === undefined) return
  throw new EventStoreError(
    'STORE_OBJECT_CONFLICT',
    `${store} mirrors another store: ${first.path} and ${foreign.length - 1} more are not ours; push to another prefix`,
    { context: { store, path: first.path, files: foreign.length } },
  )
}

function nextManifest(newest: Manifest | undefined, local: LocalState, env: Env): Manifest | undefined {
  const next = {
    format: 1,
    number: (newest?.number ?? 0) + 1,
    at: env.clock.now(),
    files: local.files.map(asMirrorFile),
    receipts: local.receipts.map(({ entry }) => entry),
    sessions: local.sessions,
  }
  const content = ({ files, receipts, sessions }: Manifest): string => JSON.stringify([files, receipts, sessions])
  return newest !== undefined && content(newest) === content(next) ? undefined : next
}

/**
 * Mirrors the part files of a store: what is there already stays, what is missing goes up, and a new manifest says what belongs together.
 *
 * Interrupted, it is run again. Two at the same time never overwrite each other. Nothing is ever deleted: merged parts keep their inputs
 * beside them until somebody removes what the newest manifest does not list. Journals stay here: flush or end the session first.
 *
 * @throws STORE_OBJECT_CONFLICT, STORE_OBJECT_CORRUPT (a part here is damaged: `store verify`), STORE_OBJECT_UNSUPPORTED, STORE_OBJECT_IO
 */
export async function pushStore(options: PushOptions): Promise<PushReport> {
  const { objects, env = systemEnv(), concurrency = 4, dryRun = false, onObject, signal } = options
  const call = { signal }
  const paths = storePaths(options.dir)
  using local = localState(env, paths)
  const rows = local.files.reduce((sum, file) => sum + file.rows, 0)
  let [uploaded, uploadedBytes] = [0, 0]
  const summary = { files: local.files.length, rows }
  if (!dryRun) await assertConditional(objects, call)
  for (let attempt = 1; ; attempt++) {
    const newest = await newestManifest(objects, call)
    if (newest !== undefined) assertOurs(newest, local, objects.name)
    const next = nextManifest(newest, local, env)
    if (next === undefined) return { ...summary, manifest: newest?.number ?? 0, changed: false, uploaded, uploadedBytes }
    const there = new Set(
      [...(newest?.files ?? []), ...(newest?.receipts ?? [])].map((entry) => ('path' in entry ? entry.path : entry.id)),
    )
    const jobs: { readonly key: string; readonly body: ObjectBody }[] = [
      ...local.files
        .filter((file) => !there.has(file.path))
        .map((file) => ({
          key: file.path,
          body: { size: file.bytes, sha256: file.sha256, pieces: () => env.fs.pieces(file.absolutePath) },
        })),
      ...local.receipts
        .filter(({ entry }) => !there.has(entry.id))
        .map(({ entry, bytes }) => ({ key: receiptKey(entry.id), body: bodyOf(bytes) })),
    ]
    if (dryRun) {
      const bytes = jobs.reduce((sum, { body }) => sum + body.size, 0)
      return { ...summary, manifest: newest?.number ?? 0, changed: true, uploaded: jobs.length, uploadedBytes: bytes }
    }
    await inParallel(jobs, concurrency, async ({ key, body }) => {
      signal?.throwIfAborted()
      const created = await putSame(objects, key, body, call)
      if (created) {
        uploaded++
        uploadedBytes += body.size
      }
      onObject?.(key, body.size, created)
    })
    const text = bodyOf(Buffer.from(manifestText(next)))
    const result = await objects.putIfAbsent(manifestKey(next.number), text, call)
    if (result === 'created') return { ...summary, manifest: next.number, changed: true, uploaded, uploadedBytes }
    // Another push got this number: look at what it says, and go on from there.
    if (attempt === TRIES) {
      throw new EventStoreError('STORE_OBJECT_CONFLICT', `others push to ${objects.name} all the time; try again later`, {
        context: { store: objects.name },
      })
    }
  }
}
