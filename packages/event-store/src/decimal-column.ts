import { Decimal } from 'decimal.js'

/** A number literal as a DECIMAL column holds it. */
export interface DecimalColumn {
  /** Plain decimal text that casts exactly, or null when the number does not fit at all. */
  readonly text: string | null
  /** False when the value was rounded (half to even) or left out. */
  readonly exact: boolean
}

const PLAIN = /^-?(\d+)(?:\.(\d+))?$/
const NUMBER = /^-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?$/

/**
 * Fits a JSON number literal into `DECIMAL(precision, scale)`.
 *
 * DuckDB would round silently; here rounding and overflow are reported, so that the row can say so in `inexact`.
 */
export function decimalColumn(literal: string, precision: number, scale: number): DecimalColumn {
  const plain = PLAIN.exec(literal)
  if (plain !== null && (plain[1] ?? '').length <= precision - scale && (plain[2]?.length ?? 0) <= scale) {
    return { text: literal, exact: true }
  }
  if (!NUMBER.test(literal)) return { text: null, exact: false }
  const value = new Decimal(literal)
  if (!value.isFinite()) return { text: null, exact: false }
  if (!value.isZero() && value.e >= precision - scale) return { text: null, exact: false }
  const rounded = value.toDecimalPlaces(scale, Decimal.ROUND_HALF_EVEN)
  if (!rounded.isZero() && rounded.e >= precision - scale) return { text: null, exact: false }
  return { text: rounded.toFixed(), exact: rounded.equals(value) }
}
