import type { Checkpoint, ScopeMark } from './checkpoint.ts'
import type { DocumentOf, DocumentSource, TableName } from './documents/document.ts'
import { DOCUMENT_RULES, type Entry, entriesOf } from './documents/entry.ts'
import { checkVectors, type Embedder } from './embedder.ts'
import type { EmbeddingCache } from './embedding-cache.ts'
import { VectorsError } from './errors.ts'
import type { Change, LanceTable } from './lance-table.ts'

/** How far a run is. */
export interface SyncProgress {
  readonly table: TableName
  /** Scopes looked at so far. */
  readonly scopes: number
  /** Of about so many; undefined while nobody knows. */
  readonly total?: number | undefined
  /** Documents of changed scopes, as rows. */
  readonly rows: number
  /** Vectors computed so far. */
  readonly embedded: number
}

/** What a run did. All zero but `scopes` when nothing had changed. */
export interface SyncReport extends SyncProgress {
  readonly loaded: number
  readonly written: number
  readonly deleted: number
  /** Vectors taken from the cache. */
  readonly cached: number
  /** Texts longer than the model reads, of those embedded: the rest of each does not count for the meaning. */
  readonly cut: number
  /** Commits, each one LanceDB version. */
  readonly commits: number
}

interface SyncParts<Table extends TableName> {
  readonly table: LanceTable<Table>
  readonly source: DocumentSource<Table>
  readonly checkpoint: Checkpoint
  readonly embedder: Embedder | undefined
  readonly cache: EmbeddingCache | undefined
  readonly now: () => number
  readonly maintenance: { readonly keepVersionsMs: number; readonly vectorIndexRows: number }
  readonly signal?: AbortSignal | undefined
  readonly onProgress?: ((progress: SyncProgress) => void) | undefined
}

interface Loaded<Table extends TableName> {
  readonly scope: string
  /** Undefined for a scope that is no more. */
  readonly mark: ScopeMark | undefined
  readonly entries: readonly Entry<DocumentOf[Table]>[]
}

/** Rows of one commit at most, unless one scope alone has more. */
const BATCH_ROWS = 512
const BATCH_SCOPES = 512
/** Commits of a long run after which fragments are merged. */
const COMMITS_BETWEEN_CARE = 20

/** Brings one table to what its source says, commit by commit: rows first, then the checkpoint. */
export async function syncTable<Table extends TableName>(parts: SyncParts<Table>): Promise<SyncReport> {
  return new Sync(parts).run()
}

class Sync<Table extends TableName> {
  readonly #parts: SyncParts<Table>
  readonly #batch: Loaded<Table>[] = []
  readonly #facts = new Map<string, string>()
  #batchRows = 0
  /** The batch before, on its way to the table: the model need not wait for the disk. Batches share no scope. */
  #writing: Promise<void> = Promise.resolve()
  #count = { scopes: 0, rows: 0, embedded: 0, loaded: 0, written: 0, deleted: 0, cached: 0, cut: 0, commits: 0 }

  constructor(parts: SyncParts<Table>) {
    this.#parts = parts
  }

  async run(): Promise<SyncReport> {
    try {
      return await this.#run()
    } catch (error) {
      // The lock ends with the run: nothing may still be written then.
      await this.#writing.catch(() => {})
      throw error
    }
  }

  async #run(): Promise<SyncReport> {
    const { table, source, checkpoint, signal } = this.#parts
    if ((await this.#alignCheckpoint()) === 'unchanged') {
      checkpoint.confirm(table.name, this.#parts.now())
      return { table: table.name, ...this.#count }
    }
    const known = checkpoint.scopes(table.name)
    const facts = (scope: string): string | undefined => this.#facts.get(scope) ?? known.get(scope)?.facts
    const seen = new Set<string>()
    for await (const scope of source.scopes({ facts, signal })) {
      signal?.throwIfAborted()
      if (seen.has(scope.scope)) throw duplicate(table.name, scope.scope, 'scope')
      seen.add(scope.scope)
      this.#count.scopes++
      const version = `${DOCUMENT_RULES}:${scope.version}`
      if (known.get(scope.scope)?.version === version) continue
      const loaded = await scope.load(signal)
      this.#count.loaded++
      if (loaded.facts !== undefined) this.#facts.set(scope.scope, loaded.facts)
      const entries = loaded.documents.flatMap((document) => entriesOf(table.name, scope.scope, document))
      assertUnique(table.name, entries)
      this.#batch.push({ scope: scope.scope, mark: { version, facts: loaded.facts }, entries })
      this.#batchRows += entries.length
      this.#count.rows += entries.length
      if (this.#batchRows >= BATCH_ROWS || this.#batch.length >= BATCH_SCOPES) await this.#commit()
      this.#report()
    }
    // With the last of the others, in one commit: nobody sees a renamed file twice.
    for (const scope of known.keys()) {
      if (seen.has(scope) || source.owns?.(scope) === false) continue
      this.#batch.push({ scope, mark: undefined, entries: [] })
      if (this.#batch.length >= BATCH_SCOPES) await this.#commit()
    }
    await this.#commit()
    await this.#writing
    await table.maintain(this.#parts.maintenance)
    const state = { position: source.position?.() ?? null, stamp: source.stamp ?? null }
    checkpoint.complete(table.name, await table.version(), state, this.#parts.now())
    this.#report()
    return { table: table.name, ...this.#count }
  }

  /** A checkpoint of another table, or of a newer state than the table's, is worth nothing: compare every row again. */
  async #alignCheckpoint(): Promise<'unchanged' | undefined> {
    const { table, checkpoint, source } = this.#parts
    const state = checkpoint.state(table.name)
    const version = await table.version()
    if (state?.tableId !== table.tableId || state.version > version) {
      checkpoint.reset(table.name, table.tableId, version, await table.scopes())
      return undefined
    }
    return state.complete && source.stamp !== undefined && state.stamp === source.stamp ? 'unchanged' : undefined
  }

  async #commit(): Promise<void> {
    const { table, signal } = this.#parts
    const batch = this.#batch.splice(0)
    this.#batchRows = 0
    if (batch.length === 0) return
    const marks = new Map(batch.flatMap(({ scope, mark }) => (mark === undefined ? [] : [[scope, mark] as const])))
    const gone = batch.flatMap(({ scope, mark }) => (mark === undefined ? [scope] : []))
    const existing = await table.hashes([...marks.keys()])
    const entries = batch.flatMap((loaded) => loaded.entries)
    const changed = entries.filter((entry) => existing.get(entry.id) !== entry.hash)
    const wanted = new Set(entries.map((entry) => entry.id))
    const deletes = [...existing.keys()].filter((id) => !wanted.has(id))
    const vectors = await this.#vectorsOf(changed)
    signal?.throwIfAborted()
    const upserts = changed.map((entry) => ({ entry, vector: vectors.get(entry.embedText) ?? null }))
    await this.#writing
    this.#writing = this.#write({ upserts, deletes, scopes: gone }, marks)
    // Heard by whoever waits for it next.
    this.#writing.catch(() => {})
  }

  /** One commit: rows first, then the checkpoint. */
  async #write(change: Change<Table>, marks: ReadonlyMap<string, ScopeMark>): Promise<void> {
    const { table, checkpoint } = this.#parts
    const changed = change.upserts
    const deleted = change.deletes.length + (await table.rowsOf(change.scopes))
    if (changed.length > 0 || deleted > 0) {
      checkpoint.begin(table.name, [...marks.keys(), ...change.scopes])
      await table.apply(change)
      // After the first rows, so that a long first run can be searched while it goes on.
      if (this.#count.commits === 0 && changed.length > 0) await table.ensureSearchable()
      this.#count.commits++
      this.#count.written += changed.length
      // Every commit leaves a fragment, and every merge reads them all.
      if (this.#count.commits % COMMITS_BETWEEN_CARE === 0)
        await table.maintain({ ...this.#parts.maintenance, vectorIndexRows: Number.POSITIVE_INFINITY })
      this.#count.deleted += deleted
    }
    checkpoint.commit(table.name, await table.version(), marks, change.scopes)
  }

  async #vectorsOf(entries: readonly Entry[]): Promise<ReadonlyMap<string, Float32Array>> {
    const { embedder, cache, signal } = this.#parts
    if (embedder === undefined || entries.length === 0) return new Map()
    const texts = new Set(entries.map((entry) => entry.embedText))
    const known = cache?.get(texts) ?? new Map<string, Float32Array>()
    this.#count.cached += known.size
    // Like lengths together: a batch is padded to its longest text.
    const missing = [...texts].filter((text) => !known.has(text)).sort((a, b) => a.length - b.length)
    if (missing.length === 0) return known
    const onCut = (texts: number): void => {
      this.#count.cut += texts
    }
    const computed = await embedder.embed(missing, { onLong: 'cut', onCut, signal })
    checkVectors(computed, missing.length, embedder.facts.dimensions)
    const fresh = new Map(missing.map((text, index) => [text, computed[index] as Float32Array]))
    cache?.put(fresh)
    this.#count.embedded += fresh.size
    return new Map([...known, ...fresh])
  }

  #report(): void {
    const { scopes, rows, embedded } = this.#count
    const { table, source, onProgress } = this.#parts
    onProgress?.({ table: table.name, scopes, total: source.total?.(), rows, embedded })
  }
}

function assertUnique(table: TableName, entries: readonly Entry[]): void {
  const ids = new Set<string>()
  for (const { id } of entries) {
    if (ids.has(id)) throw duplicate(table, id, 'document')
    ids.add(id)
  }
}

function duplicate(table: TableName, id: string, what: string): VectorsError {
  return new VectorsError('VECTORS_DOCUMENT_INVALID', `the ${what} ${id} of ${table} was given twice`, { context: { table, id } })
}
