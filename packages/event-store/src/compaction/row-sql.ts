import { COLUMNS } from '../columns.ts'
import { COLUMN_NAMES } from '../narrow-columns.ts'
import type { RowDigest, RowFilter } from './merger.ts'

/** MD5 of each row's text, as two sums of 64 bits: any order, any files, any program that knows MD5. */
const ALGORITHM = 'md5sum1'

/** The columns of a part, in order, for a SELECT. */
export const ALL_COLUMNS = COLUMN_NAMES.join(', ')

/** A text as a SQL literal. */
export function quote(text: string): string {
  return `'${text.replaceAll("'", "''")}'`
}

/** Part files as a table. */
export function parquet(files: readonly string[]): string {
  return `read_parquet([${files.map(quote).join(', ')}], hive_partitioning = false)`
}

/** The filter as a condition that is never NULL. */
export function condition(filter: RowFilter | undefined): string {
  if (filter === undefined) return 'true'
  return filter.games.length === 0 ? 'false' : `coalesce(game_id IN (${filter.games.map(quote).join(', ')}), false)`
}

/**
 * One column as text that tells NULL from empty and cannot run into the next column: its length stands before it.
 *
 * In two pieces, put together once for the whole row: each `||` would hold another copy of every frame of a vector.
 */
function columnText(column: (typeof COLUMN_NAMES)[number]): readonly string[] {
  const text = COLUMNS[column] === 'TIMESTAMP' ? `epoch_us(${column})::VARCHAR` : `${column}::VARCHAR`
  return [`coalesce(strlen(${text}) || ':', '~')`, `coalesce(${text}, '')`]
}

const ROW_TEXT = `concat(${COLUMN_NAMES.flatMap(columnText).join(', ')})`

/** A {@link PartialDigest} of the rows of a table that satisfy the condition. */
export function digestSql(table: string, where: string): string {
  return `SELECT count(*), coalesce(sum((h >> 64)::HUGEINT), 0)::VARCHAR, coalesce(sum((h & 18446744073709551615::UHUGEINT)::HUGEINT), 0)::VARCHAR, coalesce(min(seq), 0), coalesce(max(seq), 0), coalesce(epoch_us(min(ts)), 0), coalesce(epoch_us(max(ts)), 0)
    FROM (SELECT seq, ts, md5_number(${ROW_TEXT}) AS h FROM ${table} WHERE ${where})`
}

/** A digest under way: sums, so that digests of pieces add up to that of the whole. */
export interface PartialDigest extends Omit<RowDigest, 'contentHash'> {
  readonly high: bigint
  readonly low: bigint
}

/** Reads the one row of {@link digestSql}. */
export function partialDigest(row: readonly unknown[] = []): PartialDigest {
  const [rows, high, low, seqFirst, seqLast, tsMin, tsMax] = row
  return {
    rows: Number(rows),
    high: BigInt(String(high)),
    low: BigInt(String(low)),
    seqFirst: Number(seqFirst),
    seqLast: Number(seqLast),
    tsMin: Number(tsMin),
    tsMax: Number(tsMax),
  }
}

/** The digest of all pieces together, in whatever order. */
export function sumDigests(pieces: readonly PartialDigest[]): RowDigest {
  const filled = pieces.filter((piece) => piece.rows > 0)
  const [first] = filled
  const hex = (value: bigint): string => value.toString(16).padStart(32, '0')
  const total = (of: (piece: PartialDigest) => bigint): bigint => filled.reduce((sum, piece) => sum + of(piece), 0n)
  const extreme = (pick: (a: number, b: number) => number, of: (piece: PartialDigest) => number): number =>
    first === undefined ? 0 : filled.reduce((found, piece) => pick(found, of(piece)), of(first))
  return {
    rows: filled.reduce((sum, piece) => sum + piece.rows, 0),
    contentHash: `${ALGORITHM}:${hex(total((piece) => piece.high))}${hex(total((piece) => piece.low))}`,
    seqFirst: extreme(Math.min, (piece) => piece.seqFirst),
    seqLast: extreme(Math.max, (piece) => piece.seqLast),
    tsMin: extreme(Math.min, (piece) => piece.tsMin),
    tsMax: extreme(Math.max, (piece) => piece.tsMax),
  }
}
