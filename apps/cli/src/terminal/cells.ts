import { formatWhen, isoMicros } from './when.ts'

/** A column of a query's answer, as the query layer names it. */
export interface CellColumn {
  readonly name: string
  /** SQL type: `DECIMAL(38,20)`, `BIGINT`, `TIMESTAMP`, … */
  readonly type: string
}

/**
 * A cell as a JSON value.
 *
 * BIGINT and DECIMAL are numbers when a double holds every digit, else strings; timestamps are ISO 8601 in UTC with
 * microseconds; JSON columns are embedded as they stand in the store (see {@link jsonText}).
 */
export function jsonValue(value: unknown, column: CellColumn): unknown {
  if (value === null || value === undefined) return null
  if (typeof value === 'bigint') return Number.isSafeInteger(Number(value)) && !isTime(column) ? Number(value) : String(value)
  if (typeof value === 'number') return isTime(column) ? timeText(value) : Number.isFinite(value) ? value : String(value)
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64')
  if (Array.isArray(value)) return value.map((item) => jsonValue(item, NESTED))
  if (typeof value === 'object') {
    if (isDecimal(value)) return decimalJson(value)
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, jsonValue(item, NESTED)]))
  }
  return value
}

/** One row as the text of a JSON object. A JSON column's text goes in unparsed, so that its numbers keep every digit. */
export function jsonText(columns: readonly CellColumn[], row: readonly unknown[]): string {
  const parts = columns.map((column, index) => {
    const value = row[index]
    const text = column.type === 'JSON' && typeof value === 'string' ? onOneLine(value) : JSON.stringify(jsonValue(value, column))
    return `${JSON.stringify(column.name)}:${text}`
  })
  return `{${parts.join(',')}}`
}

/** A cell as text for CSV and for tables; `null` stays null. */
export function cellText(value: unknown, column: CellColumn, form: 'csv' | 'table' = 'csv'): string | null {
  if (value === null || value === undefined) return null
  if (typeof value === 'number' && isTime(column)) return form === 'table' && Number.isFinite(value) ? formatWhen(value) : timeText(value)
  if (typeof value === 'object' && isDecimal(value)) return decimalText(value)
  if (typeof value === 'object') return JSON.stringify(jsonValue(value, column))
  return String(value)
}

/** Whether a column's values stand at the right in a table. */
export function isNumeric({ type }: CellColumn): boolean {
  return /^(DECIMAL\(.*\)|U?(TINY|SMALL|BIG|HUGE)INT|U?INTEGER|FLOAT|DOUBLE)$/.test(type)
}

const NESTED: CellColumn = { name: '', type: '' }

/** A Decimal of decimal.js, told by its methods: the query layer may use a copy of the library of its own. */
interface DecimalLike {
  toFixed(): string
}

function isDecimal(value: object): value is DecimalLike {
  return 'toFixed' in value && typeof value.toFixed === 'function'
}

/** Digits without the zeros that only fill the column's scale. */
function decimalText(value: DecimalLike): string {
  const text = value.toFixed()
  return text.includes('.') ? text.replace(/\.?0+$/, '') : text
}

function decimalJson(value: DecimalLike): number | string {
  const text = decimalText(value)
  const number = Number(text)
  // 1e-7 and 0.0000001 are the same digits; Number's own notation must not count as a difference.
  return plain(number) === text ? number : text
}

/** A double's shortest digits without an exponent. */
function plain(number: number): string {
  const [digits = '', exponent] = String(number).split('e')
  if (exponent === undefined) return digits
  const sign = digits.startsWith('-') ? '-' : ''
  const [whole = '', fraction = ''] = digits.replace('-', '').split('.')
  const point = whole.length + Number(exponent)
  const all = whole + fraction
  if (point <= 0) return `${sign}0.${'0'.repeat(-point)}${all}`
  return point >= all.length ? `${sign}${all}${'0'.repeat(point - all.length)}` : `${sign}${all.slice(0, point)}.${all.slice(point)}`
}

function isTime({ type }: CellColumn): boolean {
  return type.startsWith('TIMESTAMP')
}

function timeText(micros: number): string {
  return Number.isFinite(micros) ? isoMicros(micros) : micros > 0 ? 'infinity' : '-infinity'
}

/** Line breaks between JSON tokens become blanks: NDJSON has one object per line. Inside strings JSON has none. */
function onOneLine(json: string): string {
  return /[\r\n]/.test(json) ? json.replace(/[\r\n]+/g, ' ') : json
}
