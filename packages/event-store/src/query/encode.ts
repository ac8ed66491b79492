import { Decimal } from 'decimal.js'
import { isoMicros } from './timestamps.ts'

/** A value that `JSON.stringify` prints without loss. */
export type JsonValue = null | boolean | number | string | readonly JsonValue[] | { readonly [key: string]: JsonValue }

/** The number, when printing it as a JSON number keeps its value; else the digits as a string. */
function numberOrText(value: Decimal): number | string {
  const number = value.toNumber()
  return Number.isFinite(number) && new Decimal(number).eq(value) ? number : value.toFixed()
}

type Reviver = (key: string, value: unknown, context: { readonly source?: string }) => unknown
/** The typings of this TypeScript do not know the third argument of a reviver yet. */
const parse = JSON.parse as (text: string, reviver: Reviver) => JsonValue

/** `JSON.parse` that turns every number a double cannot hold into a string with its digits. */
function parseKeepingDigits(text: string): JsonValue {
  return parse(text, (_key, value, { source }) => {
    if (typeof value !== 'number' || source === undefined || String(value) === source) return value
    return numberOrText(new Decimal(source))
  })
}

function jsonColumn(text: string): JsonValue {
  try {
    return parseKeepingDigits(text)
  } catch {
    return text
  }
}

/**
 * A cell of a query result as JSON.
 *
 * DECIMAL and BIGINT become numbers, or strings where a number would lose digits; timestamps ISO 8601 in UTC with microseconds;
 * JSON columns are nested; BLOB is hexadecimal; NaN and the infinities are strings.
 *
 * @param type SQL type of the column, as the result says
 */
export function encodeCell(value: unknown, type: string): JsonValue {
  if (value === null || value === undefined) return null
  if (type.startsWith('TIMESTAMP') && !type.endsWith(']') && (typeof value === 'number' || typeof value === 'bigint'))
    return isoMicros(value)
  if (type === 'JSON' && typeof value === 'string') return jsonColumn(value)
  return encodeValue(value)
}

function encodeValue(value: unknown): JsonValue {
  if (value === null || value === undefined) return null
  if (typeof value === 'number') return Number.isFinite(value) ? value : String(value)
  if (typeof value === 'bigint') return Number.isSafeInteger(Number(value)) ? Number(value) : value.toString()
  if (typeof value === 'string' || typeof value === 'boolean') return value
  if (Decimal.isDecimal(value)) return numberOrText(value)
  if (value instanceof Uint8Array) return Buffer.from(value).toString('hex')
  if (Array.isArray(value)) return value.map(encodeValue)
  return Object.fromEntries(Object.entries(value).map(([key, entry]) => [key, encodeValue(entry)]))
}

/** A typed helper's record (`EventRow`, `Tick`, `Game`, …) as JSON: exact, with `ts` and `…Ts` members as ISO timestamps. */
export function encodeRecord(record: object): { readonly [key: string]: JsonValue } {
  return Object.fromEntries(
    Object.entries(record).map(([key, value]) => [key, encodeCell(value, /^ts$|Ts$/.test(key) ? 'TIMESTAMP' : '')]),
  )
}
