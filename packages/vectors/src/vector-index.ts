import { existsSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { Connection } from '@lancedb/lancedb'
import { Checkpoint } from './checkpoint.ts'
import { type DocumentSource, TABLES, type TableName } from './documents/document.ts'
import { DOCUMENT_RULES } from './documents/entry.ts'
import { type Embedder, fingerprintOf, NO_FINGERPRINT } from './embedder.ts'
import { EmbeddingCache } from './embedding-cache.ts'
import { VectorsError } from './errors.ts'
import { LanceTable, openTables, VECTOR_INDEX_ROWS } from './lance-table.ts'
import { queryWords } from './search/query-words.ts'
import {
  type Hit,
  pageOf,
  queryVector,
  rankTable,
  type SearchMode,
  type SearchRequest,
  type TableRanking,
} from './search/search.ts'
import { storageFault } from './storage-fault.ts'
import { type SyncProgress, type SyncReport, syncTable } from './sync.ts'
import { writerLock } from './writer-lock.ts'

/** How to open the search tables. */
export interface VectorIndexOptions {
  /** Folder of the tables, e.g. `<data>/vectors`; created by the first run. May be deleted at any time. */
  readonly dir: string
  /** Without one, tables hold no vectors and search is BM25 alone. */
  readonly embedder?: Embedder | undefined
  /** File of the embedding cache; it outlives rebuilds. Default `:memory:`: none. */
  readonly cacheFile?: string | undefined
  /** How long old versions of a table stay for readers that are on them. Default 60 s. */
  readonly keepVersionsMs?: number | undefined
  /** Rows from which a vector index is built. Default 50,000. */
  readonly vectorIndexRows?: number | undefined
  /** Wall clock, milliseconds. Default the system's. */
  readonly now?: (() => number) | undefined
}

/** Options of a run. */
export interface SyncOptions {
  readonly signal?: AbortSignal | undefined
  readonly onProgress?: ((progress: SyncProgress) => void) | undefined
}

/** How fresh a table is; in every answer. */
export interface Freshness {
  readonly table: TableName
  readonly rows: number
  readonly version: number
  /** When it was last found equal to its source, milliseconds since the epoch; null when never. */
  readonly syncedAt: number | null
  /** How far the source was then. */
  readonly position: string | null
  /** False while a run is under way or was cut off. */
  readonly complete: boolean
}

/** State of one table. */
export interface TableStatus extends Freshness {
  readonly exists: boolean
  /** Null for a table that is not there, or is damaged. */
  readonly fingerprint: string | null
  /** Whether this index's embedder may search and extend it. */
  readonly usable: boolean
  readonly vectorIndex: boolean
  readonly bytes: number
}

/** The answer to a search. */
export interface SearchAnswer {
  readonly hits: readonly Hit[]
  /** Cursor of the next page; null at the end. */
  readonly next: string | null
  /** How it was ranked in fact. */
  readonly mode: SearchMode
  /** Said when the answer is less than was asked for: no model at hand, a table that was never indexed. */
  readonly notices: readonly string[]
  readonly freshness: readonly Freshness[]
}

/**
 * Three isolated search tables. They are derived: deleting the folder loses nothing that a rebuild does not bring back.
 */
export interface VectorIndex extends AsyncDisposable {
  /**
   * Brings the source's table up to date: what did not change is neither loaded, embedded nor written.
   *
   * @throws VectorsError VECTORS_BUSY, VECTORS_FINGERPRINT, VECTORS_WRONG_TABLE, VECTORS_DOCUMENT_INVALID, VECTORS_EMBED,
   *   VECTORS_DAMAGED, VECTORS_WRITE
   */
  sync<Table extends TableName>(source: DocumentSource<Table>, options?: SyncOptions): Promise<SyncReport>
  /** Empties the source's table, also a damaged one, and fills it again. The embedding cache stays. */
  rebuild<Table extends TableName>(source: DocumentSource<Table>, options?: SyncOptions): Promise<SyncReport>
  /** @throws VectorsError VECTORS_FINGERPRINT, VECTORS_NO_EMBEDDER, VECTORS_FILTER, VECTORS_CURSOR, VECTORS_DAMAGED */
  search(request: SearchRequest): Promise<SearchAnswer>
  status(): Promise<readonly TableStatus[]>
  /** All rows of a table without vectors, by id: two tables with equal contents are equal. */
  contents(table: TableName): Promise<Record<string, unknown>[]>
  /** What a table holds, by scope: the version of its source that was written last. Scopes that are being written are left out. */
  scopes(table: TableName): Promise<ReadonlyMap<string, string>>
  /** Closes the tables, not the embedder. Calling it twice is fine. */
  close(): Promise<void>
}

/** Opens the tables of a folder, which need not exist yet: the first run makes it. */
export async function openVectorIndex(options: VectorIndexOptions): Promise<VectorIndex> {
  return new LanceVectorIndex(options)
}

class LanceVectorIndex implements VectorIndex {
  readonly #options: VectorIndexOptions
  readonly #fingerprint: string
  readonly #tables = new Map<TableName, LanceTable<TableName>>()
  #db: Promise<Connection> | undefined
  #opened: { readonly checkpoint: Checkpoint; readonly inode: number } | undefined
  #cache: EmbeddingCache | undefined
  #closed = false

  constructor(options: VectorIndexOptions) {
    this.#options = options
    this.#fingerprint = fingerprintOf(options.embedder)
  }

  sync<Table extends TableName>(source: DocumentSource<Table>, options: SyncOptions = {}): Promise<SyncReport> {
    return this.#guarded(() => this.#run(source, options, false))
  }

  rebuild<Table extends TableName>(source: DocumentSource<Table>, options: SyncOptions = {}): Promise<SyncReport> {
    return this.#guarded(() => this.#run(source, options, true))
  }

  /** What LanceDB and SQLite say is for neither people nor programs. */
  async #guarded<Result>(work: () => Promise<Result>): Promise<Result> {
    try {
      return await work()
    } catch (error) {
      throw storageFault(error, this.#options.dir)
    }
  }

  #connection(): Promise<Connection> {
    this.#db ??= openTables(this.#options.dir)
    return this.#db
  }

  /** The checkpoint that lies in the folder now: the folder may have been deleted under our hands. */
  #checkpoint(): Checkpoint {
    const file = join(this.#options.dir, 'checkpoint.sqlite')
    const inode = (): number => statSync(file, { throwIfNoEntry: false })?.ino ?? 0
    if (this.#opened !== undefined && this.#opened.inode !== inode()) {
      this.#opened.checkpoint[Symbol.dispose]()
      this.#opened = undefined
    }
    if (this.#opened === undefined) {
      const checkpoint = new Checkpoint(this.#options.dir)
      this.#opened = { checkpoint, inode: inode() }
    }
    return this.#opened.checkpoint
  }

  async #run<Table extends TableName>(source: DocumentSource<Table>, options: SyncOptions, afresh: boolean): Promise<SyncReport> {
    this.#assertOpen()
    const { dir, embedder, cacheFile, now } = this.#options
    // A moment of patience: of several that ask at the same instant, SQLite may turn all away.
    using _lock = writerLock(dir, 300)
    const table = await this.#tableToWrite(source.table, afresh)
    try {
      if (embedder !== undefined) this.#cache ??= new EmbeddingCache(cacheFile ?? ':memory:', this.#fingerprint)
      // Awaited here: the lock ends with this block.
      return await syncTable({
        table,
        source,
        checkpoint: this.#checkpoint(),
        embedder,
        cache: this.#cache,
        now: now ?? Date.now,
        maintenance: {
          keepVersionsMs: this.#options.keepVersionsMs ?? 60_000,
          vectorIndexRows: this.#options.vectorIndexRows ?? VECTOR_INDEX_ROWS,
        },
        ...options,
      })
    } finally {
      table.close()
    }
  }

  async #tableToWrite<Table extends TableName>(name: Table, afresh: boolean): Promise<LanceTable<Table>> {
    const db = await this.#connection()
    const found = afresh ? undefined : await LanceTable.open(db, this.#options.dir, name)
    if (found !== undefined) {
      if (found.fingerprint !== this.#fingerprint) throw foreign(found, this.#fingerprint)
      await found.ensureKey()
      return found
    }
    this.#tables.get(name)?.close()
    this.#tables.delete(name)
    return LanceTable.create(db, this.#options.dir, name, this.#fingerprint, this.#options.embedder?.facts.dimensions ?? 384)
  }

  search(request: SearchRequest): Promise<SearchAnswer> {
    return this.#guarded(() => this.#search(request))
  }

  async #search(request: SearchRequest): Promise<SearchAnswer> {
    this.#assertOpen()
    if (request.text.trim() === '') throw new TypeError('a search needs words')
    const notices: string[] = []
    const { embedder } = this.#options
    const tables = await this.#tablesToRead(request, notices)
    const withoutVectors = [...tables.values()].some((table) => table.fingerprint === NO_FINGERPRINT)
    let mode = request.mode ?? 'hybrid'
    if (mode !== 'bm25' && (embedder === undefined || withoutVectors)) {
      if (mode === 'dense') queryVectorMissing(withoutVectors)
      notices.push(withoutVectors ? 'indexed without a model: ranked by BM25 alone' : 'no model at hand: ranked by BM25 alone')
      mode = 'bm25'
    }
    const words = queryWords(request.text)
    const vector = await queryVector(embedder, mode, words, request)
    const rankings: TableRanking[] = []
    for (const [name, table] of tables) {
      if ((await table.rows()) === 0) continue
      rankings.push({ table: name, ranked: await rankTable(table, words, vector, mode, request.filter ?? {}) })
    }
    const page = await pageOf(tables, rankings, request, words)
    const freshness = await Promise.all([...tables].map(([name, table]) => this.#freshness(name, table)))
    return { ...page, mode, notices, freshness }
  }

  async #tablesToRead(request: SearchRequest, notices: string[]): Promise<Map<TableName, LanceTable<TableName>>> {
    const found = new Map<TableName, LanceTable<TableName>>()
    for (const name of new Set(request.tables)) {
      const table = await this.#tableToRead(name)
      if (table === undefined) {
        notices.push(`${name} was never indexed`)
        continue
      }
      const fits =
        table.fingerprint === this.#fingerprint || table.fingerprint === NO_FINGERPRINT || this.#options.embedder === undefined
      if (!fits && request.mode !== 'bm25') throw foreign(table, this.#fingerprint)
      found.set(name, table)
    }
    if (found.size === 0) {
      throw new VectorsError('VECTORS_TABLE_MISSING', `nothing is indexed in ${this.#options.dir} yet; run the indexer first`, {
        context: { dir: this.#options.dir, tables: request.tables },
      })
    }
    return found
  }

  /** The open handle, unless another process made the table anew. */
  async #tableToRead(name: TableName): Promise<LanceTable<TableName> | undefined> {
    const open = this.#tables.get(name)
    if (open !== undefined) {
      const same = await open.table.schema().then(
        ({ metadata }) => metadata.get('vectra.table_id') === open.tableId,
        () => false,
      )
      if (same) return open
      open.close()
      this.#tables.delete(name)
    }
    // Who only looks leaves no folder behind.
    if (!existsSync(this.#options.dir)) return undefined
    const table = await LanceTable.open(await this.#connection(), this.#options.dir, name)
    if (table !== undefined) this.#tables.set(name, table as LanceTable<TableName>)
    return table as LanceTable<TableName> | undefined
  }

  async #freshness(name: TableName, table: LanceTable<TableName>): Promise<Freshness> {
    const state = this.#state(name, table)
    return {
      table: name,
      rows: await table.rows(),
      version: await table.version(),
      syncedAt: state?.syncedAt ?? null,
      position: state?.position ?? null,
      complete: state?.complete ?? false,
    }
  }

  #state(name: TableName, table: LanceTable<TableName>): ReturnType<Checkpoint['state']> {
    const state = this.#checkpoint().state(name)
    return state?.tableId === table.tableId ? state : undefined
  }

  async status(): Promise<readonly TableStatus[]> {
    this.#assertOpen()
    return Promise.all(
      TABLES.map(async (name): Promise<TableStatus> => {
        try {
          return await this.#guarded(() => this.#statusOf(name))
        } catch (error) {
          // The other two have something to say.
          if (error instanceof VectorsError && error.code === 'VECTORS_DAMAGED')
            return { ...nothingOf(name), exists: true, usable: false }
          throw error
        }
      }),
    )
  }

  async #statusOf(name: TableName): Promise<TableStatus> {
    const table = await this.#tableToRead(name)
    if (table === undefined) return nothingOf(name)
    const indices = await table.table.listIndices()
    return {
      ...(await this.#freshness(name, table)),
      exists: true,
      fingerprint: table.fingerprint,
      usable: table.fingerprint === this.#fingerprint,
      vectorIndex: indices.some((index) => index.columns.includes('vector')),
      bytes: (await table.table.stats()).totalBytes,
    }
  }

  async contents(name: TableName): Promise<Record<string, unknown>[]> {
    this.#assertOpen()
    return this.#guarded(async () => (await this.#tableToRead(name))?.contents() ?? [])
  }

  scopes(name: TableName): Promise<ReadonlyMap<string, string>> {
    return this.#guarded(() => this.#scopes(name))
  }

  async #scopes(name: TableName): Promise<ReadonlyMap<string, string>> {
    this.#assertOpen()
    const table = await this.#tableToRead(name)
    if (table === undefined || this.#state(name, table) === undefined) return new Map()
    const prefix = `${DOCUMENT_RULES}:`
    return new Map(
      [...this.#checkpoint().scopes(name)].flatMap(([scope, { version }]) =>
        version.startsWith(prefix) ? [[scope, version.slice(prefix.length)] as const] : [],
      ),
    )
  }

  #assertOpen(): void {
    if (this.#closed) throw new VectorsError('VECTORS_CLOSED', 'the search index is closed')
  }

  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    for (const table of this.#tables.values()) table.close()
    this.#tables.clear()
    this.#opened?.checkpoint[Symbol.dispose]()
    this.#cache?.[Symbol.dispose]()
    const db = await this.#db?.catch(() => undefined)
    db?.close()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }
}

const nothingOf = (table: TableName): TableStatus => ({
  ...{ table, rows: 0, version: 0, syncedAt: null, position: null, complete: false },
  ...{ exists: false, fingerprint: null, usable: true, vectorIndex: false, bytes: 0 },
})

function foreign(table: LanceTable<TableName>, own: string): VectorsError {
  return new VectorsError(
    'VECTORS_FINGERPRINT',
    `${table.name} was indexed with ${table.fingerprint}, not with ${own}; rebuild it (vectra index rebuild), or use the model it was made with`,
    { context: { table: table.name, stored: table.fingerprint, own } },
  )
}

function queryVectorMissing(withoutVectors: boolean): never {
  throw new VectorsError(
    'VECTORS_NO_EMBEDDER',
    withoutVectors
      ? 'the table was indexed without a model and has no vectors; rebuild it with one, or search with mode bm25'
      : 'a dense search needs the model; search with mode bm25, or install the weights',
  )
}

/** Default folder of the tables inside a data directory. */
export function vectorsDir(dataDir: string): string {
  return join(dataDir, 'vectors')
}
