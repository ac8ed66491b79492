import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { insideArray, memberSpans, slice } from '../../src/formats/json-slice.ts'

const blanks = fc.stringMatching(/^[ \t\r\n]{0,2}$/)

/** JSON text of an object with blanks everywhere, and the texts of its members. */
const spaced = fc
  .tuple(
    fc.array(fc.tuple(fc.string(), fc.jsonValue(), fc.constantFrom<string | undefined>(undefined, '\t', '  ')), { maxLength: 5 }),
    blanks,
    blanks,
  )
  .map(([entries, a, b]) => {
    const members = entries.map(([key, value, indent]) => ({ key, text: JSON.stringify(value, null, indent) }))
    const body = members.map(({ key, text }) => `${a}${JSON.stringify(key)}${b}:${a}${text}${b}`).join(',')
    return { text: `${b}{${members.length === 0 ? a : body}}${a}`, members: new Map(members.map(({ key, text }) => [key, text])) }
  })

describe('slicing members out of JSON text', () => {
  it('P3: gives every value verbatim, whatever the spacing', () => {
    fc.assert(
      fc.property(spaced, ({ text, members }) => {
        const spans = memberSpans(text)
        expect(new Map([...spans].map(([key, span]) => [key, slice(text, span)]))).toEqual(members)
      }),
      { numRuns: 1_000 },
    )
  })

  it('gives the inside of an array verbatim', () => {
    for (const [text, inside] of [
      ['[1, 2]', '1, 2'],
      ['[ [1] ,\n{"a":"]"} ]', '[1] ,\n{"a":"]"}'],
      ['[]', ''],
      ['[ \n ]', ''],
    ] as const) {
      expect(slice(text, insideArray(text, { start: 0, end: text.length }))).toBe(inside)
    }
  })

  it('takes the last of two equal keys, reads escapes, and finds what looks like structure in texts', () => {
    const text = '{"a": 1.10, "\\u0061": -1e-7, "b": "\\\\\\"}],{", "c": {"d": "}"}}'
    const spans = memberSpans(text)
    expect([...spans].map(([key, span]) => [key, slice(text, span)])).toEqual([
      ['a', '-1e-7'],
      ['b', '"\\\\\\"}],{"'],
      ['c', '{"d": "}"}'],
    ])
  })
})
