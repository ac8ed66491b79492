import type { Data, DataType, Table } from 'apache-arrow'
import type { Decimal } from 'decimal.js'
import type { Column } from './duckdb.ts'
import { encodeCell } from './encode.ts'
import type { SqlResult } from './sandbox.ts'

type Arrow = typeof import('apache-arrow')

/** A result as an Arrow table, and whether it is all of it. */
export interface ArrowResult extends Pick<SqlResult, 'truncated' | 'truncatedBy'> {
  readonly table: Table
}

const INTEGERS = {
  TINYINT: ['Int8', Int8Array],
  SMALLINT: ['Int16', Int16Array],
  INTEGER: ['Int32', Int32Array],
  UTINYINT: ['Uint8', Uint8Array],
  USMALLINT: ['Uint16', Uint16Array],
  UINTEGER: ['Uint32', Uint32Array],
  FLOAT: ['Float32', Float32Array],
  DOUBLE: ['Float64', Float64Array],
} as const
const BIG = { BIGINT: ['Int64', BigInt64Array], UBIGINT: ['Uint64', BigUint64Array] } as const

const DAY_MS = 86_400_000
const WORDS = 4

/** 128-bit two's complement in 32-bit words, lowest first: how Arrow holds a decimal. */
function words(unscaled: bigint, into: Uint32Array, row: number): void {
  let rest = BigInt.asUintN(128, unscaled)
  for (let word = 0; word < WORDS; word++) {
    into[row * WORDS + word] = Number(rest & 0xffff_ffffn)
    rest >>= 32n
  }
}

function unscaled(value: unknown, scale: number): bigint {
  if (typeof value === 'bigint') return value
  // By text: arithmetic rounds to the 20 digits of decimal.js.
  return BigInt((value as Decimal).toFixed(scale).replace('.', ''))
}

interface Cells {
  readonly values: readonly unknown[]
  readonly nullCount: number
  readonly nullBitmap: Uint8Array
}

function cellsOf(values: readonly unknown[]): Cells {
  const nullBitmap = new Uint8Array(Math.ceil(values.length / 8))
  let nullCount = 0
  for (const [at, value] of values.entries()) {
    if (value === null || value === undefined) nullCount++
    else nullBitmap[at >> 3] = (nullBitmap[at >> 3] ?? 0) | (1 << (at & 7))
  }
  return { values, nullCount, nullBitmap }
}

function fixed<T extends { [index: number]: V }, V>({ values }: Cells, data: T, read: (value: unknown) => V): T {
  for (const [at, value] of values.entries()) if (value !== null && value !== undefined) data[at] = read(value)
  return data
}

/** Offsets and bytes of values of any length. */
function variable({ values }: Cells, bytes: (value: unknown) => Uint8Array): { valueOffsets: Int32Array; data: Uint8Array } {
  const pieces = values.map((value) => (value === null || value === undefined ? new Uint8Array() : bytes(value)))
  const valueOffsets = new Int32Array(values.length + 1)
  for (const [at, piece] of pieces.entries()) valueOffsets[at + 1] = (valueOffsets[at] ?? 0) + piece.byteLength
  const data = new Uint8Array(valueOffsets.at(-1) ?? 0)
  for (const [at, piece] of pieces.entries()) data.set(piece, valueOffsets[at])
  return { valueOffsets, data }
}

const encoder = new TextEncoder()

/** What has no Arrow type here is text, structs and maps as JSON. */
function textOf(value: unknown, type: string): Uint8Array {
  if (typeof value === 'string') return encoder.encode(value)
  const encoded = encodeCell(value, type)
  return encoder.encode(typeof encoded === 'string' ? encoded : JSON.stringify(encoded))
}

function decimalData(arrow: Arrow, cells: Cells, precision: number, scale: number): Data {
  const data = new Uint32Array(cells.values.length * WORDS)
  for (const [row, value] of cells.values.entries())
    if (value !== null && value !== undefined) words(unscaled(value, scale), data, row)
  const type = new arrow.Decimal(scale, precision, 128)
  return arrow.makeData({ type, length: cells.values.length, nullCount: cells.nullCount, nullBitmap: cells.nullBitmap, data })
}

function listData(arrow: Arrow, cells: Cells, element: string): Data {
  const valueOffsets = new Int32Array(cells.values.length + 1)
  const items: unknown[] = []
  for (const [at, value] of cells.values.entries()) {
    if (Array.isArray(value)) for (const item of value) items.push(item)
    valueOffsets[at + 1] = items.length
  }
  const child = dataOf(arrow, items, element)
  const type = new arrow.List(new arrow.Field('item', child.type as DataType, true))
  const { nullCount, nullBitmap } = cells
  return arrow.makeData({ type, length: cells.values.length, nullCount, nullBitmap, valueOffsets, child })
}

/** One column's values in Arrow's layout. @param type SQL type, as the result says */
function dataOf(arrow: Arrow, values: readonly unknown[], type: string): Data {
  const cells = cellsOf(values)
  const length = values.length
  const common = { length, nullCount: cells.nullCount, nullBitmap: cells.nullBitmap }
  if (type.endsWith('[]')) return listData(arrow, cells, type.slice(0, -2))
  const decimal = /^DECIMAL\((\d+),(\d+)\)$/.exec(type)
  if (decimal) return decimalData(arrow, cells, Number(decimal[1]), Number(decimal[2]))
  // A HUGEINT has at most 39 digits; one that does not fit the 38 of a decimal stays text.
  if (type === 'HUGEINT' && values.every((value) => value === null || String(value).replace('-', '').length <= 38))
    return decimalData(arrow, cells, 38, 0)
  if (type in INTEGERS) {
    const [name, Values] = INTEGERS[type as keyof typeof INTEGERS]
    return arrow.makeData({ type: new arrow[name](), ...common, data: fixed(cells, new Values(length), Number) } as never)
  }
  if (type in BIG) {
    const [name, Values] = BIG[type as keyof typeof BIG]
    const data = fixed(cells, new Values(length), (value) => BigInt(value as bigint))
    return arrow.makeData({ type: new arrow[name](), ...common, data } as never)
  }
  // Infinite timestamps have no place in Arrow.
  if ((type === 'TIMESTAMP' || type === 'TIMESTAMP WITH TIME ZONE') && values.every((value) => !isInfinite(value))) {
    const unit = type === 'TIMESTAMP' ? new arrow.TimestampMicrosecond() : new arrow.TimestampMicrosecond('UTC')
    const data = fixed(cells, new BigInt64Array(length), (value) => BigInt(value as number))
    return arrow.makeData({ type: unit, ...common, data } as never)
  }
  if (type === 'DATE' && values.every((value) => value === null || /^\d{4}-\d\d-\d\d$/.test(String(value)))) {
    const data = fixed(cells, new Int32Array(length), (value) => Date.parse(String(value)) / DAY_MS)
    return arrow.makeData({ type: new arrow.DateDay(), ...common, data } as never)
  }
  if (type === 'BOOLEAN') {
    const data = new Uint8Array(Math.ceil(length / 8))
    for (const [at, value] of values.entries()) if (value === true) data[at >> 3] = (data[at >> 3] ?? 0) | (1 << (at & 7))
    return arrow.makeData({ type: new arrow.Bool(), ...common, data })
  }
  if (type === 'BLOB')
    return arrow.makeData({ type: new arrow.Binary(), ...common, ...variable(cells, (value) => value as Uint8Array) })
  return arrow.makeData({ type: new arrow.Utf8(), ...common, ...variable(cells, (value) => textOf(value, type)) })
}

const isInfinite = (value: unknown): boolean => typeof value === 'number' && !Number.isFinite(value)

/**
 * A result as an Arrow table: DECIMAL as Decimal128, exact; BIGINT as Int64, timestamps in microseconds, lists as lists. What Arrow's
 * JavaScript has no type for (UUID, TIME, INTERVAL, structs, maps) is text, and each field's metadata names its SQL type as `sql_type`.
 */
export async function toArrowTable({ columns, rows }: { columns: readonly Column[]; rows: SqlResult['rows'] }): Promise<Table> {
  const arrow = await import('apache-arrow')
  const fields = columns.map((column, index) => {
    const data = dataOf(
      arrow,
      rows.map((row) => row[index] ?? null),
      column.type,
    )
    return { field: new arrow.Field(column.name, data.type as DataType, true, new Map([['sql_type', column.type]])), data }
  })
  const schema = new arrow.Schema(fields.map(({ field }) => field))
  const children = fields.map(({ data }) => data)
  const batch = arrow.makeData({ type: new arrow.Struct(schema.fields), length: rows.length, nullCount: 0, children })
  return new arrow.Table(schema, new arrow.RecordBatch(schema, batch as never))
}
