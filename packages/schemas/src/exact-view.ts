import { type Decimal, isNumeral, toDecimal } from './decimal.ts'
import { literalAt, skipSpace } from './json-scanner.ts'

/** Steps from the payload to a value: keys and array indexes. */
export type JsonPath = readonly (string | number)[]

/** Exact values of one event's payload, found when asked for. */
export interface ExactView {
  /** The value at `path` with every digit of the frame; numeral strings count too. Undefined when there is no number. */
  decimal(path: JsonPath): Decimal | undefined
  /** The number literal at `path` as it stands in the frame. Undefined when there is no number. */
  literal(path: JsonPath): string | undefined
}

/**
 * Exact numbers of a payload, from the frame's text.
 *
 * Asks the text for members of the wanted key. When all of them that equal the parsed double are spelled the same, that
 * spelling is the literal at the path; when two spellings of that double stand under the key (or the text has escapes, or the
 * path ends in an array index), the text is scanned along the path. So the answer is always the text's own.
 *
 * @param rawJson JSON text of the frame behind its packet prefix
 * @param payloadIndex the payload's index in the array `rawJson`; null when the payload is all of it
 * @param payload `JSON.parse` of that payload
 */
export function exactView(rawJson: string, payloadIndex: number | null, payload: unknown): ExactView {
  const prefix: JsonPath = payloadIndex === null ? [] : [payloadIndex]
  let escaped: boolean | undefined
  const literal = (path: JsonPath): string | undefined => {
    const value = valueAt(payload, path)
    if (typeof value !== 'number') return undefined
    const key = path.at(-1)
    escaped ??= rawJson.includes('\\')
    const only = typeof key === 'string' && !escaped ? onlySpelling(rawJson, key, value) : undefined
    return only ?? literalAt(rawJson, [...prefix, ...path])
  }
  return {
    literal,
    decimal(path) {
      const text = literal(path)
      if (text !== undefined) return toDecimal(text)
      const value = valueAt(payload, path)
      return typeof value === 'string' && isNumeral(value) ? toDecimal(value) : undefined
    },
  }
}

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
 * In a text without backslashes every quote is structural, so `"key"` followed by a colon is a member of that name.
 */
function onlySpelling(text: string, key: string, value: number): string | undefined {
  const quoted = JSON.stringify(key)
  if (quoted.includes('\\')) return undefined
  let only: string | undefined
  for (let at = text.indexOf(quoted); at >= 0; at = text.indexOf(quoted, at)) {
    at = skipSpace(text, at + quoted.length)
    if (text.charCodeAt(at) !== 0x3a) continue
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

/** Digits, `+`, `-`, `.`, `e`, `E`. */
function isNumberUnit(unit: number): boolean {
  return (unit >= 0x30 && unit <= 0x39) || unit === 0x2e || unit === 0x2d || unit === 0x2b || unit === 0x65 || unit === 0x45
}
