import path from 'node:path'
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api'
import type { SeqSpan } from '../catalog-records.ts'
import type { FsPort } from '../fs-port.ts'
import { returnedMemory } from '../returned-memory.ts'
import {
  type Bucket,
  CELL_SEQS,
  type Cell,
  type MergeBounds,
  mergeBounds,
  planBuckets,
  planRuns,
  rowGroupRows,
} from './merge-plan.ts'
import type { MergeInput, PartMerger, RowDigest, RowFilter } from './merger.ts'
import { ALL_COLUMNS, condition, digestSql, type PartialDigest, parquet, partialDigest, quote, sumDigests } from './row-sql.ts'

/** Bounds of a merge. */
export interface MergerLimits {
  /** DuckDB's buffers, e.g. `512MB`; what is larger goes through files in `tempDir`. */
  readonly memoryLimit: string
  readonly threads: number
  readonly tempDir: string
  readonly fs: FsPort
  /** By default what `memoryLimit` allows. Given, the merge runs beside something that needs the memory: what is freed goes back at once. */
  readonly bounds?: MergeBounds
}

const ORDER = 'ORDER BY game_id NULLS FIRST, session_id, seq'
/** Files that live for one merge: fast to write and, by small row groups, quick to take a stretch of. */
const SCRATCH = `(FORMAT parquet, COMPRESSION lz4_raw, ROW_GROUP_SIZE 2048)`

type Rows = readonly (readonly unknown[])[]
type RunSql = (sql: string) => Promise<Rows>

function parts(groupRows: number, metadata: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(metadata).map(([key, value]) => `${quote(key)}: ${quote(value)}`)
  return `(FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE ${groupRows}, KV_METADATA {${pairs.join(', ')}})`
}

function insideBucket({ first, last }: Bucket): string {
  const before = `session_id < ${quote(first.sessionId)} OR (session_id = ${quote(first.sessionId)} AND seq < ${first.block * CELL_SEQS})`
  const after = `session_id > ${quote(last.sessionId)} OR (session_id = ${quote(last.sessionId)} AND seq >= ${(last.block + 1) * CELL_SEQS})`
  if (first.gameId === null || last.gameId === null) return `game_id IS NULL AND NOT (${before}) AND NOT (${after})`
  const [low, high] = [quote(first.gameId), quote(last.gameId)]
  return `game_id >= ${low} AND game_id <= ${high} AND NOT (game_id = ${low} AND (${before})) AND NOT (game_id = ${high} AND (${after}))`
}

/**
 * One merge: inputs are read once, a run at a time, which gives both the digest and sorted runs; runs are sorted into one file by
 * stretches of the sort order that fit into memory.
 */
class StreamedMerge {
  readonly #sql: RunSql
  readonly #limits: MergerLimits
  readonly #bounds: MergeBounds
  readonly #keep: string
  readonly #digests: PartialDigest[] = []
  readonly #runs: string[] = []
  readonly #scratch: string[] = []

  constructor(sql: RunSql, limits: MergerLimits, filter: RowFilter | undefined) {
    this.#sql = sql
    this.#limits = limits
    this.#bounds = limits.bounds ?? mergeBounds(limits.memoryLimit)
    this.#keep = condition(filter)
  }

  async write(
    inputs: readonly MergeInput[],
    target: string,
    metadata: (inputs: RowDigest) => Readonly<Record<string, string>>,
  ): Promise<RowDigest> {
    try {
      await this.#sql('CREATE OR REPLACE TEMP TABLE cells (game_id VARCHAR, session_id VARCHAR, block BIGINT, bytes BIGINT)')
      const runs = planRuns(inputs, this.#bounds)
      const [only] = runs
      const small = runs.length === 1 && only !== undefined && !this.#isLarge(only)
      if (small) await this.#load(only)
      else for (const run of runs) await this.#addRun(run)
      const digest = sumDigests(this.#digests)
      if (digest.rows === 0) return digest
      const [[bytes] = []] = await this.#sql('SELECT coalesce(sum(bytes), 0) FROM cells')
      const format = parts(rowGroupRows(digest.rows, Number(bytes), this.#bounds.groupBytes), metadata(digest))
      if (small) await this.#sql(`COPY (FROM run ${ORDER}) TO ${quote(target)} ${format}`)
      else await this.#sort(target, format)
      return digest
    } finally {
      await this.#sql('DROP TABLE IF EXISTS cells; DROP TABLE IF EXISTS run')
      for (const file of this.#scratch) if (this.#limits.fs.stat(file) !== undefined) this.#limits.fs.unlink(file)
    }
  }

  async #count(table: string, where: string): Promise<void> {
    this.#digests.push(partialDigest((await this.#sql(digestSql(table, where)))[0]))
    await this.#sql(
      `INSERT INTO cells SELECT game_id, session_id, seq // ${CELL_SEQS}, sum(strlen(coalesce(raw_json, '')) + 300) FROM ${table} WHERE ${where} GROUP BY ALL`,
    )
  }

  #isLarge(run: readonly MergeInput[]): boolean {
    return run.some((input) => input.rows > this.#bounds.runRows || input.bytes > this.#bounds.runFileBytes)
  }

  async #load(run: readonly MergeInput[]): Promise<void> {
    const source = parquet(run.map((input) => input.path))
    await this.#sql(`CREATE OR REPLACE TEMP TABLE run AS SELECT ${ALL_COLUMNS} FROM ${source} WHERE ${this.#keep}`)
    await this.#count('run', 'true')
  }

  async #addRun(run: readonly MergeInput[]): Promise<void> {
    const [first] = run
    if (first !== undefined && run.length === 1) {
      // One file is a run as it is: reading it into memory would gain nothing, and it may be too large for that.
      await this.#count(parquet([first.path]), this.#keep)
      this.#runs.push(first.path)
      return
    }
    await this.#load(run)
    const file = this.#file('run', this.#runs.length)
    await this.#sql(`COPY (FROM run ${ORDER}) TO ${quote(file)} ${SCRATCH}`)
    this.#runs.push(file)
  }

  async #sort(target: string, format: string): Promise<void> {
    const cells = await this.#sql(
      'SELECT game_id, session_id, block, sum(bytes) FROM cells GROUP BY ALL ORDER BY game_id NULLS FIRST, session_id, block',
    )
    const buckets = planBuckets(cells.map(cell), this.#bounds.sortBytes)
    const source = parquet(this.#runs)
    const select = (bucket: Bucket): string =>
      `SELECT ${ALL_COLUMNS} FROM ${source} WHERE ${this.#keep} AND ${insideBucket(bucket)} ${ORDER}`
    const [only] = buckets
    if (buckets.length === 1 && only !== undefined) {
      await this.#sql(`COPY (${select(only)}) TO ${quote(target)} ${format}`)
      return
    }
    const sorted: string[] = []
    for (const [index, bucket] of buckets.entries()) {
      const file = this.#file('sorted', index)
      await this.#sql(`COPY (${select(bucket)}) TO ${quote(file)} ${SCRATCH}`)
      sorted.push(file)
    }
    // Insertion order is kept, so this is a copy and no sort.
    await this.#sql(`COPY (SELECT ${ALL_COLUMNS} FROM ${parquet(sorted)}) TO ${quote(target)} ${format}`)
  }

  #file(kind: string, index: number): string {
    const file = path.join(this.#limits.tempDir, `${kind}-${index}.scratch`)
    this.#scratch.push(file)
    return file
  }
}

function chunks(files: readonly string[]): string[][] {
  const size = 256
  return Array.from({ length: Math.ceil(files.length / size) }, (_, index) => files.slice(index * size, (index + 1) * size))
}

/** Spans in order, those that touch as one. */
function joined(spans: readonly SeqSpan[]): SeqSpan[] {
  const found: { sessionId: string; from: number; to: number }[] = []
  const ordered = spans.toSorted((a, b) => (a.sessionId === b.sessionId ? a.from - b.from : a.sessionId < b.sessionId ? -1 : 1))
  for (const span of ordered) {
    const last = found.at(-1)
    if (last !== undefined && last.sessionId === span.sessionId && span.from <= last.to + 1) last.to = Math.max(last.to, span.to)
    else found.push({ ...span })
  }
  return found
}

function cell([gameId, sessionId, block, bytes]: readonly unknown[]): Cell {
  return {
    gameId: gameId === null || gameId === undefined ? null : String(gameId),
    sessionId: String(sessionId),
    block: Number(block),
    bytes: Number(bytes),
  }
}

/** {@link PartMerger} by DuckDB: sorted by game, session and seq, zstd. */
export function duckdbMerger(limits: MergerLimits, signal?: AbortSignal): PartMerger {
  let opened: Promise<{ instance: DuckDBInstance; connection: DuckDBConnection }> | undefined
  const open = async (): Promise<DuckDBConnection> => {
    opened ??= (async () => {
      const instance = await DuckDBInstance.create(':memory:', {
        threads: String(limits.threads),
        memory_limit: limits.memoryLimit,
        temp_directory: limits.tempDir,
        ...returnedMemory(limits.bounds === undefined ? '64MB' : '1MB'),
        autoinstall_known_extensions: 'false',
        autoload_known_extensions: 'false',
      })
      const connection = await instance.connect()
      await connection.run('SET enable_external_file_cache = false')
      return { instance, connection }
    })()
    return (await opened).connection
  }
  const interrupt = (): void => void opened?.then(({ connection }) => connection.interrupt()).catch(() => undefined)
  signal?.addEventListener('abort', interrupt)
  const sql: RunSql = async (text) => {
    signal?.throwIfAborted()
    const connection = await open()
    try {
      return (await connection.runAndReadAll(text)).getRowsJson()
    } catch (error) {
      signal?.throwIfAborted()
      throw error
    }
  }
  return {
    name: 'duckdb-merge',
    async merge(inputs, target, metadata, filter): Promise<RowDigest> {
      limits.fs.mkdir(limits.tempDir)
      return new StreamedMerge(sql, limits, filter).write(inputs, target, metadata)
    },
    async digest(files, filter): Promise<RowDigest> {
      const pieces: PartialDigest[] = []
      for (const some of chunks(files)) pieces.push(partialDigest((await sql(digestSql(parquet(some), condition(filter))))[0]))
      return sumDigests(pieces)
    },
    async droppedSpans(files, filter) {
      const drop = filter === undefined ? 'true' : `NOT ${condition(filter)}`
      const spans: SeqSpan[] = []
      for (const some of chunks(files)) {
        const found = await sql(
          `SELECT session_id, min(seq), max(seq) FROM (SELECT session_id, seq, seq - row_number() OVER (PARTITION BY session_id ORDER BY seq) AS island FROM ${parquet(some)} WHERE packet IS NOT NULL AND ${drop}) GROUP BY session_id, island`,
        )
        for (const [sessionId, from, to] of found)
          spans.push({ sessionId: String(sessionId), from: Number(from), to: Number(to) })
      }
      return joined(spans)
    },
    async close(): Promise<void> {
      signal?.removeEventListener('abort', interrupt)
      const current = opened
      opened = undefined
      try {
        const { connection, instance } = (await current) ?? {}
        connection?.closeSync()
        instance?.closeSync()
      } catch {
        // It never opened.
      }
    },
  }
}
