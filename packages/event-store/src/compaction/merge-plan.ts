import type { MergeInput } from './merger.ts'

/** How much is held at once. */
export interface MergeBounds {
  /** Raw bytes of the rows that one sort may hold. */
  readonly sortBytes: number
  /** Rows and file bytes that are read into one run. */
  readonly runRows: number
  readonly runFileBytes: number
  /** Files that one statement opens: DuckDB holds a reader for each until the statement ends (about 100 kB, outside its limit),
   * and the sort one for each run. A day of 17,000 parts is 133 runs. */
  readonly runFiles: number
  /** Raw bytes of the rows that one row group may hold: its writer keeps them, and their pages. */
  readonly groupBytes: number
}

/** As the flush writes them: small row groups make "one game with payload" 2.5 to 3 times faster. */
const ROW_GROUP_ROWS = 10_240
/** DuckDB's vector: it writes no smaller row group. */
const VECTOR_ROWS = 2_048

/** Rows of a row group, so that wide rows take no more memory than narrow ones. */
export function rowGroupRows(rows: number, bytes: number, groupBytes: number): number {
  const fitting = Math.floor((groupBytes * rows) / Math.max(bytes, 1) / VECTOR_ROWS) * VECTOR_ROWS
  return Math.min(ROW_GROUP_ROWS, Math.max(VECTOR_ROWS, fitting))
}

const UNITS: Readonly<Record<string, number>> = {
  kb: 1e3,
  mb: 1e6,
  gb: 1e9,
  tb: 1e12,
  kib: 2 ** 10,
  mib: 2 ** 20,
  gib: 2 ** 30,
  tib: 2 ** 40,
}

/**
 * Bounds for a DuckDB memory limit such as `512MB`. A sort of wide rows needs several times their size and does not spill (it ends
 * with "failed to pin block" when the rows are about as large as the limit), so that a sort gets an eighth of the limit.
 */
export function mergeBounds(memoryLimit: string): MergeBounds {
  const [, amount = '512', unit = 'mb'] = /^\s*([\d.]+)\s*([kmgt]i?b)\s*$/i.exec(memoryLimit) ?? []
  const bytes = Number(amount) * (UNITS[unit.toLowerCase()] ?? 1e6)
  const sortBytes = Math.max(4e6, Math.floor(bytes / 8))
  // Frames are 1 to 4 kB, and 10 to 30 of them take one's room in a part.
  return {
    sortBytes,
    runRows: Math.ceil(sortBytes / 3_000),
    runFileBytes: Math.ceil(sortBytes / 8),
    runFiles: 128,
    groupBytes: Math.max(16e6, sortBytes),
  }
}

/** Inputs in groups that fit the bounds, in their order; a file that is too large by itself stands alone. */
export function planRuns(inputs: readonly MergeInput[], bounds: MergeBounds): MergeInput[][] {
  const runs: MergeInput[][] = []
  let run: MergeInput[] = []
  let rows = 0
  let bytes = 0
  for (const input of inputs) {
    const full = run.length >= bounds.runFiles || rows + input.rows > bounds.runRows || bytes + input.bytes > bounds.runFileBytes
    if (full && run.length > 0) {
      runs.push(run)
      run = []
      rows = 0
      bytes = 0
    }
    run.push(input)
    rows += input.rows
    bytes += input.bytes
  }
  if (run.length > 0) runs.push(run)
  return runs
}

/** Rows of one game and session, and of 1,024 seqs: what buckets are made of. */
export interface Cell {
  readonly gameId: string | null
  readonly sessionId: string
  /** Seq divided by {@link CELL_SEQS}, rounded down. */
  readonly block: number
  readonly bytes: number
}

/** Seqs of one cell. */
export const CELL_SEQS = 1_024

/** A stretch of the sort order, both ends included. */
export interface Bucket {
  readonly first: Cell
  readonly last: Cell
}

/** Cuts cells, which come in sort order, into stretches of at most so many raw bytes; rows without a game stand apart. */
export function planBuckets(cells: Iterable<Cell>, sortBytes: number): Bucket[] {
  const buckets: { first: Cell; last: Cell; bytes: number }[] = []
  for (const cell of cells) {
    const open = buckets.at(-1)
    const joins =
      open !== undefined && (open.first.gameId === null) === (cell.gameId === null) && open.bytes + cell.bytes <= sortBytes
    if (joins) {
      open.last = cell
      open.bytes += cell.bytes
    } else buckets.push({ first: cell, last: cell, bytes: cell.bytes })
  }
  return buckets
}
