import { Decimal } from '@vectra/schemas'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { add, brief, compare, floorTo, multiply, plain, rounded, signed } from '../../src/web/exact/text.ts'

/** Literals as JSON writes them: whole, with a fraction, with an exponent. */
const literal = fc
  .tuple(
    fc.boolean(),
    fc.bigInt({ min: 0n, max: 10n ** 18n }),
    fc.option(fc.stringMatching(/^\d{1,18}$/)),
    fc.option(fc.integer({ min: -20, max: 20 })),
  )
  .map(
    ([negative, whole, fraction, exponent]) =>
      `${negative ? '-' : ''}${whole}${fraction === null ? '' : `.${fraction}`}${exponent === null ? '' : `e${exponent}`}`,
  )

const big = Decimal.clone({ precision: 200 })

it('plain: the same value, no exponent, no needless zeros', () => {
  fc.assert(
    fc.property(literal, (text) => {
      const shown = plain(text)
      expect(shown).toMatch(/^-?\d+(\.\d*[1-9])?$/)
      expect(new big(shown).equals(new big(text))).toBe(true)
    }),
  )
})

it('sums, products and comparisons are exact', () => {
  fc.assert(
    fc.property(literal, literal, (a, b) => {
      expect(new big(add(a, b)).equals(new big(a).plus(b))).toBe(true)
      expect(new big(multiply(a, b)).equals(new big(a).times(b))).toBe(true)
      expect(compare(a, b)).toBe(new big(a).comparedTo(b))
    }),
  )
})

it('rounded: cut never shows more than there is, even is half to even', () => {
  fc.assert(
    fc.property(literal, fc.integer({ min: 0, max: 12 }), (text, places) => {
      const value = new big(text)
      expect(rounded(text, places, 'even').replace('\u2212', '-')).toBe(
        value.toFixed(places, Decimal.ROUND_HALF_EVEN).replace(/^-(0(\.0+)?)$/, '$1'),
      )
      expect(new big(rounded(text, places, 'down').replace('\u2212', '-')).abs().lte(value.abs())).toBe(true)
      expect(new big(floorTo(text, places)).equals(value.toDecimalPlaces(places, Decimal.ROUND_DOWN))).toBe(true)
    }),
  )
})

it.each([
  ['0.5', 4, '+0.5000'],
  ['-0.5', 1, '\u22120.5'],
  ['0.00004', 4, '0.0000'],
  ['-0.00004', 4, '0.0000'],
  ['7.6432e-05', 6, '+0.000076'],
])('signed(%s, %i) is %s', (text, places, shown) => expect(signed(text, places)).toBe(shown))

it.each([
  ['0.0006259', '0.000625'],
  ['0.001', '0.001'],
  ['12.3456', '12.345'],
  ['0.00000395555', '0.00000395'],
])('brief(%s) is %s', (text, shown) => expect(brief(text)).toBe(shown))
