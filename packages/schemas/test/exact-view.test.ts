import { describe, expect, it } from 'vitest'
import { exactView } from '../src/index.ts'

/** View of a frame `["name",…args]`, the payload last. */
function view(args: string): ReturnType<typeof exactView> {
  const text = `["x",${args}]`
  const frame = JSON.parse(text) as unknown[]
  return exactView(text, frame.length - 1, frame.at(-1))
}

describe('exactView', () => {
  it.each([
    '0.12345678901234567890123456789012345678901234567890123456789012345',
    '1.10',
    '7.6432e-05',
    '1E400',
    '9007199254740993',
    '-0',
    '0',
    '5',
  ])('gives %s, digit for digit', (literal) => {
    const exact = view(`{"__trace":true},{"other":1,"price":${literal}}`)
    expect(exact.literal(['price'])).toBe(literal)
    expect(exact.decimal(['price'])?.equals(literal)).toBe(true)
  })

  it('is not fooled by one key with two spellings of one double', () => {
    const exact = view('{"leaderboard":[{"pnl":0.12345678901234568},{"pnl":0.1234567890123456789},{"pnl":1.5}]}')
    expect(exact.literal(['leaderboard', 0, 'pnl'])).toBe('0.12345678901234568')
    expect(exact.literal(['leaderboard', 1, 'pnl'])).toBe('0.1234567890123456789')
    expect(exact.decimal(['leaderboard', 1, 'pnl'])?.toFixed()).toBe('0.1234567890123456789')
    expect(exact.literal(['leaderboard', 2, 'pnl'])).toBe('1.5')
  })

  it('tells 0 from -0', () => {
    const exact = view('{"a":{"v":0},"b":{"v":-0},"c":{"v":-0.0}}')
    expect([exact.literal(['a', 'v']), exact.literal(['b', 'v']), exact.literal(['c', 'v'])]).toEqual(['0', '-0', '-0.0'])
  })

  it('takes the last of two equal keys', () => {
    expect(view('{"price":1.10,"price":1.100}').literal(['price'])).toBe('1.100')
    expect(view('{"price":1.100,"pri\\u0063e":1.10}').literal(['price'])).toBe('1.10')
  })

  it('is not fooled by texts that look like members', () => {
    expect(view('{"chat":"\\"price\\":1.5","price":1.50}').literal(['price'])).toBe('1.50')
    expect(view('{"list":["price",1.5],"price" : 1.50}').literal(['price'])).toBe('1.50')
    expect(view('{"x\\"price":1.5,"price":1.50}').literal(['price'])).toBe('1.50')
  })

  it('finds elements of lists', () => {
    const exact = view('{"prices":[1.0,1.00,1]}')
    expect([0, 1, 2].map((index) => exact.literal(['prices', index]))).toEqual(['1.0', '1.00', '1'])
  })

  it('has no number where there is none', () => {
    const exact = view('{"text":"x","null":null,"flag":true,"object":{},"list":[]}')
    for (const key of ['text', 'null', 'flag', 'object', 'list', 'missing', '__proto__', 'constructor', 'toString']) {
      expect(exact.literal([key])).toBeUndefined()
      expect(exact.decimal([key])).toBeUndefined()
    }
    expect(exact.literal(['list', 'length'])).toBeUndefined()
    expect(exact.literal([])).toBeUndefined()
  })

  it('reads numeral strings as decimals, though they are no literal', () => {
    expect(view('{"amount":"1.10"}').decimal(['amount'])?.toFixed()).toBe('1.1')
    expect(view('{"amount":"1.10"}').literal(['amount'])).toBeUndefined()
  })

  it('builds no Decimal whose plain spelling would fill the memory; the literal stays', () => {
    const exact = view('{"big":1E999999999,"small":1e-999999999,"text":"1E999999999","ok":1E9999}')
    expect(exact.literal(['big'])).toBe('1E999999999')
    for (const key of ['big', 'small', 'text']) expect(exact.decimal([key])).toBeUndefined()
    expect(exact.decimal(['ok'])?.e).toBe(9999)
  })

  it('takes a payload that is all of the text', () => {
    const text = '{"price": 1.10}'
    expect(exactView(text, null, JSON.parse(text)).literal(['price'])).toBe('1.10')
    expect(exactView('1.10', null, 1.1).literal([])).toBe('1.10')
  })

  it('says what the text says, also when the payload is another one', () => {
    expect(exactView('{"price":1.10}', null, { price: 9 }).literal(['price'])).toBe('1.10')
  })
})
