import { type Decimal, isNumeral, toDecimal } from './decimal.ts'
import { literalAt, skipSpace } from './json-scanner.ts'

/** Steps from the payload to a value: keys and array indexes. */
export type JsonPath = readonly (string | number)[]

/** Exact values of one event's payload, found when asked for. */
export interface ExactView {
  /** The value at `path` with every digit of the frame; numeral strings count too. Undefined when there is no number, or its exponent is beyond ±9999. */
  decimal(path: JsonPath): Decimal | undefined
  /** The number literal at `path` as it stands in the frame. Undefined when there is no number. */
  literal(path: JsonPath): string | undefined
}

/**
 * Exact numbers of a payload, from the frame's text.
 *
 * Asks the text for members of the wanted key. When all of them that equal the parsed double are spelled the same, that
 * spelling is the literal at the path; when two spellings of that double stand under the key (or keys may be spelled with
 * escapes, or the path ends in an array index), the text is scanned along the path. So the answer is always the text's own.
 *
 * @param rawJson JSON text of the frame behind its packet prefix
 * @param payloadIndex the payload's index in the array `rawJson`; null when the payload is all of it
 * @param payload `JSON.parse` of that payload
 */
export function exactView(rawJson: string, payloadIndex: number | null, payload: unknown): ExactView {
  const prefix: JsonPath = payloadIndex === null ? [] : [payloadIndex]
  let disguised: boolean | undefined
  const literal = (path: JsonPath): string | undefined => {
    const value = valueAt(payload, path)
    if (typeof value !== 'number') return undefined
    const key = path.at(-1)
    disguised ??= rawJson.includes('\\u00') && ESCAPED_ASCII.test(rawJson)
    const only = typeof key === 'string' && PLAIN_KEY.test(key) && !disguised ? onlySpelling(rawJson, key, value) : undefined
    return only ?? literalAt(rawJson, [...prefix, ...path])
  }
  return {
    literal,
    decimal(path) {
      const value = valueAt(payload, path)
      const text = typeof value === 'string' ? value : literal(path)
      return text !== undefined && isNumeral(text) ? toDecimal(text) : undefined
    },
  }
}

/** Keys that no escape but `\u00XX` can disguise. */
const PLAIN_KEY = /^[\w$-]+$/
/** An escaped printable ASCII character: JSON writers do not write it, but a key might hide behind it. */
const ESCAPED_ASCII = /\\u00[2-7]/

function valueAt(payload: unknown, path: JsonPath): unknown {
  let value = payload
  for (const step of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, step)) return undefined
    value = (value as Record<string | number, unknown>)[step]
  }
  return value
}

/**
 * The one spelling of the double `value` among all members called `key`; undefined when there is none or more than one.
 *
 * The key holds nothing that needs escaping, so the second quote of `"key"` is structural; when the first one is too, and a
 * colon follows, this is a member of that name and not the inside of a text.
 */
function onlySpelling(text: string, key: string, value: number): string | undefined {
  // without its first quote, because searching for so common a character is ten times slower
  const tail = `${key}"`
  let only: string | undefined
  for (let at = text.indexOf(tail); at >= 0; at = text.indexOf(tail, at)) {
    const isWhole = text.charCodeAt(at - 1) === 0x22 && !isEscaped(text, at - 1)
    at = skipSpace(text, at + tail.length)
    if (!isWhole || text.charCodeAt(at) !== 0x3a) continue
    const start = skipSpace(text, at + 1)
    let end = start
    while (isNumberUnit(text.charCodeAt(end))) end++
    at = end
    if (end === start) continue
    const token = text.slice(start, end)
    if (token === only || !Object.is(Number(token), value)) continue
    if (only !== undefined) return undefined
    only = token
  }
  return only
}

/** Does an odd number of backslashes stand before `at`? */
function isEscaped(text: string, at: number): boolean {
  let slashes = 0
  while (text.charCodeAt(at - 1 - slashes) === 0x5c) slashes++
  return slashes % 2 === 1
}

/** Digits, `+`, `-`, `.`, `e`, `E`. */
function isNumberUnit(unit: number): boolean {
  return (unit >= 0x30 && unit <= 0x39) || unit === 0x2e || unit === 0x2d || unit === 0x2b || unit === 0x65 || unit === 0x45
}
