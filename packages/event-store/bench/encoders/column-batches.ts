import { COLUMNS, type ColumnName } from '../../src/columns.ts'
import { decodeLine } from '../../src/line.ts'
import { CANONICAL_ONLY, COLUMN_NAMES } from '../../src/narrow-columns.ts'
import type { EncodeSource, PartPlan } from '../../src/part-encoder.ts'
import type { JournalRow } from '../../src/row-codec.ts'

/** Rows of one row group, as in the store's own encoders. */
export const ROW_GROUP_ROWS = 10_240

/** A value as the journal has it: money as text, time as microseconds. */
export type Value = string | number | boolean | null

/** Some rows of a part, by column. */
export interface ColumnBatch {
  readonly count: number
  readonly columns: Readonly<Record<ColumnName, Value[]>>
}

/** Rows of a part in column form, a row group at a time: what a column writer is fed with. */
export function* columnBatches(source: EncodeSource, part: PartPlan): Generator<ColumnBatch> {
  for (let from = 0; from < part.lines.length; from += ROW_GROUP_ROWS) {
    const lines = part.lines.slice(from, from + ROW_GROUP_ROWS)
    const columns = Object.fromEntries(
      COLUMN_NAMES.map((column) => [column, new Array<Value>(lines.length).fill(null)]),
    ) as Record<ColumnName, Value[]>
    for (const [index, { row: place, narrow }] of lines.entries()) {
      const row = decodeLine(source.bytes.subarray(place.start, place.end)) as JournalRow | undefined
      if (row === undefined) throw new Error(`line at byte ${place.start} of ${source.path} is damaged`)
      for (const column of COLUMN_NAMES) {
        const value = row[column]
        if (value !== undefined && !(narrow && CANONICAL_ONLY.has(column))) columns[column][index] = value
      }
    }
    yield { count: lines.length, columns }
  }
}

/** Precision and scale of a money column; undefined for any other. */
export function decimalOf(column: ColumnName): { readonly precision: number; readonly scale: number } | undefined {
  const match = /^DECIMAL\((\d+),(\d+)\)$/.exec(COLUMNS[column])
  return match === null ? undefined : { precision: Number(match[1]), scale: Number(match[2]) }
}

/** Plain decimal text as an integer of the column's smallest unit. */
export function unscaled(text: string, scale: number): bigint {
  const [whole = '0', fraction = ''] = text.replace('-', '').split('.')
  const magnitude = BigInt(whole + fraction.padEnd(scale, '0'))
  return text.startsWith('-') ? -magnitude : magnitude
}
