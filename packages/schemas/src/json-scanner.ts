/** Steps over JSON text without building anything. Offsets count UTF-16 units, as strings do. */
import { SchemasError } from './errors.ts'

const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y
const HEX4 = /[0-9a-fA-F]{4}/y

/** Refuses the text at `offset`. */
export function invalidJson(text: string, offset: number, expected: string): SchemasError {
  const found = offset < text.length ? JSON.stringify(text.slice(offset, offset + 20)) : 'the end of the text'
  return new SchemasError('JSON_INVALID', `JSON text is broken at offset ${offset}: expected ${expected}, found ${found}`, {
    context: { offset },
  })
}

/** Offset of the first character at or after `offset` that is not JSON white space. */
export function skipSpace(text: string, offset: number): number {
  let at = offset
  for (;;) {
    const unit = text.charCodeAt(at)
    if (unit !== 0x20 && unit !== 0x0a && unit !== 0x0d && unit !== 0x09) return at
    at++
  }
}

/** Offset behind the number literal at `offset`. */
export function skipNumber(text: string, offset: number): number {
  NUMBER.lastIndex = offset
  if (!NUMBER.test(text)) throw invalidJson(text, offset, 'a value')
  return NUMBER.lastIndex
}

/** Offset behind the string at `offset`, which must be a strict JSON string: no control characters, only JSON's escapes. */
export function skipStrictString(text: string, offset: number): number {
  let at = offset + 1
  for (;;) {
    const unit = text.charCodeAt(at)
    if (unit === 0x22) return at + 1
    // control characters, and NaN at the end of the text
    if (!(unit >= 0x20)) throw invalidJson(text, at, 'a character of a string')
    at = unit === 0x5c ? skipEscape(text, at) : at + 1
  }
}

function skipEscape(text: string, backslash: number): number {
  const kind = text.charAt(backslash + 1)
  if (kind !== '' && '"\\/bfnrt'.includes(kind)) return backslash + 2
  HEX4.lastIndex = backslash + 2
  if (kind !== 'u' || !HEX4.test(text)) throw invalidJson(text, backslash, 'an escape of JSON')
  return HEX4.lastIndex
}

/** Offset behind the string at `offset`; looks only for its end. */
export function skipString(text: string, offset: number): number {
  let at = offset + 1
  for (;;) {
    const quote = text.indexOf('"', at)
    if (quote < 0) throw invalidJson(text, text.length, 'the end of a string')
    let slashes = 0
    while (text.charCodeAt(quote - 1 - slashes) === 0x5c) slashes++
    if (slashes % 2 === 0) return quote + 1
    at = quote + 1
  }
}

/** Offset behind the value at `offset`. Trusts the text to be JSON: members are not looked at. */
export function skipValue(text: string, offset: number): number {
  const first = text.charCodeAt(offset)
  if (first === 0x22) return skipString(text, offset)
  if (first !== 0x7b && first !== 0x5b) return skipScalar(text, offset)
  let depth = 0
  let at = offset
  for (;;) {
    const unit = text.charCodeAt(at)
    if (unit === 0x22) {
      at = skipString(text, at)
      continue
    }
    if (unit === 0x7b || unit === 0x5b) depth++
    else if ((unit === 0x7d || unit === 0x5d) && --depth === 0) return at + 1
    else if (Number.isNaN(unit)) throw invalidJson(text, at, 'the end of an array or object')
    at++
  }
}

function skipScalar(text: string, offset: number): number {
  let at = offset
  for (;;) {
    const unit = text.charCodeAt(at)
    // NaN (the end), white space, `,`, `]`, `}`
    if (!(unit > 0x20) || unit === 0x2c || unit === 0x5d || unit === 0x7d) break
    at++
  }
  if (at === offset) throw invalidJson(text, offset, 'a value')
  return at
}

/**
 * The raw number literal at a path of the JSON text, digit for digit.
 *
 * Scans up to the place and builds nothing. Of members with the same key the last counts, as in `JSON.parse`.
 *
 * @returns undefined when there is no such place, or no number there
 * @throws SchemasError `JSON_INVALID` when the text breaks before the place is found (what lies elsewhere is not checked)
 */
export function literalAt(text: string, path: readonly (string | number)[]): string | undefined {
  const at = placeOf(text, path)
  if (at === undefined) return undefined
  NUMBER.lastIndex = at
  return NUMBER.test(text) ? text.slice(at, NUMBER.lastIndex) : undefined
}

function placeOf(text: string, path: readonly (string | number)[]): number | undefined {
  let at = skipSpace(text, 0)
  for (const step of path) {
    const unit = text.charCodeAt(at)
    const found: number | undefined =
      unit === 0x5b ? elementAt(text, at, step) : unit === 0x7b ? memberAt(text, at, String(step)) : undefined
    if (found === undefined) return undefined
    at = found
  }
  return at
}

/**
 * The raw literals of an array of numbers at a path, in one scan: what {@link literalAt} gives for each index.
 *
 * @returns undefined when there is no array; an element that is no number is undefined
 * @throws SchemasError `JSON_INVALID` as {@link literalAt}
 */
export function numbersAt(text: string, path: readonly (string | number)[]): (string | undefined)[] | undefined {
  const place = placeOf(text, path)
  if (place === undefined || text.charCodeAt(place) !== 0x5b) return undefined
  const found: (string | undefined)[] = []
  let at = skipSpace(text, place + 1)
  if (text.charCodeAt(at) === 0x5d) return found
  for (;;) {
    NUMBER.lastIndex = at
    found.push(NUMBER.test(text) ? text.slice(at, NUMBER.lastIndex) : undefined)
    at = skipSpace(text, skipValue(text, at))
    const unit = text.charCodeAt(at)
    if (unit === 0x5d) return found
    if (unit !== 0x2c) throw invalidJson(text, at, "',' or ']'")
    at = skipSpace(text, at + 1)
  }
}

function elementAt(text: string, open: number, step: string | number): number | undefined {
  const wanted = Number(step)
  if (!Number.isInteger(wanted) || wanted < 0 || String(wanted) !== String(step)) return undefined
  let at = skipSpace(text, open + 1)
  if (text.charCodeAt(at) === 0x5d) return undefined
  for (let index = 0; ; index++) {
    if (index === wanted) return at
    at = skipSpace(text, skipValue(text, at))
    const unit = text.charCodeAt(at)
    if (unit === 0x5d) return undefined
    if (unit !== 0x2c) throw invalidJson(text, at, "',' or ']'")
    at = skipSpace(text, at + 1)
  }
}

function memberAt(text: string, open: number, key: string): number | undefined {
  let found: number | undefined
  let at = skipSpace(text, open + 1)
  if (text.charCodeAt(at) === 0x7d) return undefined
  for (;;) {
    if (text.charCodeAt(at) !== 0x22) throw invalidJson(text, at, 'a key')
    const end = skipString(text, at)
    const isWanted = keyIs(text, at, end, key)
    at = skipSpace(text, end)
    if (text.charCodeAt(at) !== 0x3a) throw invalidJson(text, at, "':'")
    at = skipSpace(text, at + 1)
    if (isWanted) found = at
    at = skipSpace(text, skipValue(text, at))
    const unit = text.charCodeAt(at)
    if (unit === 0x7d) return found
    if (unit !== 0x2c) throw invalidJson(text, at, "',' or '}'")
    at = skipSpace(text, at + 1)
  }
}

function keyIs(text: string, start: number, end: number, key: string): boolean {
  const plain = end - start - 2 === key.length && text.startsWith(key, start + 1)
  if (plain && !key.includes('\\')) return true
  const token = text.slice(start, end)
  return token.includes('\\') && (JSON.parse(token) as string) === key
}
