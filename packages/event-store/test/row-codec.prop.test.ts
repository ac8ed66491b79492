import { Decimal } from '@vectra/schemas'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decimalColumn } from '../src/decimal-column.ts'
import { decodeLine, LineBuffer } from '../src/line.ts'
import { encodePieces, encodeRow, type JournalRow } from '../src/row-codec.ts'
import { scanSegment } from '../src/segment.ts'
import { tickEvent } from './sample-events.ts'

const literal = fc
  .tuple(
    fc.boolean(),
    fc.bigInt({ min: 0n, max: 10n ** 40n }),
    fc.integer({ min: 0, max: 40 }),
    fc.option(fc.integer({ min: -40, max: 40 })),
  )
  .map(([negative, digits, places, exponent]) => {
    const text = digits.toString().padStart(places + 1, '0')
    const plain = places === 0 ? text : `${text.slice(0, -places)}.${text.slice(-places)}`
    const [whole = '0', fraction] = plain.split('.')
    const number = `${negative ? '-' : ''}${whole.replace(/^0+(?=\d)/, '')}${fraction === undefined ? '' : `.${fraction}`}`
    return exponent === null ? number : `${number}e${exponent}`
  })

describe('properties', () => {
  it('a DECIMAL column is exact, or says that it is not and is off by at most half a unit', () => {
    fc.assert(
      fc.property(literal, fc.constantFrom([38, 20] as const, [18, 9] as const), (text, [precision, scale]) => {
        const Wide = Decimal.clone({ precision: 200 })
        const value = new Wide(text)
        const fitted = decimalColumn(text, precision, scale)
        const limit = new Wide(10).pow(precision - scale)
        if (fitted.text === null) {
          expect(fitted.exact).toBe(false)
          expect(value.toDecimalPlaces(scale).abs().gte(limit)).toBe(true)
          return
        }
        expect(fitted.text).toMatch(/^-?\d+(\.\d+)?$/)
        expect(fitted.text.split('.')[1]?.length ?? 0).toBeLessThanOrEqual(scale)
        const error = value.minus(fitted.text).abs()
        expect(error.isZero()).toBe(fitted.exact)
        expect(error.lte(new Wide(10).pow(-scale).div(2))).toBe(true)
      }),
      { numRuns: 2_000 },
    )
  })

  it('both ways of writing a row give the same bytes', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary', maxLength: 400 }),
        fc.string({ maxLength: 200 }),
        fc.nat(2_000),
        (raw, text, capacity) => {
          const event = tickEvent(1, { raw_json: JSON.stringify([raw, text, raw]), trace_id: text })
          const plain = new LineBuffer(1)
          const fast = new LineBuffer(capacity)
          for (let index = 0; index < 3; index++) expect(fast.addRow(encodePieces(event))).toBe(plain.add(encodeRow(event)))
          expect(Buffer.from(fast.take()).equals(Buffer.from(plain.take()))).toBe(true)
        },
      ),
      { numRuns: 1_000 },
    )
  })

  it('P3: any text survives a journal line, and any damage to the line is seen', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 300 }), fc.nat(), fc.integer({ min: 1, max: 255 }), (raw, at, mask) => {
        const lines = new LineBuffer(1)
        lines.addRow(encodePieces(tickEvent(1, { raw_json: raw })))
        const bytes = Buffer.from(lines.take())
        expect((decodeLine(bytes.subarray(0, -1)) as JournalRow).raw_json).toBe(raw.toWellFormed())
        const changed = Buffer.from(bytes)
        const index = at % bytes.length
        changed[index] = (changed[index] ?? 0) ^ mask
        const scan = scanSegment(changed)
        expect(scan.rows.length === 1 && scan.tail === undefined && scan.damage.length === 0).toBe(false)
      }),
      { numRuns: 500 },
    )
  })
})
