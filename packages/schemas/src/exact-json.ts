import { SchemasError } from './errors.ts'
import { invalidJson, skipNumber, skipSpace, skipStrictString } from './json-scanner.ts'

/** A number as it stands in the text: `1.10`, `7.6432e-05`, `-0`, 65 digits. */
export class NumberLiteral {
  readonly text: string

  /** @param text a number in JSON's grammar; `parseExact` checks, this constructor does not */
  constructor(text: string) {
    this.text = text
  }

  /** The nearest double, what `JSON.parse` gives. */
  toNumber(): number {
    return Number(this.text)
  }

  toString(): string {
    return this.text
  }

  /** Where only doubles fit, e.g. `JSON.stringify`. */
  toJSON(): number {
    return Number(this.text)
  }
}

/**
 * A JSON value whose numbers kept their digits. Objects are maps: every key is safe (`__proto__`) and the order is the text's,
 * also of keys that look like integers.
 */
export type ExactJson = null | boolean | string | NumberLiteral | readonly ExactJson[] | ReadonlyMap<string, ExactJson>

type Container = ExactJson[] | Map<string, ExactJson>

/**
 * Parses strict JSON and keeps every number as its literal.
 *
 * Accepts exactly what `JSON.parse` accepts, at any depth; of members with the same key the last counts. Three times the cost
 * of `JSON.parse`: for single values of ordinary frames use `exactView`.
 *
 * @throws SchemasError `JSON_INVALID`, with the offset
 */
export function parseExact(text: string): ExactJson {
  const open: Container[] = []
  const keys: string[] = []
  let at = skipSpace(text, 0)
  for (;;) {
    let value: ExactJson
    const unit = text.charCodeAt(at)
    if (unit === 0x7b) {
      at = skipSpace(text, at + 1)
      if (text.charCodeAt(at) !== 0x7d) {
        open.push(new Map())
        at = readKey(text, at, keys)
        continue
      }
      at++
      value = new Map()
    } else if (unit === 0x5b) {
      at = skipSpace(text, at + 1)
      if (text.charCodeAt(at) !== 0x5d) {
        open.push([])
        continue
      }
      at++
      value = []
    } else {
      const end = scalarEnd(text, at, unit)
      value = scalar(text, at, end, unit)
      at = end
    }
    // hand the finished value to its container, and close what ends with it
    for (;;) {
      at = skipSpace(text, at)
      const container = open.at(-1)
      if (container === undefined) {
        if (at < text.length) throw invalidJson(text, at, 'the end of the text')
        return value
      }
      const next = text.charCodeAt(at)
      if (Array.isArray(container)) {
        container.push(value)
        if (next === 0x2c) {
          at = skipSpace(text, at + 1)
          break
        }
        if (next !== 0x5d) throw invalidJson(text, at, "',' or ']'")
      } else {
        container.set(keys.pop() as string, value)
        if (next === 0x2c) {
          at = readKey(text, skipSpace(text, at + 1), keys)
          break
        }
        if (next !== 0x7d) throw invalidJson(text, at, "',' or '}'")
      }
      at++
      value = open.pop() as Container
    }
  }
}

function readKey(text: string, offset: number, keys: string[]): number {
  if (text.charCodeAt(offset) !== 0x22) throw invalidJson(text, offset, 'a key')
  const end = skipStrictString(text, offset)
  keys.push(unquote(text, offset, end))
  const colon = skipSpace(text, end)
  if (text.charCodeAt(colon) !== 0x3a) throw invalidJson(text, colon, "':'")
  return skipSpace(text, colon + 1)
}

function scalarEnd(text: string, at: number, unit: number): number {
  if (unit === 0x22) return skipStrictString(text, at)
  for (const word of ['true', 'false', 'null']) if (text.startsWith(word, at)) return at + word.length
  return skipNumber(text, at)
}

function scalar(text: string, at: number, end: number, unit: number): ExactJson {
  if (unit === 0x22) return unquote(text, at, end)
  if (unit === 0x74) return true
  if (unit === 0x66) return false
  return unit === 0x6e ? null : new NumberLiteral(text.slice(at, end))
}

function unquote(text: string, start: number, end: number): string {
  const inner = text.slice(start + 1, end - 1)
  return inner.includes('\\') ? (JSON.parse(text.slice(start, end)) as string) : inner
}

type Piece = string | { readonly value: ExactJson; readonly depth: number }

/**
 * Prints exact JSON: numbers as their literal, strings as `JSON.stringify` prints them, keys in their order.
 *
 * @param space spaces or text per level, as in `JSON.stringify`; none by default
 * @throws SchemasError `JSON_UNPRINTABLE` for values that are not `ExactJson`
 */
export function stringifyExact(value: ExactJson, space: string | number = ''): string {
  const indent = typeof space === 'number' ? ' '.repeat(Math.min(10, Math.max(0, space))) : space.slice(0, 10)
  const out: string[] = []
  const todo: Piece[] = [{ value, depth: 0 }]
  for (let piece = todo.pop(); piece !== undefined; piece = todo.pop()) {
    if (typeof piece === 'string') out.push(piece)
    else printInto(out, todo, piece.value, piece.depth, indent)
  }
  return out.join('')
}

function printInto(out: string[], todo: Piece[], value: ExactJson, depth: number, indent: string): void {
  if (value instanceof NumberLiteral) out.push(value.text)
  else if (value === null || typeof value === 'boolean' || typeof value === 'string') out.push(JSON.stringify(value))
  else if (Array.isArray(value)) printList(out, todo, '[]', value, depth, indent, () => '')
  else if (value instanceof Map) {
    const entries = [...value]
    const colon = indent === '' ? ':' : ': '
    printList(
      out,
      todo,
      '{}',
      entries.map(([, member]) => member),
      depth,
      indent,
      (index) => JSON.stringify(entries[index]?.[0]) + colon,
    )
  } else {
    throw new SchemasError('JSON_UNPRINTABLE', `a ${typeof value} is no exact JSON value: numbers are NumberLiteral, objects Map`)
  }
}

function printList(
  out: string[],
  todo: Piece[],
  brackets: string,
  items: readonly ExactJson[],
  depth: number,
  indent: string,
  label: (index: number) => string,
): void {
  if (items.length === 0) {
    out.push(brackets)
    return
  }
  const lineBreak = indent === '' ? '' : `\n${indent.repeat(depth + 1)}`
  const end = indent === '' ? '' : `\n${indent.repeat(depth)}`
  out.push(brackets.charAt(0))
  todo.push(end + brackets.charAt(1))
  for (let index = items.length - 1; index >= 0; index--) {
    todo.push({ value: items[index] as ExactJson, depth: depth + 1 }, (index === 0 ? '' : ',') + lineBreak + label(index))
  }
}
