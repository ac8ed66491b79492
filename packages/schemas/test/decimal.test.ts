import { Decimal as Foreign } from 'decimal.js'
import { describe, expect, it } from 'vitest'
import { Decimal, decimal, decimalText, fitsScale, isNumeral, roundToScale, SchemasError, toDecimal } from '../src/index.ts'

const digits65 = '0.12345678901234567890123456789012345678901234567890123456789012345'

describe('toDecimal', () => {
  it.each([
    [digits65, digits65],
    ['1.10', '1.1'],
    ['7.6432e-05', '0.000076432'],
    ['1E400', `1${'0'.repeat(400)}`],
    ['9007199254740993', '9007199254740993'],
    ['-0', '-0'],
    ['-0.0', '-0'],
    [0.1, '0.1'],
    [0.30000000000000004, '0.30000000000000004'],
    [-0, '-0'],
    [5e-324, `0.${'0'.repeat(323)}5`],
  ])('%s is %s', (wire, plain) => expect(decimalText(toDecimal(wire))).toBe(plain))

  it.each([
    [Number.NaN],
    [Number.POSITIVE_INFINITY],
    ['NaN'],
    ['Infinity'],
    [''],
    [' 1'],
    ['0x10'],
    ['1.'],
    ['.5'],
    ['+1'],
    ['1_000'],
    ['1,5'],
    ['1E10000'],
    ['1e-99999999999'],
  ])('refuses %j', (wire) => {
    expect(() => toDecimal(wire)).toThrow(SchemasError)
    expect(() => toDecimal(wire)).toThrow(expect.objectContaining({ code: 'DECIMAL_INVALID', context: { value: wire } }))
    expect(typeof wire === 'string' && isNumeral(wire)).toBe(false)
  })
})

describe('Decimal', () => {
  it('multiplies 65 digits without loss and shares no settings', () => {
    const before = { ...Foreign }
    expect(toDecimal(digits65).times('3').toFixed()).toBe('0.37037036703703703670370370367037037036703703703670370370367037035')
    expect(Foreign.precision).toBe(before.precision)
    expect(Decimal.precision).toBeGreaterThanOrEqual(100)
    Foreign.set({ precision: 5 })
    try {
      expect(toDecimal(1).div(3).precision()).toBe(120)
    } finally {
      Foreign.set({ precision: before.precision })
    }
  })
})

describe('decimalText', () => {
  it('does not write out a gigabyte of zeros', () => {
    expect(decimalText(new Decimal('1E999999999'))).toBe('1e+999999999')
    expect(decimalText(new Decimal('1E-999999999'))).toBe('1e-999999999')
  })
  it('refuses what is no number', () => expect(() => decimalText(new Decimal('NaN'))).toThrow(SchemasError))
})

describe('decimal codec', () => {
  it('decodes numbers and text, encodes exact text', () => {
    expect(decimal.decode(digits65).toFixed()).toBe(digits65)
    expect(decimal.decode(0.1).toFixed()).toBe('0.1')
    expect(decimal.encode(toDecimal('7.6432e-05'))).toBe('0.000076432')
  })
  it('encodes a Decimal of another decimal.js', () => expect(decimal.encode(new Foreign('1.5'))).toBe('1.5'))
  it.each([['1.2.3'], [Number.POSITIVE_INFINITY], [null], [true], ['NaN'], [{}]])('reports %j', (value) => {
    expect(decimal.safeParse(value).success).toBe(false)
  })
  it('does not encode NaN or a plain number', () => {
    expect(decimal.safeEncode(new Decimal('NaN')).success).toBe(false)
    expect(decimal.safeEncode(5 as unknown as Decimal).success).toBe(false)
  })
})

describe('fitsScale', () => {
  it.each([
    ['0', 18, 9, 'exact'],
    ['-0', 18, 9, 'exact'],
    ['1.10', 18, 9, 'exact'],
    ['999999999.999999999', 18, 9, 'exact'],
    ['-999999999.999999999', 18, 9, 'exact'],
    ['0.0000000001', 18, 9, 'rounded'],
    ['0.024999999999999994', 18, 9, 'rounded'],
    ['999999999.9999999994', 18, 9, 'rounded'],
    ['999999999.9999999995', 18, 9, 'overflow'],
    ['1000000000', 18, 9, 'overflow'],
    ['1E400', 38, 20, 'overflow'],
    ['1E-400', 38, 20, 'rounded'],
    ['0.00000000000000000001', 38, 20, 'exact'],
    ['999999999999999999', 38, 20, 'exact'],
    ['1000000000000000000', 38, 20, 'overflow'],
    [digits65, 38, 20, 'rounded'],
  ] as const)('%s in DECIMAL(%i,%i): %s', (text, precision, scale, fit) => {
    expect(fitsScale(toDecimal(text), precision, scale)).toBe(fit)
  })

  it('takes nothing that is not finite', () => {
    expect(fitsScale(new Decimal('Infinity'), 38, 20)).toBe('overflow')
    expect(fitsScale(new Decimal('NaN'), 38, 20)).toBe('overflow')
  })

  it('rounds half to even', () => {
    expect(roundToScale(toDecimal('0.0000000025'), 9).toFixed()).toBe('0.000000002')
    expect(roundToScale(toDecimal('0.0000000035'), 9).toFixed()).toBe('0.000000004')
  })
})
