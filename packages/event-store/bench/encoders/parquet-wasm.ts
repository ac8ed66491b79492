import { writeFile } from 'node:fs/promises'
import { ReadableStream } from 'node:stream/web'
import {
  Bool,
  type Data,
  type DataType,
  Decimal,
  Field,
  Int32,
  Int64,
  makeData,
  RecordBatch,
  Schema,
  Struct,
  Table,
  TimestampMicrosecond,
  tableToIPC,
  Utf8,
} from 'apache-arrow'
import {
  Compression,
  transformParquetStream,
  type RecordBatch as WasmBatch,
  Table as WasmTable,
  WriterPropertiesBuilder,
} from 'parquet-wasm/node'
import { COLUMNS, type ColumnName } from '../../src/columns.ts'
import { duckdbEncoder } from '../../src/encoders/duckdb.ts'
import { COLUMN_NAMES } from '../../src/narrow-columns.ts'
import type { PartEncoder } from '../../src/part-encoder.ts'
import { type ColumnBatch, columnBatches, decimalOf, ROW_GROUP_ROWS, unscaled, type Value } from './column-batches.ts'

function arrowType(column: ColumnName): DataType {
  const decimal = decimalOf(column)
  if (decimal !== undefined) return new Decimal(decimal.scale, decimal.precision, 128)
  const type = COLUMNS[column]
  if (type === 'TIMESTAMP') return new TimestampMicrosecond()
  if (type === 'BIGINT') return new Int64()
  if (type === 'INTEGER') return new Int32()
  return type === 'BOOLEAN' ? new Bool() : new Utf8()
}

const FIELDS = COLUMN_NAMES.map((column) => new Field(column, arrowType(column), true))
const SCHEMA = new Schema(FIELDS)

function bits(values: readonly Value[], holds: (value: Value) => boolean): Uint8Array {
  const bytes = new Uint8Array(Math.ceil(values.length / 64) * 8)
  for (const [index, value] of values.entries()) {
    if (holds(value)) bytes[index >> 3] = (bytes[index >> 3] ?? 0) | (1 << (index & 7))
  }
  return bytes
}

function texts(values: readonly Value[]): { valueOffsets: Int32Array; data: Uint8Array } {
  const valueOffsets = new Int32Array(values.length + 1)
  const encoded = values.map((value) => (value === null ? undefined : Buffer.from(String(value), 'utf8')))
  for (const [index, bytes] of encoded.entries()) valueOffsets[index + 1] = (valueOffsets[index] ?? 0) + (bytes?.length ?? 0)
  return { valueOffsets, data: Buffer.concat(encoded.filter((bytes) => bytes !== undefined)) }
}

function integers(
  values: readonly Value[],
  toBigInt: (value: string | number | boolean) => bigint,
  words: 1 | 2,
): BigUint64Array {
  const data = new BigUint64Array(values.length * words)
  for (const [index, value] of values.entries()) {
    if (value === null) continue
    const bits128 = BigInt.asUintN(128, toBigInt(value))
    data[index * words] = BigInt.asUintN(64, bits128)
    if (words === 2) data[index * 2 + 1] = bits128 >> 64n
  }
  return data
}

function columnData(column: ColumnName, type: DataType, values: readonly Value[]): Data {
  const nullCount = values.reduce<number>((count, value) => count + (value === null ? 1 : 0), 0)
  const shared = { type, length: values.length, nullCount, nullBitmap: bits(values, (value) => value !== null) }
  const decimal = decimalOf(column)
  if (decimal !== undefined) {
    const data = integers(values, (value) => unscaled(String(value), decimal.scale), 2)
    return makeData({ ...shared, data: new Uint32Array(data.buffer) } as never) as Data
  }
  const sql = COLUMNS[column]
  if (sql === 'VARCHAR') return makeData({ ...shared, ...texts(values) } as never) as Data
  if (sql === 'BOOLEAN') return makeData({ ...shared, data: bits(values, (value) => value === true) } as never) as Data
  if (sql === 'INTEGER')
    return makeData({ ...shared, data: Int32Array.from(values, (value) => Number(value ?? 0)) } as never) as Data
  const data = integers(values, (value) => BigInt(Number(value)), 1)
  return makeData({ ...shared, data: new BigInt64Array(data.buffer) } as never) as Data
}

/**
 * One batch in WASM memory. It crosses with a row more than it has: Arrow's JavaScript leaves the values of a boolean column out
 * that is null throughout, and the other side refuses that.
 */
function wasmBatch({ count, columns }: ColumnBatch): WasmBatch {
  const children = FIELDS.map((field) => {
    const column = field.name as ColumnName
    return columnData(column, field.type, [...columns[column], COLUMNS[column] === 'BOOLEAN' ? false : null])
  })
  const batch = new RecordBatch(SCHEMA, makeData({ type: new Struct(FIELDS), length: count + 1, nullCount: 0, children }))
  const padded = WasmTable.fromIPCStream(tableToIPC(new Table(SCHEMA, [batch]), 'stream')).recordBatch(0)
  if (padded === undefined) throw new Error('the batch did not arrive')
  return padded.slice(0, count)
}

/** parquet-wasm over Arrow batches: what the store does not use, beside what it uses. It reads with DuckDB. */
export function parquetWasmEncoder(): PartEncoder {
  const { inspect, scan, close } = duckdbEncoder()
  return {
    name: 'parquet-wasm',
    async encode(source, parts) {
      for (const part of parts) {
        const properties = new WriterPropertiesBuilder()
          .setCompression(Compression.ZSTD)
          .setMaxRowGroupSize(ROW_GROUP_ROWS)
          .setKeyValueMetadata(new Map(Object.entries(part.metadata)))
          .build()
        const batches = columnBatches(source, part).map(wasmBatch)
        const written: ReadableStream<Uint8Array> = await transformParquetStream(ReadableStream.from(batches), properties)
        await writeFile(part.target, written)
      }
    },
    inspect,
    scan,
    close,
  }
}
