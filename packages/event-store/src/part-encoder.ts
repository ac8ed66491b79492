import type { DocType, Micros } from '@vectra/schemas'
import type { GameSpan } from './catalog.ts'
import type { SeqSpan } from './catalog-records.ts'
import type { ScannedRow } from './segment.ts'

/** One row of a part. */
export interface PartLine {
  readonly row: ScannedRow
  /** True for a narrow copy of a canonical row: `raw_json`, `packet`, `issues` and `payload_index` stay null. */
  readonly narrow: boolean
}

/** One part file to write: a selection of a segment's rows. */
export interface PartPlan {
  readonly docType: DocType
  readonly date: string
  /** In order of `seq`. */
  readonly lines: readonly PartLine[]
  readonly tsMin: Micros
  readonly tsMax: Micros
  /** Null when no row belongs to a game; absent when that is not known. */
  readonly games?: GameSpan | null
  /** Path relative to the data directory, with `/`. */
  readonly path: string
  /** Absolute path to write to: a name that no `*.parquet` glob matches. It may exist; then it is replaced. */
  readonly target: string
  /** Key-value metadata of the file. */
  readonly metadata: Readonly<Record<string, string>>
}

/** A sealed, checked segment. */
export interface EncodeSource {
  /** Absolute path of the segment file. */
  readonly path: string
  readonly bytes: Buffer
}

/** What a part file says of itself. */
export interface PartFooter {
  readonly rows: number
  readonly metadata: Readonly<Record<string, string>>
}

/** What a part's rows say when they are read again. */
export interface PartScan {
  readonly rows: number
  readonly sessionIds: readonly string[]
  /** Seqs of the rows that are no projections, as stretches without a hole; a seq that stands twice gives stretches that overlap. */
  readonly canonical: readonly SeqSpan[]
}

/**
 * Writes the parts of one segment. Implementations must give the same rows and the same column types; which bytes is theirs.
 *
 * `encode` need not make anything durable: the caller syncs, names and publishes the files.
 */
export interface PartEncoder {
  /** Goes into the catalog and the file's metadata. */
  readonly name: string
  /** `encode` itself makes sure that each file holds as many rows as its plan; otherwise the caller reads each file's footer again. */
  readonly countsRows?: boolean
  encode(source: EncodeSource, parts: readonly PartPlan[]): Promise<void>
  /** Reads a part's footer; rejects when the file is no readable Parquet file. */
  inspect(path: string): Promise<PartFooter>
  /** Reads a part's rows, as far as counting them takes. */
  scan(path: string): Promise<PartScan>
  close(): Promise<void>
}

/** The encoders that come with the store. */
export type EncoderName = 'duckdb' | 'parquetjs'
