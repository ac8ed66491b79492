import { isDeepStrictEqual } from 'node:util'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { type ExactJson, literalAt, NumberLiteral, parseExact, stringifyExact } from '../src/index.ts'
import { compact, withLiterals } from './exact-text.ts'
import { jsonText } from './generators.ts'

const accepts = (parse: () => unknown): boolean => {
  try {
    parse()
    return true
  } catch {
    return false
  }
}

it('parseExact sees the value JSON.parse sees', () => {
  fc.assert(
    fc.property(jsonText, (text) => {
      // not expect().toStrictEqual: that takes an own member called "constructor" for a class
      expect(isDeepStrictEqual(doubles(parseExact(text)), JSON.parse(text))).toBe(true)
    }),
    { numRuns: 500 },
  )
})

it('a printed value parses to itself, and texts without equal keys print unchanged', () => {
  fc.assert(
    fc.property(jsonText, (text) => {
      const printed = stringifyExact(parseExact(text))
      expect(stringifyExact(parseExact(printed))).toBe(printed)
      if (!hasEqualKeys(text)) expect(printed).toBe(compact(text))
    }),
  )
})

it('accepts exactly what JSON.parse accepts', () => {
  const broken = fc
    .tuple(
      jsonText,
      fc.nat(),
      fc.nat({ max: 3 }),
      fc.constantFrom('', ',', '"', '}', ']', '0', '.', 'e', '-', '\\', ' ', '\u0001', ':', '{'),
    )
    .map(([text, at, cut, put]) => text.slice(0, at % (text.length + 1)) + put + text.slice((at % (text.length + 1)) + cut))
  fc.assert(
    fc.property(broken, (text) => {
      expect(accepts(() => parseExact(text))).toBe(accepts(() => JSON.parse(text)))
    }),
    { numRuns: 1_000 },
  )
})

it('literalAt finds every number, digit for digit', () => {
  fc.assert(
    fc.property(jsonText, (text) => {
      for (const [path, literal] of withLiterals(parseExact(text))) expect(literalAt(text, path)).toBe(literal)
    }),
  )
})

function doubles(value: ExactJson): unknown {
  if (value instanceof NumberLiteral) return value.toNumber()
  if (Array.isArray(value)) return value.map(doubles)
  if (!(value instanceof Map)) return value
  const object: Record<string, unknown> = {}
  for (const [name, member] of value) {
    Object.defineProperty(object, name, { value: doubles(member), enumerable: true, writable: true, configurable: true })
  }
  return object
}

function hasEqualKeys(text: string): boolean {
  return compact(text).length !== stringifyExact(parseExact(text)).length
}
