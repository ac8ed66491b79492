import path from 'node:path'
import type { FileMeta } from '../catalog.ts'
import { listFiles } from '../catalog.ts'
import { keepSeal } from '../catalog-seal.ts'
import { openCatalogWriter, prepareDirectory } from '../data-directory.ts'
import { DurableDirectories } from '../durable.ts'
import { type Env, systemEnv } from '../env.ts'
import { EventStoreError } from '../errors.ts'
import { maintenanceLock } from '../maintenance-lock.ts'
import { type StorePaths, storePaths } from '../paths.ts'
import { duckdbMerger } from './duckdb-merger.ts'
import { mergeBounds } from './merge-plan.ts'
import type { PartMerger } from './merger.ts'
import { type PlannedMerge, type PlanOptions, planCompaction } from './plan.ts'
import { type MergeRecovery, recoverMerges } from './recover.ts'
import { type ReplaceDeps, replaceFiles } from './replace.ts'
import { sweepRetired } from './sweep.ts'

/** Options of {@link compactStore}. */
export interface CompactOptions extends Pick<PlanOptions, 'date' | 'fanIn' | 'tierBytes' | 'closeAfterMs'> {
  readonly dir: string
  readonly env?: Env
  /** Only say what would be done. */
  readonly dryRun?: boolean
  /** DuckDB's buffers, default `512MB`; larger sorts spill to the data directory. */
  readonly memoryLimit?: string
  /** What merges are planned to hold, at most `memoryLimit`, which is the default; rows wider than planned may need more. */
  readonly workingMemory?: string
  /** Default 1: a recorder on the same machine keeps the rest. */
  readonly threads?: number
  /** How long to wait for another compactor, in milliseconds. Default 0. */
  readonly waitMs?: number
  /** How long replaced files stay after the last reader that pinned them, in milliseconds. Default 0. */
  readonly graceMs?: number
  /** Pauses between two merges for this many times the first one's time; a stop ends the pause. Default 0: none. */
  readonly idleFactor?: number
  readonly signal?: AbortSignal
  readonly onMerge?: (merge: PlannedMerge<FileMeta>) => void
  readonly merger?: PartMerger
}

/** One merge, planned or done. */
export interface CompactedPartition {
  readonly docType: string
  readonly date: string
  readonly kind: 'day' | 'tier'
  readonly files: number
  readonly rows: number
  readonly bytes: number
  /** Null in a dry run. */
  readonly output: { readonly path: string; readonly bytes: number; readonly receiptId: string } | null
}

/** What a compaction did. */
export interface CompactReport {
  readonly dryRun: boolean
  readonly merges: readonly CompactedPartition[]
  readonly failures: readonly {
    readonly docType: string
    readonly date: string
    readonly code: string
    readonly message: string
  }[]
  /** Replaced files removed from the disk. */
  readonly removed: number
  /** Replaced files that a reader still holds; a later run, or a recovery, removes them. */
  readonly waiting: number
  readonly durationMs: number
}

function partition(merge: PlannedMerge, output: CompactedPartition['output']): CompactedPartition {
  const { docType, date, kind, inputs, rows, bytes } = merge
  return { docType, date, kind, files: inputs.length, rows, bytes, output }
}

/** Removes what merges of a dead compactor spilled. */
function clearSpill(env: Env, directory: string): void {
  const { fs } = env
  if (fs.stat(directory) === undefined) return
  for (const entry of fs.readdir(directory)) {
    if (entry.isDirectory) clearSpill(env, path.join(directory, entry.name))
    else fs.unlink(path.join(directory, entry.name))
  }
  fs.rmdir(directory)
}

/** Everything that replaces files works under this: one holder of a data directory, recovered before. */
export async function withMaintenance<T>(
  options: Pick<
    CompactOptions,
    'dir' | 'env' | 'memoryLimit' | 'workingMemory' | 'threads' | 'waitMs' | 'graceMs' | 'signal' | 'merger'
  >,
  work: (deps: ReplaceDeps, recovered: MergeRecovery) => Promise<T>,
): Promise<T> {
  const env = options.env ?? systemEnv()
  const paths: StorePaths = prepareDirectory(env, options.dir)
  using _lock = await maintenanceLock(env, paths, options.waitMs ?? 0, options.signal)
  const spill = path.join(paths.root, 'maintenance.tmp')
  clearSpill(env, spill)
  if (env.fs.stat(paths.catalog) === undefined && env.fs.readdir(paths.events).length > 0) {
    throw new EventStoreError('STORE_CATALOG', `the catalog of ${paths.root} was lost; run: vectra store recover`, {
      context: { path: paths.catalog },
    })
  }
  const catalog = openCatalogWriter(env, paths)
  const merger =
    options.merger ??
    duckdbMerger(
      {
        memoryLimit: options.memoryLimit ?? '512MB',
        threads: options.threads ?? 1,
        tempDir: spill,
        fs: env.fs,
        ...(options.workingMemory === undefined ? {} : { bounds: mergeBounds(options.workingMemory) }),
      },
      options.signal,
    )
  try {
    if (catalog.isFilling())
      throw new EventStoreError('STORE_CATALOG', `the catalog of ${paths.root} was lost or damaged; run: vectra store recover`, {
        context: { path: paths.catalog },
      })
    const deps: ReplaceDeps = { env, paths, directories: new DurableDirectories(env.fs, paths.root), catalog, merger }
    const result = await work(deps, recoverMerges(deps, { adopt: false, graceMs: options.graceMs ?? 0 }))
    catalog.sealed((seal) => keepSeal(env.fs, paths, seal))
    return result
  } finally {
    if (options.merger === undefined) await merger.close()
    catalog.close()
    clearSpill(env, spill)
  }
}

/** Why a merge failed, in one line: DuckDB's advice is about settings that nobody here can make. */
function failureText(error: unknown): string {
  const [text = ''] = (error instanceof Error ? error.message : String(error)).split('\n')
  return text.startsWith('Out of Memory Error') ? `${text}; give it more (memoryLimit, --memory)` : text
}

/** Lets the time pass, unless somebody says stop. @throws the signal's reason */
async function rest(env: Env, ms: number, signal: AbortSignal | undefined): Promise<void> {
  signal?.throwIfAborted()
  if (ms <= 0) return
  const { promise, resolve } = Promise.withResolvers<void>()
  const stop = (): void => resolve()
  signal?.addEventListener('abort', stop, { once: true })
  const cancel = env.clock.timer(ms, stop, { keepAlive: true })
  await promise
  cancel()
  signal?.removeEventListener('abort', stop)
  signal?.throwIfAborted()
}

/**
 * Merges small parts: closed days into one sorted file for each doc_type, the current day by tiers of size. Answers of readers
 * do not change; what is replaced was proven to be stored first. Running it again changes nothing.
 *
 * @throws STORE_BUSY while another one runs; a partition that cannot be proven is a failure in the report, and stays as it is
 */
export async function compactStore(options: CompactOptions): Promise<CompactReport> {
  const env = options.env ?? systemEnv()
  const started = env.clock.monotonic()
  const { date, fanIn, tierBytes, closeAfterMs } = options
  const planOptions: PlanOptions = {
    now: env.clock.now(),
    date,
    ...(fanIn === undefined ? {} : { fanIn }),
    ...(tierBytes === undefined ? {} : { tierBytes }),
    ...(closeAfterMs === undefined ? {} : { closeAfterMs }),
  }
  if (options.dryRun === true) {
    const merges = planCompaction(listFiles(options.dir), planOptions).map((merge) => partition(merge, null))
    return { dryRun: true, merges, failures: [], removed: 0, waiting: 0, durationMs: env.clock.monotonic() - started }
  }
  const { paths } = { paths: storePaths(options.dir) }
  if (env.fs.stat(paths.catalog) === undefined && env.fs.stat(paths.events) === undefined) {
    return { dryRun: false, merges: [], failures: [], removed: 0, waiting: 0, durationMs: 0 }
  }
  return withMaintenance(options, async (deps, recovered) => {
    const merges: CompactedPartition[] = []
    const failures: CompactReport['failures'][number][] = []
    const graceMs = options.graceMs ?? 0
    let { removed, waiting } = recovered
    // A staged file waits for its readers; it is merged again when it has its name.
    const files = deps.catalog.liveFiles(paths.root).filter((file) => !file.absolutePath.endsWith('.staged'))
    let pause = 0
    for (const merge of planCompaction(files, planOptions)) {
      await rest(env, pause, options.signal)
      options.onMerge?.(merge)
      const before = env.clock.monotonic()
      try {
        const { output, receiptId } = await replaceFiles(deps, merge)
        merges.push(partition(merge, output === null ? null : { path: output.path, bytes: output.bytes, receiptId }))
        const after = sweepRetired(deps, graceMs)
        removed += after.removed
        waiting = after.waiting
      } catch (error) {
        options.signal?.throwIfAborted()
        const code = error instanceof EventStoreError ? error.code : 'STORE_ENCODE'
        failures.push({
          docType: merge.docType,
          date: merge.date,
          code,
          message: failureText(error),
        })
      }
      pause = (options.idleFactor ?? 0) * (env.clock.monotonic() - before)
    }
    return { dryRun: false, merges, failures, removed, waiting, durationMs: env.clock.monotonic() - started }
  })
}
