import { zstdCompressSync, zstdDecompressSync } from 'node:zlib'
import parquet from '@dsnp/parquetjs'
import compression from '@dsnp/parquetjs/dist/lib/compression.js'
import { COLUMNS, type ColumnName } from '../columns.ts'
import type { FsPort } from '../fs-port.ts'
import { decodeLine } from '../line.ts'
import { CANONICAL_ONLY, COLUMN_NAMES } from '../narrow-columns.ts'
import type { EncodeSource, PartEncoder, PartFooter, PartPlan, PartScan } from '../part-encoder.ts'
import type { JournalRow } from '../row-codec.ts'
import { spansOf } from '../seq-spans.ts'

const { ParquetReader, ParquetSchema, ParquetWriter } = parquet
type Definition = ConstructorParameters<typeof ParquetSchema>[0]
type Field = Definition[string]

/**
 * The library's table of codecs, which it looks up by the format's own names. It has no zstd; Node has. With it the library
 * reads the default encoder's files and writes files a third smaller than with gzip.
 */
const CODECS = compression.PARQUET_COMPRESSION_METHODS as Record<string, unknown>
CODECS['ZSTD'] ??= { deflate: (bytes: Buffer) => zstdCompressSync(bytes), inflate: (bytes: Buffer) => zstdDecompressSync(bytes) }
const CODEC = 'ZSTD' as 'GZIP'

const ROW_GROUP_ROWS = 10_240
/** A DECIMAL as this library can write it right: fixed length, big-endian, made by us. */
const DECIMAL_BYTES = 16

/**
 * How each column is declared, around the library's verified faults:
 * - DECIMAL as number is floored (0.29 becomes 0.28) and as text is garbage: 16-byte buffers made by us.
 * - DECIMAL statistics compare bytes unsigned, so -5 is above 3: none.
 * - Statistics of long text are never cut and stand three times in the file: none for `raw_json` and its like.
 */
function field(column: ColumnName): Field {
  const type = COLUMNS[column]
  const decimal = /^DECIMAL\((\d+),(\d+)\)$/.exec(type)
  if (decimal !== null) {
    return {
      type: 'DECIMAL',
      precision: Number(decimal[1]),
      scale: Number(decimal[2]),
      typeLength: DECIMAL_BYTES,
      optional: true,
      compression: CODEC,
      statistics: false,
    }
  }
  const names = { TIMESTAMP: 'TIMESTAMP_MICROS', BIGINT: 'INT64', INTEGER: 'INT32', BOOLEAN: 'BOOLEAN', VARCHAR: 'UTF8' } as const
  const known = names[type as keyof typeof names]
  const ordered = type === 'TIMESTAMP' || type === 'BIGINT' || type === 'INTEGER'
  return { type: known, optional: true, compression: CODEC, ...(ordered ? {} : { statistics: false }) }
}

/** Unscaled value of plain decimal text as 16 bytes, big-endian two's complement. */
export function decimalBytes(text: string, scale: number): Buffer {
  const [whole = '0', fraction = ''] = text.replace('-', '').split('.')
  const magnitude = BigInt(whole + fraction.padEnd(scale, '0'))
  const value = BigInt.asUintN(128, text.startsWith('-') ? -magnitude : magnitude)
  const bytes = Buffer.alloc(DECIMAL_BYTES)
  bytes.writeBigUInt64BE(value >> 64n, 0)
  bytes.writeBigUInt64BE(value & 0xffff_ffff_ffff_ffffn, 8)
  return bytes
}

const CONVERT: Readonly<Record<ColumnName, (value: string | number | boolean) => unknown>> = Object.fromEntries(
  COLUMN_NAMES.map((column) => {
    const type = COLUMNS[column]
    const decimal = /^DECIMAL\(\d+,(\d+)\)$/.exec(type)
    if (decimal !== null) return [column, (value: string | number | boolean) => decimalBytes(String(value), Number(decimal[1]))]
    if (type === 'TIMESTAMP' || type === 'BIGINT') return [column, (value: string | number | boolean) => BigInt(Number(value))]
    return [column, (value: string | number | boolean) => value]
  }),
) as Record<ColumnName, (value: string | number | boolean) => unknown>

/** Reverse of {@link decimalBytes}, for any length: unscaled big-endian bytes, or an integer, with all places. */
function decimalText(value: Uint8Array | bigint, scale: number): string {
  const unscaled =
    typeof value === 'bigint'
      ? value
      : BigInt.asIntN(
          value.length * 8,
          value.reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n),
        )
  const digits = (unscaled < 0n ? -unscaled : unscaled).toString().padStart(scale + 1, '0')
  return `${unscaled < 0n ? '-' : ''}${digits.slice(0, -scale)}.${digits.slice(-scale)}`
}

const TEXTS = COLUMN_NAMES.map((column) => {
  const decimal = /^DECIMAL\(\d+,(\d+)\)$/.exec(COLUMNS[column])
  const text = (value: unknown): string =>
    decimal === null ? String(value) : decimalText(value as Uint8Array | bigint, Number(decimal[1]))
  return { column, text }
})

/** Every row of a part, in the order of the file, each value as text: DECIMAL with its full scale, times in microseconds. */
export async function* parquetjsTexts(path: string): AsyncGenerator<(string | null)[], void, undefined> {
  const reader = await ParquetReader.openFile(path)
  try {
    for (const stored of Object.values(reader.getSchema().fields)) {
      // The library takes every DECIMAL of another writer for a fixed-length one; without a length it is an INT64.
      if (stored.originalType === 'DECIMAL' && (stored.typeLength ?? null) === null) stored.primitiveType = 'INT64'
      // Its own conversions go through a double, and through milliseconds.
      if (stored.originalType === 'DECIMAL' || stored.originalType === 'TIMESTAMP_MICROS') delete stored.originalType
    }
    const cursor = reader.getCursor()
    for (;;) {
      const row = (await cursor.next()) as Record<string, unknown> | null
      if (row === null) return
      yield TEXTS.map(({ column, text }) => (row[column] === null || row[column] === undefined ? null : text(row[column])))
    }
  } finally {
    await reader.close()
  }
}

function toRecord(row: JournalRow, narrow: boolean): Record<string, unknown> {
  const record: Record<string, unknown> = {}
  for (const column of COLUMN_NAMES) {
    const value = row[column]
    if (value === undefined || (narrow && CANONICAL_ONLY.has(column))) continue
    record[column] = CONVERT[column](value)
  }
  return record
}

/**
 * The portable encoder: @dsnp/parquetjs, no native module, for machines that have no DuckDB build (musl, small boards).
 *
 * Slower than the default, with the same rows, types and compression.
 */
export function parquetjsEncoder(fs: FsPort): PartEncoder {
  return {
    name: 'parquetjs',
    async encode(source: EncodeSource, parts: readonly PartPlan[]): Promise<void> {
      for (const part of parts) {
        const schema = new ParquetSchema(Object.fromEntries(COLUMN_NAMES.map((column) => [column, field(column)])))
        // Collected and written by us: the library ignores a failing write of its header and index.
        const chunks: Uint8Array[] = []
        const stream = {
          write: (bytes: Uint8Array, done: () => void) => {
            chunks.push(bytes)
            done()
          },
          end: (done: () => void) => done(),
        }
        // One page per row group: the library's page index marks wrong pages as null, so there is none.
        const writer = await ParquetWriter.openStream(schema, stream as never, {
          rowGroupSize: ROW_GROUP_ROWS,
          pageSize: ROW_GROUP_ROWS,
          pageIndex: false,
        })
        for (const [key, value] of Object.entries(part.metadata)) writer.setMetadata(key, value)
        for (const line of part.lines) {
          const row = decodeLine(source.bytes.subarray(line.row.start, line.row.end)) as JournalRow | undefined
          if (row === undefined) throw new Error(`line at byte ${line.row.start} of ${source.path} is damaged`)
          // Every append is awaited: at a row group's edge the library writes rows twice otherwise.
          await writer.appendRow(toRecord(row, line.narrow))
        }
        await writer.close()
        const fd = fs.open(part.target, 'overwrite')
        try {
          fs.write(fd, chunks)
        } finally {
          fs.close(fd)
        }
      }
    },
    async inspect(path: string): Promise<PartFooter> {
      const reader = await ParquetReader.openFile(path)
      try {
        return { rows: Number(reader.getRowCount()), metadata: reader.getMetadata() as Record<string, string> }
      } finally {
        await reader.close()
      }
    },
    async scan(path: string): Promise<PartScan> {
      const reader = await ParquetReader.openFile(path)
      try {
        const cursor = reader.getCursor([['session_id'], ['seq'], ['packet']])
        const sessionIds = new Set<string>()
        const seqs = new Map<string, number[]>()
        let rows = 0
        for (;;) {
          const row = (await cursor.next()) as { session_id?: unknown; seq?: unknown; packet?: unknown } | null
          if (row === null) break
          rows++
          sessionIds.add(String(row.session_id))
          if (row.packet === undefined || row.packet === null) continue
          const list = seqs.get(String(row.session_id))
          if (list === undefined) seqs.set(String(row.session_id), [Number(row.seq)])
          else list.push(Number(row.seq))
        }
        return {
          rows,
          sessionIds: [...sessionIds],
          canonical: [...seqs].flatMap(([sessionId, list]) => spansOf(sessionId, list)),
        }
      } finally {
        await reader.close()
      }
    },
    async close(): Promise<void> {},
  }
}
