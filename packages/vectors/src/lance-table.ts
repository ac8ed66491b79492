import { randomUUID } from 'node:crypto'
import { readdirSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { Connection, Table } from '@lancedb/lancedb'
import type { DocumentOf, TableName } from './documents/document.ts'
import type { Entry } from './documents/entry.ts'
import { VectorsError } from './errors.ts'
import { lancedb } from './lance.ts'
import { anyOf } from './predicate.ts'
import { storageFault } from './storage-fault.ts'
import { columnNames, rowOf, tableSchema } from './tables.ts'

const FINGERPRINT = 'vectra.fingerprint'
const TABLE_ID = 'vectra.table_id'
const DIMENSIONS = 'vectra.dimensions'
const KIND = 'vectra.table'

/** Rows from which a vector index pays: below, the exact search is as fast and misses nothing. */
export const VECTOR_INDEX_ROWS = 50_000

/** Fragments from which a table is compacted at the end of a run. */
const MANY_FRAGMENTS = 16
/** Versions from which old ones are removed at the end of a run. */
const MANY_VERSIONS = 24
/** Bytes of old versions that are left alone: a share of the table, and at least so many. */
const WASTE_SHARE = 0.1
const WASTE_BYTES = 256 * 1024

/** What one commit changes. */
export interface Change<Table extends TableName> {
  readonly upserts: readonly { readonly entry: Entry<DocumentOf[Table]>; readonly vector: Float32Array | null }[]
  /** Ids of rows that are no more. */
  readonly deletes: readonly string[]
  /** Scopes that are no more, with all their rows. */
  readonly scopes: readonly string[]
}

/** Opens the folder of tables. Every read sees what other processes have committed. */
export function openTables(dir: string): Promise<Connection> {
  return lancedb.connect(dir, { readConsistencyInterval: 0 })
}

/**
 * One table on disk. Its row type decides what may be written; LanceDB's objects stay in here and in search.
 */
export class LanceTable<Name extends TableName> {
  readonly name: Name
  readonly table: Table
  readonly fingerprint: string
  readonly tableId: string
  readonly dimensions: number
  readonly #folder: string

  private constructor(name: Name, table: Table, metadata: ReadonlyMap<string, string>, dir: string) {
    this.#folder = join(dir, `${name}.lance`)
    this.name = name
    this.table = table
    this.fingerprint = metadata.get(FINGERPRINT) ?? ''
    this.tableId = metadata.get(TABLE_ID) ?? ''
    this.dimensions = Number(metadata.get(DIMENSIONS) ?? 0)
  }

  /** The table, when it exists. */
  static async open<Name extends TableName>(db: Connection, dir: string, name: Name): Promise<LanceTable<Name> | undefined> {
    if (!(await db.tableNames()).includes(name)) return undefined
    const table = await db.openTable(name)
    const { metadata } = await table.schema()
    if (metadata.get(KIND) !== name) {
      throw new VectorsError(
        'VECTORS_WRONG_TABLE',
        `the table ${name} holds ${metadata.get(KIND) ?? 'foreign'} rows; rebuild it`,
        {
          context: { table: name },
        },
      )
    }
    return new LanceTable(name, table, metadata, dir)
  }

  /** Makes the table, or empties it, also a damaged one: its identity is new either way. */
  static async create<Name extends TableName>(
    db: Connection,
    dir: string,
    name: Name,
    fingerprint: string,
    dimensions: number,
  ): Promise<LanceTable<Name>> {
    const metadata = new Map([
      [KIND, name],
      [FINGERPRINT, fingerprint],
      [TABLE_ID, randomUUID()],
      [DIMENSIONS, String(dimensions)],
    ])
    const create = () => db.createEmptyTable(name, tableSchema(name, dimensions, metadata), { mode: 'overwrite' })
    const table = await create().catch((error: unknown) => {
      const fault = storageFault(error, dir)
      if (!(fault instanceof VectorsError) || fault.code !== 'VECTORS_DAMAGED') throw fault
      // Overwriting reads what is there. It is to be emptied anyway.
      rmSync(join(dir, `${name}.lance`), { recursive: true, force: true })
      return create()
    })
    const made = new LanceTable(name, table, metadata, dir)
    await made.ensureKey()
    return made
  }

  /** With a primary key, two processes that insert the same new id do not both succeed. A crash may have come before it was set. */
  async ensureKey(): Promise<void> {
    const { fields } = await this.table.schema()
    const id = fields.find((field) => field.name === 'id')
    const isKey = [...(id?.metadata.keys() ?? [])].some((key) => key.includes('primary-key'))
    if (!isKey) await this.table.setUnenforcedPrimaryKey('id')
  }

  version(): Promise<number> {
    return this.table.version()
  }

  rows(): Promise<number> {
    return this.table.countRows()
  }

  /** Every scope that has rows. */
  async scopes(): Promise<Set<string>> {
    const found = new Set<string>()
    for (const row of await this.table.query().select(['scope']).toArray()) found.add(String(row.scope))
    return found
  }

  /** How many rows these scopes have. */
  async rowsOf(scopes: readonly string[]): Promise<number> {
    return scopes.length === 0 ? 0 : this.table.countRows(anyOf('scope', scopes))
  }

  /** Id to hash of the rows of these scopes. */
  async hashes(scopes: readonly string[]): Promise<Map<string, string>> {
    if (scopes.length === 0) return new Map()
    const rows = await this.table.query().select(['id', 'hash']).where(anyOf('scope', scopes)).toArray()
    return new Map(rows.map((row) => [String(row.id), String(row.hash)]))
  }

  /** Writes and deletes in one commit; nothing to do is no commit. */
  async apply({ upserts, deletes, scopes }: Change<Name>): Promise<void> {
    const gone = [
      ...(deletes.length === 0 ? [] : [anyOf('id', deletes)]),
      ...(scopes.length === 0 ? [] : [anyOf('scope', scopes)]),
    ].join(' OR ')
    if (upserts.length === 0) {
      if (gone !== '') await this.table.delete(gone)
      return
    }
    const rows = upserts.map(({ entry, vector }) => rowOf(this.name, entry, vector))
    const data = lancedb.makeArrowTable(rows as Record<string, unknown>[], {
      schema: tableSchema(this.name, this.dimensions, new Map()),
    })
    // Without the index on ids: a merge that uses it is not checked against the primary key, and two at once leave a row twice.
    const merge = this.table.mergeInsert('id').useIndex(false).whenMatchedUpdateAll().whenNotMatchedInsertAll()
    const scoped = gone === '' ? merge : merge.whenNotMatchedBySourceDelete({ where: gone })
    await scoped.execute(data)
  }

  /** Whether BM25 can rank this table: without its index LanceDB refuses to. */
  async isSearchable(): Promise<boolean> {
    return (await this.table.listIndices()).some((index) => index.columns.includes('fts_text'))
  }

  /** Builds the full-text index, once; rows that come later are found by it too. */
  async ensureSearchable(): Promise<void> {
    if (!(await this.isSearchable()))
      await this.table.createIndex('fts_text', { config: lancedb.Index.fts({ withPosition: false }) })
  }

  /**
   * Builds what searches need and keeps fragments and versions in bounds.
   *
   * @param keepVersionsMs how long old versions stay for readers that are on them
   */
  async maintain(options: { readonly keepVersionsMs: number; readonly vectorIndexRows: number }): Promise<void> {
    const rows = await this.rows()
    if (rows === 0) return
    const indices = await this.table.listIndices()
    const covers = (column: string): boolean => indices.some((index) => index.columns.includes(column))
    await this.ensureSearchable()
    if (!covers('id')) await this.table.createIndex('id', { config: lancedb.Index.btree() })
    if (!covers('scope')) await this.table.createIndex('scope', { config: lancedb.Index.btree() })
    const wantsVectors = rows >= options.vectorIndexRows && !this.fingerprint.startsWith('none/')
    if (wantsVectors && !covers('vector')) {
      await this.table.createIndex('vector', { config: lancedb.Index.hnswSq({ distanceType: 'cosine' }) })
    }
    const { fragmentStats } = await this.table.stats()
    const unindexed = Math.max(0, ...(await this.table.listIndices()).map((index) => Number(index.numUnindexedRows ?? 0)))
    const versions = (await this.table.listVersions()).length
    const removable = (): Date => new Date(Date.now() - options.keepVersionsMs)
    if (fragmentStats.numFragments >= MANY_FRAGMENTS || versions >= MANY_VERSIONS || unindexed > Math.max(1_000, rows / 5)) {
      await this.table.optimize({ cleanupOlderThan: removable() })
    }
    // A merge leaves what it merged until the next one: a table that was just filled would stay twice its size.
    for (let pass = 0; pass < 3 && (await this.#wastes(removable())); pass++)
      await this.table.optimize({ cleanupOlderThan: removable() })
  }

  /** Whether versions that nobody has to keep take a tenth of the table's size. */
  async #wastes(removable: Date): Promise<boolean> {
    const current = await this.version()
    const old = (await this.table.listVersions()).some(({ version, timestamp }) => version !== current && timestamp <= removable)
    if (!old) return false
    const { totalBytes } = await this.table.stats()
    return bytesBelow(this.#folder) - totalBytes > Math.max(WASTE_BYTES, totalBytes * WASTE_SHARE)
  }

  /** All rows without vectors, by id; for comparisons of whole tables. */
  async contents(): Promise<Record<string, unknown>[]> {
    const names = columnNames(this.name)
    const rows = await this.table.query().select(names).toArray()
    const plain = rows.map((row) => Object.fromEntries(names.map((name) => [name, plainValue(row[name])])))
    return plain.sort((a, b) => (String(a['id']) < String(b['id']) ? -1 : 1))
  }

  close(): void {
    this.table.close()
  }
}

/** Bytes of all files below a folder; 0 for what is no local folder. */
function bytesBelow(folder: string): number {
  try {
    return readdirSync(folder, { recursive: true, withFileTypes: true }).reduce(
      (sum, entry) =>
        entry.isFile() ? sum + (statSync(join(entry.parentPath, entry.name), { throwIfNoEntry: false })?.size ?? 0) : sum,
      0,
    )
  } catch {
    return 0
  }
}

/** Arrow's value as plain JavaScript: integers as numbers, lists as arrays. */
export function plainValue(value: unknown): unknown {
  if (typeof value === 'bigint') return Number(value)
  if (typeof value === 'object' && value !== null && Symbol.iterator in value) return [...(value as Iterable<unknown>)]
  return value ?? null
}
