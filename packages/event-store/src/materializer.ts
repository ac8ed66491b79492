import { listFiles } from './catalog.ts'
import { keepSeal } from './catalog-seal.ts'
import type { SqliteCatalogWriter } from './catalog-writer.ts'
import { adoptMerged } from './compaction/adopt.ts'
import { recoverMerges, replacedPaths } from './compaction/recover.ts'
import { openCatalogWriter, prepareDirectory } from './data-directory.ts'
import { DurableDirectories } from './durable.ts'
import { namedEncoder } from './encoders/named.ts'
import { type Env, systemEnv } from './env.ts'
import { setAsideParts } from './integrity/set-aside.ts'
import { keepSessions } from './keep-sessions.ts'
import { tryMaintenanceLock, wasMaintained } from './maintenance-lock.ts'
import { type MaterializeDeps, type MaterializeResult, materialize, type SegmentTask } from './materialize.ts'
import { deadOwnerLock } from './owner-lock.ts'
import type { EncoderName, PartEncoder } from './part-encoder.ts'
import { storePaths } from './paths.ts'
import { type RecoveryReport, recover } from './recovery.ts'

/** Turns segments into parts, one after the other, wherever it runs. */
export interface Materializer {
  recover(): Promise<RecoveryReport>
  /** Rejects when it could not be done now; the segment then stays in the journal. */
  materialize(task: SegmentTask): Promise<MaterializeResult>
  close(): Promise<void>
}

/** A call to a materializer on another thread. */
export type MaterializeCall =
  | { readonly kind: 'recover' }
  | { readonly kind: 'materialize'; readonly task: SegmentTask }
  | { readonly kind: 'close' }

/** Works in the thread that calls it. */
export class LocalMaterializer implements Materializer {
  readonly #env: Env
  readonly #deps: MaterializeDeps
  readonly #catalog: SqliteCatalogWriter

  constructor(env: Env, deps: MaterializeDeps, catalog: SqliteCatalogWriter) {
    this.#env = env
    this.#deps = deps
    this.#catalog = catalog
  }

  async recover(): Promise<RecoveryReport> {
    const { fs, paths } = this.#deps
    const rebuilt = this.#catalog.isFilling()
    const locks = { take: (sessionId: string) => deadOwnerLock(fs, paths, sessionId) }
    const merged = wasMaintained(this.#env, paths) || fs.stat(paths.receipts) !== undefined
    // A live compactor looks after its own files.
    using compaction = merged ? tryMaintenanceLock(paths) : undefined
    const report = await recover(this.#deps, locks, { catalogRebuilt: rebuilt })
    const merges =
      compaction === undefined ? undefined : recoverMerges({ env: this.#env, paths, catalog: this.#catalog }, { adopt: rebuilt })
    const found =
      merges === undefined ? undefined : await adoptMerged({ env: this.#env, paths, catalog: this.#catalog }, merges.unknown)
    keepSessions({ ...this.#deps, catalog: this.#catalog }, rebuilt)
    // What was merged can be listed by whoever holds the lock; until then the catalog says too little.
    if (rebuilt && (!merged || merges !== undefined)) this.#catalog.filled()
    this.#seal()
    if (merges === undefined) return report
    const replaced = report.missingFiles.length > 0 ? replacedPaths({ env: this.#env, paths }) : new Set<string>()
    return {
      ...report,
      missingFiles: report.missingFiles.filter((file) => !replaced.has(file)),
      adoptedFiles: report.adoptedFiles + merges.adopted + (found?.adopted ?? 0),
      removedTemporary: report.removedTemporary + merges.undone,
      failures: [
        ...report.failures,
        ...[...merges.failures, ...(found?.failures ?? [])].map((failure) => ({
          sessionId: '',
          segment: 0,
          message: `${failure.path}: ${failure.message}`,
        })),
      ],
    }
  }

  materialize(task: SegmentTask): Promise<MaterializeResult> {
    return materialize(this.#deps, task)
  }

  async close(): Promise<void> {
    await this.#deps.encoder.close()
    this.#seal()
    this.#catalog.close()
  }

  /** After a recovery and at the end: so that a crash leaves the catalog sealed as the last recovery found it. */
  #seal(): void {
    const { fs, paths } = this.#deps
    try {
      this.#catalog.sealed((seal) => keepSeal(fs, paths, seal))
    } catch {
      // A full or read-only disk: without a seal the catalog is checked row by row only.
    }
  }
}

/** Opens a data directory for materializing. */
export async function openMaterializer(env: Env, dir: string, encoder: PartEncoder): Promise<LocalMaterializer> {
  const paths = prepareDirectory(env, dir)
  const catalog = openCatalogWriter(env, paths)
  const directories = new DurableDirectories(env.fs, paths.root)
  return new LocalMaterializer(env, { fs: env.fs, clock: env.clock, paths, directories, catalog, encoder }, catalog)
}

/** Options of {@link recoverStore}. */
export interface RecoverStoreOptions {
  readonly dir: string
  readonly env?: Env
  /** Default `duckdb`. */
  readonly encoder?: EncoderName | PartEncoder
  /** Reads every part as well, and moves those that are not as they were written into `quarantine/`. Default: no part is read. */
  readonly setAside?: boolean
}

/**
 * Repairs a data directory without opening a store: what a crash left in the journal becomes parts, leftovers go.
 *
 * Sessions of live processes are left alone; a second run changes nothing.
 */
export async function recoverStore(options: RecoverStoreOptions): Promise<RecoveryReport> {
  const env = options.env ?? systemEnv()
  const encoder = options.encoder ?? 'duckdb'
  const materializer = await openMaterializer(
    env,
    options.dir,
    typeof encoder === 'string' ? await namedEncoder(encoder, env.fs) : encoder,
  )
  try {
    const report = await materializer.recover()
    if (options.setAside !== true) return report
    const paths = storePaths(options.dir)
    const directories = new DurableDirectories(env.fs, paths.root)
    const moved = await setAsideParts({ env, paths, directories }, listFiles(options.dir))
    return { ...report, quarantined: [...report.quarantined, ...moved] }
  } finally {
    await materializer.close()
  }
}
