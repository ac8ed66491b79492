import fc from 'fast-check'
import { expect, it } from 'vitest'
import { decimal, decimalText, fitsScale, roundToScale, toDecimal } from '../src/index.ts'
import { numberLiteral } from './generators.ts'

it('encode ∘ decode gives the same value for every literal', () => {
  fc.assert(
    fc.property(numberLiteral, (text) => {
      const value = decimal.decode(text)
      const wire = decimal.encode(value)
      expect(decimal.decode(wire).equals(value)).toBe(true)
      expect(decimal.encode(decimal.decode(wire))).toBe(wire)
    }),
  )
})

it('a double survives the codec, sign of zero included', () => {
  fc.assert(
    fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
      expect(Object.is(Number(decimalText(toDecimal(value))), value)).toBe(true)
    }),
  )
})

it('what fits exactly is spelled within the column, what is rounded is off by at most half a unit', () => {
  fc.assert(
    fc.property(numberLiteral, fc.integer({ min: 0, max: 20 }), (text, scale) => {
      const value = toDecimal(text)
      const fit = fitsScale(value, 38, scale)
      const rounded = roundToScale(value, scale)
      if (fit === 'exact') expect(rounded.equals(value)).toBe(true)
      if (fit === 'rounded')
        expect(
          rounded
            .minus(value)
            .abs()
            .times(2)
            .lte(toDecimal(`1e-${scale}`)),
        ).toBe(true)
      if (fit !== 'overflow') expect(rounded.abs().lt(toDecimal(`1e${38 - scale}`))).toBe(true)
      else expect(rounded.abs().gte(toDecimal(`1e${38 - scale}`))).toBe(true)
    }),
  )
})
