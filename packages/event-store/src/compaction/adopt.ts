import path from 'node:path'
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api'
import type { EventSource } from '@vectra/schemas'
import type { FileMeta } from '../catalog.ts'
import type { NewFile, NewGap, SeqSpan, SessionRecord } from '../catalog-records.ts'
import { SCHEMA_VERSION } from '../columns.ts'
import { fileDigest } from '../integrity/digest.ts'
import { parseMergedPath } from '../paths.ts'
import { duckdbMerger } from './duckdb-merger.ts'
import type { ReplaceDeps } from './replace.ts'

/** A merged part of which neither catalog nor receipt know, with everything that its rows tell. */
export interface FoundMerge {
  readonly file: NewFile
  readonly sessions: readonly SessionRecord[]
  /** Canonical rows, as stretches without a hole. */
  readonly canonical: readonly SeqSpan[]
  readonly gaps: readonly (NewGap & { readonly sessionId: string })[]
  /** Live files all of whose rows stand in it, column for column. */
  readonly covers: readonly string[]
}

/** What {@link adoptMerged} did. */
export interface AdoptReport {
  readonly adopted: number
  readonly failures: readonly { readonly path: string; readonly message: string }[]
}

type AdoptDeps = Pick<ReplaceDeps, 'env' | 'paths' | 'catalog'>

const quote = (text: string): string => `'${text.replaceAll("'", "''")}'`
const source = (file: string): string => `read_parquet(${quote(file)}, hive_partitioning = false)`

/** Reads what a merged part says, and compares it with the live files of its partition. */
class MergedPart {
  readonly #connection: DuckDBConnection
  readonly #rows: string

  constructor(connection: DuckDBConnection, file: string) {
    this.#connection = connection
    this.#rows = source(file)
  }

  async #ask(sql: string): Promise<readonly (readonly unknown[])[]> {
    return (await this.#connection.runAndReadAll(sql)).getRowsJson()
  }

  /** The content hash that was proven when it was written. */
  async proven(file: string): Promise<string | undefined> {
    const found = await this.#ask(
      `SELECT decode(value) FROM parquet_kv_metadata(${quote(file)}) WHERE decode(key) = 'vectra.content_hash'`,
    )
    return found[0] === undefined ? undefined : String(found[0][0])
  }

  async sessions(): Promise<SessionRecord[]> {
    const found = await this.#ask(
      `SELECT session_id, any_value(source ORDER BY seq), any_value(origin ORDER BY seq) FILTER (origin NOT LIKE 'derived:%') FROM ${this.#rows} GROUP BY 1 ORDER BY 1`,
    )
    return found.map(([sessionId, from, origin]) => ({
      sessionId: String(sessionId),
      source: from as EventSource | null,
      origin: origin === null ? null : String(origin),
      meta: null,
    }))
  }

  async canonical(): Promise<SeqSpan[]> {
    const found = await this.#ask(
      `SELECT session_id, min(seq), max(seq) FROM (SELECT session_id, seq, seq - row_number() OVER (PARTITION BY session_id ORDER BY seq) AS island FROM ${this.#rows} WHERE packet IS NOT NULL) GROUP BY session_id, island ORDER BY 1, 2`,
    )
    return found.map(([sessionId, from, to]) => ({ sessionId: String(sessionId), from: Number(from), to: Number(to) }))
  }

  async gaps(): Promise<FoundMerge['gaps']> {
    const found = await this.#ask(
      `SELECT session_id, seq, epoch_us(ts), raw_json FROM ${this.#rows} WHERE event_name = 'gap' AND packet IS NOT NULL ORDER BY 1, 2`,
    )
    return found.map(([sessionId, seq, ts, detail]) => ({
      sessionId: String(sessionId),
      seq: Number(seq),
      ts: Number(ts),
      detail: String(detail),
    }))
  }

  /** How many of another file's rows it holds as well, in every column. */
  async shared(other: FileMeta): Promise<number> {
    const found = await this.#ask(
      `SELECT count(*) FROM (SELECT * FROM ${source(other.absolutePath)} INTERSECT SELECT * FROM ${this.#rows})`,
    )
    return Number(found[0]?.[0] ?? 0)
  }
}

async function lookAt(deps: AdoptDeps, connection: DuckDBConnection, relative: string): Promise<FoundMerge | string> {
  const { env, paths, catalog } = deps
  const key = parseMergedPath(relative)
  if (key === undefined) return 'its name is no merged part’s'
  const absolute = path.join(paths.root, ...relative.split('/'))
  const merger = duckdbMerger({ fs: env.fs, memoryLimit: '512MB', threads: 1, tempDir: path.join(paths.root, 'maintenance.tmp') })
  try {
    const part = new MergedPart(connection, absolute)
    const { rows, contentHash, seqFirst, seqLast, tsMin, tsMax } = await merger.digest([absolute])
    if ((await part.proven(absolute)) !== contentHash) return 'its rows are not those that were proven when it was written'
    const covers: string[] = []
    for (const other of catalog.liveFiles(paths.root)) {
      if (other.docType !== key.docType || other.date !== key.date) continue
      const same = await part.shared(other)
      if (same === other.rows) covers.push(other.path)
      else if (same === rows) return `all its rows stand in ${other.path}`
      else if (same > 0) return `it shares ${same} rows with ${other.path}, and neither holds the other`
    }
    const { bytes, sha256 } = fileDigest(env.fs, absolute)
    const file: NewFile = {
      path: relative,
      docType: key.docType,
      date: key.date,
      sessionId: null,
      segment: null,
      rows,
      bytes,
      sha256,
      seqFirst,
      seqLast,
      tsMin,
      tsMax,
      schemaVersion: SCHEMA_VERSION,
      writer: merger.name,
    }
    return { file, covers, sessions: await part.sessions(), canonical: await part.canonical(), gaps: await part.gaps() }
  } finally {
    await merger.close()
  }
}

/**
 * Lists merged parts whose catalog entry and receipt were both lost, from their rows alone: no row that is on the disk stays unseen.
 *
 * The rows must be those that were proven when the part was written. Files that a cut-off removal of its inputs left behind are retired
 * when every one of their rows stands in it, so that none counts twice. The caller holds the maintenance lock.
 */
export async function adoptMerged(deps: AdoptDeps, candidates: readonly string[]): Promise<AdoptReport> {
  const failures: { path: string; message: string }[] = []
  let adopted = 0
  if (candidates.length === 0) return { adopted, failures }
  const instance = await DuckDBInstance.create(':memory:', {
    threads: '1',
    memory_limit: '512MB',
    autoinstall_known_extensions: 'false',
    autoload_known_extensions: 'false',
  })
  const connection = await instance.connect()
  try {
    // The newest merge holds what the ones before it held.
    const size = (relative: string): number => deps.env.fs.stat(path.join(deps.paths.root, ...relative.split('/')))?.size ?? 0
    for (const candidate of candidates.toSorted((a, b) => size(b) - size(a))) {
      try {
        const found = await lookAt(deps, connection, candidate)
        if (typeof found === 'string') failures.push({ path: candidate, message: `a merged part without its receipt: ${found}` })
        else {
          deps.catalog.adoptMerged(found, parseMergedPath(candidate)?.id ?? '', deps.env.clock.now())
          adopted++
        }
      } catch (error) {
        failures.push({ path: candidate, message: error instanceof Error ? error.message : String(error) })
      }
    }
  } finally {
    connection.closeSync()
    instance.closeSync()
  }
  return { adopted, failures }
}
