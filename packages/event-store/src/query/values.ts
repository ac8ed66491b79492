import {
  DuckDBArrayValue,
  DuckDBBlobValue,
  DuckDBDecimalValue,
  DuckDBListValue,
  DuckDBMapValue,
  DuckDBStructValue,
  DuckDBTimestampTZValue,
  DuckDBTimestampValue,
  type DuckDBType,
  DuckDBTypeId,
  DuckDBUnionValue,
  type DuckDBValue,
  DuckDBVariantValue,
} from '@duckdb/node-api'
import { Decimal } from 'decimal.js'
import { isoMicros } from './timestamps.ts'

/** Turns one non-null cell of a column into what callers see. */
export type CellReader = (value: DuckDBValue) => unknown

/** Exact decimal of `value / 10^scale`. */
export function decimalOf(value: bigint, scale: number): Decimal {
  if (scale === 0) return new Decimal(value.toString())
  const negative = value < 0n
  const digits = (negative ? -value : value).toString().padStart(scale + 1, '0')
  const cut = digits.length - scale
  return new Decimal(`${negative ? '-' : ''}${digits.slice(0, cut)}.${digits.slice(cut)}`)
}

function microsOf(value: DuckDBTimestampValue | DuckDBTimestampTZValue): number | bigint {
  if (!value.isFinite) return value.micros > 0n ? Infinity : -Infinity
  const micros = Number(value.micros)
  return Number.isSafeInteger(micros) ? micros : value.micros
}

/** Cells inside lists, structs and maps: as top-level ones, but timestamps as ISO text, because no column type says what they are. */
function nested(value: DuckDBValue): unknown {
  if (value === null || typeof value !== 'object') return value
  if (value instanceof DuckDBDecimalValue) return decimalOf(value.value, value.scale)
  if (value instanceof DuckDBTimestampValue || value instanceof DuckDBTimestampTZValue) return isoMicros(microsOf(value))
  if (value instanceof DuckDBListValue || value instanceof DuckDBArrayValue) return value.items.map(nested)
  if (value instanceof DuckDBStructValue) {
    return Object.fromEntries(Object.entries(value.entries).map(([key, entry]) => [key, nested(entry)]))
  }
  if (value instanceof DuckDBMapValue) return value.entries.map((entry) => [nested(entry.key), nested(entry.value)])
  if (value instanceof DuckDBUnionValue || value instanceof DuckDBVariantValue) return nested(value.value)
  if (value instanceof DuckDBBlobValue) return new Uint8Array(value.bytes)
  return String(value)
}

/**
 * Reader for the cells of a column.
 *
 * | SQL | JavaScript |
 * |---|---|
 * | DECIMAL | `Decimal`, exact |
 * | BIGINT, UBIGINT, HUGEINT, UHUGEINT | `bigint` |
 * | smaller integers, FLOAT, DOUBLE | `number` |
 * | TIMESTAMP, TIMESTAMP WITH TIME ZONE | microseconds since 1970 UTC as `number` (`bigint` where that would not be exact, ±Infinity) |
 * | BLOB | `Uint8Array` |
 * | LIST, ARRAY / STRUCT / MAP | array / object / array of pairs; timestamps inside are ISO text |
 * | VARCHAR, JSON, ENUM, DATE, TIME, UUID, INTERVAL, … | `string` |
 */
export function cellReader(type: DuckDBType): CellReader {
  switch (type.typeId) {
    case DuckDBTypeId.TIMESTAMP:
    case DuckDBTypeId.TIMESTAMP_TZ:
      return (value) =>
        value instanceof DuckDBTimestampValue || value instanceof DuckDBTimestampTZValue ? microsOf(value) : nested(value)
    default:
      return nested
  }
}

/** Name of a column's type: as DuckDB prints it, and `JSON` for its JSON alias. */
export function typeName(type: DuckDBType): string {
  return type.alias ?? String(type)
}
