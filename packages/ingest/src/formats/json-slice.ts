/** Finds the exact text of a member inside a JSON text that `JSON.parse` has accepted. Nothing is re-serialised. */

/** Where a value stands: `text.slice(start, end)`. */
export interface Span {
  readonly start: number
  readonly end: number
}

const QUOTE = 34
const COMMA = 44
const BACKSLASH = 92

/**
 * Spans of an object's member values, by key. A key that stands twice has its last value, as in `JSON.parse`.
 *
 * @param text valid JSON; the value that starts at `from` (after blanks) must be an object
 */
export function memberSpans(text: string, from = 0): Map<string, Span> {
  const members = new Map<string, Span>()
  let at = skipBlanks(text, skipBlanks(text, from) + 1)
  while (text[at] === '"') {
    const keyEnd = endOfString(text, at)
    const key = JSON.parse(text.slice(at, keyEnd)) as string
    const start = skipBlanks(text, skipBlanks(text, keyEnd) + 1)
    const end = endOfValue(text, start)
    members.set(key, { start, end })
    at = skipBlanks(text, end)
    if (text.charCodeAt(at) !== COMMA) break
    at = skipBlanks(text, at + 1)
  }
  return members
}

/** The span between the brackets of an array, without blanks at either end. */
export function insideArray(text: string, array: Span): Span {
  let end = array.end - 1
  const start = skipBlanks(text, array.start + 1)
  while (end > start && isBlank(text.charCodeAt(end - 1))) end -= 1
  return { start, end: Math.max(start, end) }
}

/** The text of a span. */
export function slice(text: string, span: Span): string {
  return text.slice(span.start, span.end)
}

function endOfValue(text: string, start: number): number {
  const first = text[start]
  if (first === '"') return endOfString(text, start)
  if (first !== '{' && first !== '[') {
    let at = start
    while (at < text.length && !/[\s,\]}]/.test(text.charAt(at))) at += 1
    return at
  }
  let depth = 0
  for (let at = start; at < text.length; at += 1) {
    const code = text.charCodeAt(at)
    if (code === QUOTE) at = endOfString(text, at) - 1
    else if (code === 123 || code === 91) depth += 1
    else if (code === 125 || code === 93) {
      depth -= 1
      if (depth === 0) return at + 1
    }
  }
  return text.length
}

/** @param start position of the opening quote; returns the position after the closing one */
function endOfString(text: string, start: number): number {
  for (let at = text.indexOf('"', start + 1); at >= 0; at = text.indexOf('"', at + 1)) {
    let slashes = 0
    while (text.charCodeAt(at - 1 - slashes) === BACKSLASH) slashes += 1
    if (slashes % 2 === 0) return at + 1
  }
  return text.length
}

function skipBlanks(text: string, from: number): number {
  let at = from
  while (isBlank(text.charCodeAt(at))) at += 1
  return at
}

function isBlank(code: number): boolean {
  return code === 32 || code === 10 || code === 13 || code === 9
}
