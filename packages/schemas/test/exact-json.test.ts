import { describe, expect, it } from 'vitest'
import { type ExactJson, literalAt, NumberLiteral, numbersAt, parseExact, SchemasError, stringifyExact } from '../src/index.ts'

const probes = [
  '0.12345678901234567890123456789012345678901234567890123456789012345',
  '1.10',
  '7.6432e-05',
  '1E400',
  '9007199254740993',
  '-0',
  '-12.50e+3',
]

describe('parseExact and stringifyExact', () => {
  it.each(probes)('keep %s', (literal) => {
    expect(parseExact(literal)).toEqual(new NumberLiteral(literal))
    expect(stringifyExact(parseExact(`{"a":[${literal}]}`))).toBe(`{"a":[${literal}]}`)
  })

  it('keep the order of keys that look like numbers', () => {
    const text = '{"b":1,"9":2,"10":3,"1":4,"a":5}'
    expect(stringifyExact(parseExact(text))).toBe(text)
  })

  it('keep keys that objects cannot', () => {
    const text = '{"__proto__":{"x":1},"constructor":2,"":3}'
    const value = parseExact(text) as ReadonlyMap<string, ExactJson>
    expect([...value.keys()]).toEqual(['__proto__', 'constructor', ''])
    expect(stringifyExact(value)).toBe(text)
  })

  it('take the last of two equal keys, at the place of the first, as JSON.parse does', () => {
    const text = '{"a":1.10,"b":2,"\\u0061":3.30}'
    expect(stringifyExact(parseExact(text))).toBe('{"a":3.30,"b":2}')
    expect(JSON.stringify(JSON.parse(text))).toBe('{"a":3.3,"b":2}')
  })

  it('go as deep as JSON.parse', () => {
    const deep = '['.repeat(100_000) + ']'.repeat(100_000)
    expect(stringifyExact(parseExact(deep))).toBe(deep)
  })

  it('print like JSON.stringify when asked for space', () => {
    const text = '{"a":[1,{"b":[],"c":{}}],"d":"x"}'
    for (const space of [0, 2, '\t', 20])
      expect(stringifyExact(parseExact(text), space)).toBe(JSON.stringify(JSON.parse(text), null, space))
  })

  it('refuse to print what is no exact JSON', () => {
    for (const value of [5, undefined, { a: 1 }, [1n]] as unknown as ExactJson[]) {
      expect(() => stringifyExact(value)).toThrow(expect.objectContaining({ code: 'JSON_UNPRINTABLE' }))
    }
  })

  it.each([
    ['', 0],
    ['{"a":1', 6],
    ['{"a" 1}', 5],
    ['{a:1}', 1],
    ['{"a":1,}', 7],
    ['[1,]', 3],
    ['[1 2]', 3],
    ['01', 1],
    ['1.', 1],
    ['.5', 0],
    ['+1', 0],
    ['-', 0],
    ['1e', 1],
    ['NaN', 0],
    ['tru', 0],
    ['nulll', 4],
    ['"abc', 4],
    ['"a\nb"', 2],
    ['"\\x"', 1],
    ['"\\u12g4"', 1],
    ['[1]]', 3],
    ['\u00a01', 0],
  ])('refuse %j at offset %i', (text, offset) => {
    expect(() => JSON.parse(text)).toThrow()
    expect(() => parseExact(text)).toThrow(SchemasError)
    expect(() => parseExact(text)).toThrow(expect.objectContaining({ code: 'JSON_INVALID', context: { offset } }))
  })

  it('give doubles where only doubles fit', () => {
    expect(new NumberLiteral('1.10').toNumber()).toBe(1.1)
    expect(JSON.stringify([new NumberLiteral('1.10')])).toBe('[1.1]')
    expect(`${new NumberLiteral('1.10')}`).toBe('1.10')
  })
})

describe('literalAt', () => {
  const text = ' [ "x" , { "a" : { "b" : [ 1.10 , -0 , {"c":"}]\\"" } , 7.6432e-05 ] } , "s" : "5", "n":null, "a b" : 1E400 } ] '
  it.each([
    [[1, 'a', 'b', 0], '1.10'],
    [[1, 'a', 'b', 1], '-0'],
    [[1, 'a', 'b', 3], '7.6432e-05'],
    [[1, 'a', 'b', '3'], '7.6432e-05'],
    [[1, 'a b'], '1E400'],
    [[0], undefined],
    [[1], undefined],
    [[1, 's'], undefined],
    [[1, 'n'], undefined],
    [[1, 'a', 'b', 4], undefined],
    [[1, 'a', 'b', -1], undefined],
    [[1, 'a', 'b', '00'], undefined],
    [[1, 'a', 'b', 'length'], undefined],
    [[1, 'a', 'b', 2, 'c', 0], undefined],
    [[1, 'missing'], undefined],
    [[9], undefined],
  ] as const)('%j is %s', (path, literal) => expect(literalAt(text, path)).toBe(literal))

  it('reads the text itself at the empty path', () => expect(literalAt(' 1.10 ', [])).toBe('1.10'))
  it('finds keys spelled with escapes, and keys with a backslash', () => {
    expect(literalAt('{"pr\\u0069ce":1.10}', ['price'])).toBe('1.10')
    expect(literalAt('{"a\\\\":1.10,"a\\"":2.0}', ['a\\'])).toBe('1.10')
    expect(literalAt('{"a\\\\":1.10,"a\\"":2.0}', ['a"'])).toBe('2.0')
    // the raw text between the quotes equals the wanted key, the key does not
    expect(literalAt('{"\\u0061":1.10}', ['\\u0061'])).toBeUndefined()
  })
  it('takes the last of two equal keys', () => {
    expect(literalAt('{"a":1.0,"a":{"b":2.0},"a":{"b":3.0}}', ['a', 'b'])).toBe('3.0')
    expect(literalAt('{"a":{"b":2.0},"a":1.0}', ['a', 'b'])).toBeUndefined()
  })
  it.each(['{"a":1', '{"a"', '["x', '{"a":{"b":', '[', '{'])('refuses the broken text %j', (broken) => {
    expect(() => literalAt(broken, [broken.startsWith('[') ? 3 : 'z'])).toThrow(expect.objectContaining({ code: 'JSON_INVALID' }))
  })
})

describe('numbersAt', () => {
  const text = '["gameStateUpdate",{"prices":[1, 1.10 ,7.6432e-05,null,"2",[3],-0],"none":{},"empty":[ ]}]'

  it('gives each literal that literalAt gives, in one scan', () => {
    expect(numbersAt(text, [1, 'prices'])).toEqual(['1', '1.10', '7.6432e-05', undefined, undefined, undefined, '-0'])
    expect(numbersAt(text, [1, 'prices'])).toEqual([0, 1, 2, 3, 4, 5, 6].map((index) => literalAt(text, [1, 'prices', index])))
  })

  it('is empty for an empty array, undefined where there is none', () => {
    expect(numbersAt(text, [1, 'empty'])).toEqual([])
    expect(numbersAt(text, [1, 'none'])).toBeUndefined()
    expect(numbersAt(text, [1, 'missing'])).toBeUndefined()
    expect(() => numbersAt('[1,2', [])).toThrow(SchemasError)
  })
})
