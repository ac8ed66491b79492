import { readFile } from 'node:fs/promises'
import parquet from '@dsnp/parquetjs'
import { DuckDBInstance } from '@duckdb/node-api'
import { parquetMetadata, parquetReadObjects } from 'hyparquet'
import { compressors } from 'hyparquet-compressors'
import { COLUMNS, type ColumnName } from '../../src/columns.ts'
import { COLUMN_NAMES } from '../../src/narrow-columns.ts'

/** A row as text: DECIMAL with its full scale, TIMESTAMP in microseconds, everything else as JavaScript prints it. */
export type TextRow = Record<ColumnName, string | null>

const SCALE = (column: ColumnName): number | undefined => {
  const match = /^DECIMAL\(\d+,(\d+)\)$/.exec(COLUMNS[column])
  return match === null ? undefined : Number(match[1])
}

/** Unscaled integer to decimal text with all places. */
export function unscaled(value: bigint, scale: number): string {
  const digits = (value < 0n ? -value : value).toString().padStart(scale + 1, '0')
  return `${value < 0n ? '-' : ''}${digits.slice(0, -scale)}.${digits.slice(-scale)}`
}

function signed(bytes: Uint8Array): bigint {
  let value = 0n
  for (const byte of bytes) value = (value << 8n) | BigInt(byte)
  return BigInt.asIntN(bytes.length * 8, value)
}

/** DuckDB: the reader everybody uses. */
export async function readWithDuckDb(file: string): Promise<TextRow[]> {
  const instance = await DuckDBInstance.create(':memory:')
  const connection = await instance.connect()
  try {
    const fields = COLUMN_NAMES.map((column) =>
      COLUMNS[column] === 'TIMESTAMP' ? `epoch_us(${column})::VARCHAR AS ${column}` : `${column}::VARCHAR AS ${column}`,
    )
    const reader = await connection.runAndReadAll(
      `SELECT ${fields.join(', ')} FROM read_parquet('${file}', hive_partitioning = false)`,
    )
    return reader.getRowObjects() as TextRow[]
  } finally {
    connection.closeSync()
    instance.closeSync()
  }
}

/** hyparquet: an independent reader in JavaScript. Its DECIMAL goes through a double, so it gets the raw bytes to convert here. */
export async function readWithHyparquet(file: string): Promise<TextRow[]> {
  const bytes = await readFile(file)
  const buffer = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength)
  const metadata = parquetMetadata(buffer)
  for (const element of metadata.schema) {
    if (element.converted_type === 'DECIMAL') {
      delete element.converted_type
      delete element.logical_type
    }
  }
  const rows = await parquetReadObjects({
    file: buffer,
    metadata,
    compressors,
    utf8: false,
    parsers: { timestampFromMicroseconds: (micros: bigint) => micros } as never,
  })
  return rows.map((row) =>
    Object.fromEntries(
      COLUMN_NAMES.map((column) => {
        const value: unknown = row[column]
        const scale = SCALE(column)
        if (value === null || value === undefined) return [column, null]
        if (scale === undefined) return [column, String(value)]
        return [column, unscaled(value instanceof Uint8Array ? signed(value) : BigInt(value as bigint), scale)]
      }),
    ),
  ) as TextRow[]
}

/** @dsnp/parquetjs: the portable reader. DECIMAL stored as INT64 comes as a double, so that is compared as one. */
export async function readWithParquetjs(file: string): Promise<TextRow[]> {
  const reader = await parquet.ParquetReader.openFile(file)
  try {
    // The library takes every DECIMAL of another writer for a fixed-length one; without a length it is an INT64.
    for (const field of Object.values(reader.getSchema().fields)) {
      if (field.originalType === 'DECIMAL' && (field.typeLength ?? null) === null) field.primitiveType = 'INT64'
    }
    const cursor = reader.getCursor()
    const rows: TextRow[] = []
    for (;;) {
      const row = (await cursor.next()) as Record<string, unknown> | null
      if (row === null) return rows
      rows.push(
        Object.fromEntries(
          COLUMN_NAMES.map((column) => {
            const value = row[column]
            const scale = SCALE(column)
            if (value === null || value === undefined) return [column, null]
            if (COLUMNS[column] === 'TIMESTAMP') return [column, String(value instanceof Date ? value.getTime() * 1000 : value)]
            if (scale === undefined) return [column, String(value)]
            return [column, Buffer.isBuffer(value) ? unscaled(signed(value), scale) : Number(value).toFixed(scale)]
          }),
        ) as TextRow,
      )
    }
  } finally {
    await reader.close()
  }
}

/** Footer of a file, as hyparquet sees it. */
export async function footer(file: string): Promise<ReturnType<typeof parquetMetadata>> {
  const bytes = await readFile(file)
  return parquetMetadata(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength))
}
