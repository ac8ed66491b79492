import type { SeqSpan } from '../catalog-records.ts'

/** What a set of rows is, whatever files and order they stand in. */
export interface RowDigest {
  readonly rows: number
  /** Equal for equal rows in any order: `<algorithm>:<hex>`. */
  readonly contentHash: string
  readonly seqFirst: number
  readonly seqLast: number
  readonly tsMin: number
  readonly tsMax: number
}

/** Which rows of the inputs are kept: all, or those of some games. */
export interface RowFilter {
  readonly games: readonly string[]
}

/** A file to merge; rows and bytes (of the file) as the catalog has them decide how many are read at a time. */
export interface MergeInput {
  readonly path: string
  readonly rows: number
  readonly bytes: number
}

/** Reads and writes parts for compaction. `merge` need not make anything durable. */
export interface PartMerger {
  /** Goes into the catalog as the file's writer. */
  readonly name: string
  /**
   * Writes all rows of the inputs (or those the filter keeps) into one file, and says what it read of the inputs. Without a row it
   * writes no file. `metadata` is asked when the inputs were read.
   */
  merge(
    inputs: readonly MergeInput[],
    target: string,
    metadata: (inputs: RowDigest) => Readonly<Record<string, string>>,
    filter?: RowFilter,
  ): Promise<RowDigest>
  digest(files: readonly string[], filter?: RowFilter): Promise<RowDigest>
  /** Canonical seqs of the rows that the filter does not keep; all of them without one. */
  droppedSpans(files: readonly string[], filter?: RowFilter): Promise<readonly SeqSpan[]>
  close(): Promise<void>
}
