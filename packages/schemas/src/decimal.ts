import { Decimal as DecimalJs } from 'decimal.js'
import { z } from 'zod'
import { SchemasError } from './errors.ts'

/**
 * Arbitrary-precision decimal number: the only in-memory form of money, prices and quantities.
 *
 * A private clone of decimal.js, so that no other library's settings reach it and ours reach no other. Building one from text
 * keeps every digit; results of divisions and roots are rounded to 120 significant digits, half to even.
 */
export const Decimal: DecimalJs.Constructor = DecimalJs.clone({
  defaults: true,
  precision: 120,
  rounding: DecimalJs.ROUND_HALF_EVEN,
  toExpNeg: -40,
  toExpPos: 80,
})
export type Decimal = DecimalJs

/** Digits beyond which a plain spelling is no longer written out (a product of large exponents would be megabytes of zeros). */
const PLAIN_DIGITS = 1_000

/** Exponents have at most four digits, so that the plain spelling of a value that came from outside stays small. */
const NUMERAL = /^-?\d+(?:\.\d+)?(?:[eE][+-]?0*\d{1,4})?$/

/**
 * Is `text` a decimal numeral as our processes exchange them? Exponents up to ±9999 are allowed; `+1`, `.5`, `1.`, `0x1` and blanks
 * are not.
 */
export function isNumeral(text: string): boolean {
  return NUMERAL.test(text)
}

/**
 * Exact decimal value of a number literal, a numeral string or a double.
 *
 * A double gives its shortest spelling (`0.1` is one tenth), which is what a JavaScript sender printed; for the frame's own
 * digits pass the literal (see `exactView`).
 *
 * @throws SchemasError `DECIMAL_INVALID` for NaN, infinities and text that is no numeral (see `isNumeral`)
 */
export function toDecimal(wire: number | string): Decimal {
  if (typeof wire === 'number' ? Number.isFinite(wire) : NUMERAL.test(wire)) return new Decimal(wire)
  throw new SchemasError('DECIMAL_INVALID', `${JSON.stringify(String(wire)).slice(0, 80)} is not a decimal number`, {
    context: { value: wire },
  })
}

/** Plain spelling of a decimal (`0.000076432`, never `7.6432e-5`), with the sign of `-0`; exponent form beyond 1,000 digits. */
export function decimalText(value: Decimal): string {
  if (!value.isFinite()) throw new SchemasError('DECIMAL_INVALID', `${value.toString()} has no decimal spelling`)
  if (value.isZero()) return value.isNegative() ? '-0' : '0'
  return Math.abs(value.e) + value.precision() > PLAIN_DIGITS ? value.toExponential() : value.toFixed()
}

/**
 * Codec between the wire and memory: a JSON number or a numeral string on one side, `Decimal` on the other.
 *
 * Decoding is exact for strings and takes the shortest spelling of doubles; encoding always gives the exact plain text.
 * For rows and messages between our own processes. Wire schemas use `z.number()` and leave exactness to `exactView`,
 * because building every Decimal of a frame costs eight times its `JSON.parse`.
 */
export const decimal = z.codec(
  z.union([z.number(), z.string().regex(NUMERAL)]),
  z.custom<Decimal>((value) => DecimalJs.isDecimal(value) && value.isFinite(), 'expected a finite Decimal'),
  { decode: (wire) => toDecimal(wire), encode: (value) => decimalText(value) },
)

/** How a value fits a `DECIMAL(precision, scale)` column. */
export type DecimalFit = 'exact' | 'rounded' | 'overflow'

/**
 * Does `value` fit `DECIMAL(precision, scale)`?
 *
 * @returns `exact` without loss; `rounded` when digits behind the scale go (half to even, see `roundToScale`); `overflow` when
 * the integer part has too many digits, also after rounding up, or the value is not finite
 */
export function fitsScale(value: Decimal, precision: number, scale: number): DecimalFit {
  if (!value.isFinite()) return 'overflow'
  const rounded = roundToScale(value, scale)
  if (!rounded.isZero() && rounded.e + 1 > precision - scale) return 'overflow'
  return rounded.equals(value) ? 'exact' : 'rounded'
}

/** `value` with at most `scale` digits behind the point, half to even. */
export function roundToScale(value: Decimal, scale: number): Decimal {
  return value.toDecimalPlaces(scale, DecimalJs.ROUND_HALF_EVEN)
}
