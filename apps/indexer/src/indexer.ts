import { join } from 'node:path'
import { openQuery, type QueryEngine } from '@vectra/event-store'
import { toDecimal } from '@vectra/schemas'
import {
  type DocumentSource,
  openVectorIndex,
  type SearchAnswer,
  type SearchRequest,
  type SyncProgress,
  type SyncReport,
  TABLES,
  type TableName,
  type TableStatus,
  type VectorIndex,
  vectorsDir,
} from '@vectra/vectors'
import { defaultCacheDir, type IndexerConfig } from './config.ts'
import { chooseEmbedder } from './embedder.ts'
import { IndexLag } from './lag.ts'
import { IndexerMetrics } from './metrics.ts'
import { contextSource, hashOfScope } from './sources/context.ts'
import { eventSource } from './sources/events.ts'
import { noteSource } from './sources/notes.ts'
import { withoutSecrets } from './sources/without-secrets.ts'

/** Options of one run. */
export interface RunOptions {
  /** Default: all of them. */
  readonly tables?: readonly TableName[] | undefined
  readonly signal?: AbortSignal | undefined
  readonly onProgress?: ((progress: SyncProgress) => void) | undefined
}

/** What a run did, table by table. */
export interface RunReport {
  readonly tables: readonly SyncReport[]
  /** Tables that have no source here, and why. */
  readonly skipped: readonly { readonly table: TableName; readonly why: string }[]
  readonly elapsedMs: number
}

/** Sources, tables and embedder of one data directory, composed. */
export interface Indexer extends AsyncDisposable {
  /** Said aloud when search will be less than it could be. */
  readonly notice: string | undefined
  readonly index: VectorIndex
  /**
   * Brings the tables up to date; costs little when nothing changed. A table that fails does not keep the others from it: the
   * first error is thrown when all are done.
   */
  run(options?: RunOptions): Promise<RunReport>
  /** Empties the tables and fills them again. Embeddings come from the cache. */
  rebuild(options?: RunOptions): Promise<RunReport>
  search(request: SearchRequest): Promise<SearchAnswer>
  status(): Promise<readonly TableStatus[]>
  /** The SHA-256 of every CONTEXT.md as `code_context` holds it, by path: what the box "Indexed" is compared with. */
  indexState(): Promise<ReadonlyMap<string, string>>
  /** Prometheus text: rows written and deleted, embeddings by origin, length of runs, rows, age and lag of the tables. */
  metrics(): Promise<string>
  close(): Promise<void>
}

/** Opens an indexer. The data directory need not hold anything yet; the model is loaded by the first text that needs it. */
export async function openIndexer(config: IndexerConfig): Promise<Indexer> {
  const { embedder, why } = await chooseEmbedder(config)
  const cacheFile = join(config.cacheDir ?? defaultCacheDir(), 'embeddings.sqlite')
  const index = await openVectorIndex({ dir: vectorsDir(config.dataDir), embedder, cacheFile })
  const choice = { tradeSol: toDecimal(config.tradeSol ?? '1'), sidebetSol: toDecimal(config.sidebetSol ?? '0.1') }

  const metrics = new IndexerMetrics()
  const lag = new IndexLag(config.dataDir)
  const measured = async (table: TableName, { signal }: RunOptions, run: () => Promise<SyncReport>): Promise<SyncReport> => {
    const started = performance.now()
    const seconds = (): number => (performance.now() - started) / 1_000
    const upToDate = lag.begin(table)
    try {
      const report = await run()
      upToDate()
      metrics.ran(table, seconds(), report)
      return report
    } catch (error) {
      // A run that was stopped did not fail.
      if (signal?.aborted !== true) metrics.ran(table, seconds(), undefined)
      throw error
    }
  }

  const every = async (
    options: RunOptions,
    work: (source: DocumentSource<TableName>) => Promise<SyncReport>,
  ): Promise<RunReport> => {
    const started = performance.now()
    const tables: SyncReport[] = []
    const failed: unknown[] = []
    const skipped: { table: TableName; why: string }[] = []
    let opened: Promise<QueryEngine> | undefined
    // DuckDB is loaded by the first question to it: a run without changes asks none.
    const engine = (): Promise<QueryEngine> => {
      // A checkpoint must not pass rows of a part that is damaged now and may be restored later.
      opened ??= openQuery({ dir: config.dataDir, maxRows: 1_000_000, timeoutMs: 120_000, badFiles: 'fail' })
      return opened
    }
    await using _engine = { [Symbol.asyncDispose]: async () => (await opened?.catch(() => undefined))?.close() }
    const sourceOf = (table: TableName, repoDir = ''): DocumentSource<TableName> | Promise<DocumentSource<TableName>> => {
      if (table === 'events') return eventSource({ ...config, engine, choice })
      if (table === 'debug_notes') return noteSource({ dataDir: config.dataDir, engine })
      return contextSource(repoDir, { except: [config.dataDir] })
    }
    for (const table of options.tables ?? TABLES) {
      options.signal?.throwIfAborted()
      if (table === 'code_context' && config.repoDir === undefined) {
        skipped.push({ table, why: 'no repository here; name one with --repo' })
        continue
      }
      try {
        tables.push(await work(await sourceOf(table, config.repoDir)))
      } catch (error) {
        // A damaged part of the store is no reason to leave the documentation out of date.
        failed.push(error)
      }
    }
    options.signal?.throwIfAborted()
    if (failed.length > 0) throw failed[0]
    return { tables, skipped, elapsedMs: Math.round(performance.now() - started) }
  }

  const close = async (): Promise<void> => {
    await index.close()
    await embedder?.close()
  }
  return {
    notice: why,
    index,
    run: (options = {}) =>
      every(options, (source) => measured(source.table, options, () => index.sync(withoutSecrets(source), options))),
    rebuild: (options = {}) =>
      every(options, (source) => measured(source.table, options, () => index.rebuild(withoutSecrets(source), options))),
    search: (request) => index.search(request),
    status: () => index.status(),
    indexState: async () =>
      new Map([...(await index.scopes('code_context'))].map(([path, version]) => [path, hashOfScope(version)] as const)),
    metrics: async () => metrics.text(await index.status(), lag.now()),
    close,
    [Symbol.asyncDispose]: close,
  }
}
