import { closeSync, openSync, writeSync } from 'node:fs'
import { zstdCompressSync } from 'node:zlib'
import { ByteWriter, ParquetWriter } from 'hyparquet-writer'
import { COLUMNS, type ColumnName } from '../../src/columns.ts'
import { duckdbEncoder } from '../../src/encoders/duckdb.ts'
import { COLUMN_NAMES } from '../../src/narrow-columns.ts'
import type { PartEncoder } from '../../src/part-encoder.ts'
import { columnBatches, decimalOf, ROW_GROUP_ROWS, unscaled, type Value } from './column-batches.ts'

type Schema = ConstructorParameters<typeof ParquetWriter>[0]['schema']

const PHYSICAL = {
  BIGINT: { type: 'INT64' },
  INTEGER: { type: 'INT32' },
  BOOLEAN: { type: 'BOOLEAN' },
  VARCHAR: { type: 'BYTE_ARRAY', converted_type: 'UTF8' },
  TIMESTAMP: { type: 'INT64', logical_type: { type: 'TIMESTAMP', isAdjustedToUTC: false, unit: 'MICROS' } },
} as const

function element(name: ColumnName): Schema[number] {
  const decimal = decimalOf(name)
  if (decimal === undefined) return { name, repetition_type: 'OPTIONAL', ...PHYSICAL[COLUMNS[name] as keyof typeof PHYSICAL] }
  const physical =
    decimal.precision <= 18 ? ({ type: 'INT64' } as const) : ({ type: 'FIXED_LEN_BYTE_ARRAY', type_length: 16 } as const)
  return { name, repetition_type: 'OPTIONAL', converted_type: 'DECIMAL', ...decimal, ...physical }
}

const SCHEMA: Schema = [{ name: 'root', num_children: COLUMN_NAMES.length }, ...COLUMN_NAMES.map(element)]

function convert(column: ColumnName, values: readonly Value[]): unknown[] {
  const decimal = decimalOf(column)
  if (decimal !== undefined) return values.map((value) => (value === null ? null : unscaled(String(value), decimal.scale)))
  const type = COLUMNS[column]
  if (type === 'BIGINT' || type === 'TIMESTAMP') return values.map((value) => (value === null ? null : BigInt(Number(value))))
  return [...values]
}

/** hyparquet-writer with Node's own zstd: what the store does not use, beside what it uses. It reads with DuckDB. */
export function hyparquetWriterEncoder(): PartEncoder {
  const { inspect, scan, close } = duckdbEncoder()
  return {
    name: 'hyparquet-writer',
    async encode(source, parts) {
      for (const part of parts) {
        const bytes = new ByteWriter()
        const writer = new ParquetWriter({
          writer: bytes,
          schema: SCHEMA,
          codec: 'ZSTD',
          compressors: { ZSTD: (input: Uint8Array) => zstdCompressSync(input) },
          kvMetadata: Object.entries(part.metadata).map(([key, value]) => ({ key, value })),
          createdBy: 'vectra bench',
        })
        for (const batch of columnBatches(source, part)) {
          const columnData = COLUMN_NAMES.map((name) => ({ name, data: convert(name, batch.columns[name]) }))
          writer.write({ columnData, rowGroupSize: ROW_GROUP_ROWS })
        }
        writer.finish()
        const fd = openSync(part.target, 'w')
        writeSync(fd, bytes.getBytes())
        closeSync(fd)
      }
    },
    inspect,
    scan,
    close,
  }
}
