import { splitIdentifier } from '../documents/identifiers.ts'

/** A stretch of a hit's text around the words of the query. */
export interface Snippet {
  readonly text: string
  /** Positions in `text` that the query's words matched, start and end. */
  readonly matches: readonly (readonly [number, number])[]
}

const STOP = new Set(
  'a an and are as at be but by for from how if in into is it no not of on or such that the their then there these they this to was what when where which who why will with does do'.split(
    ' ',
  ),
)

/** Crude stem: enough to mark `prices` for `price`. The index has its own. */
const stem = (word: string): string =>
  word
    .toLowerCase()
    .replace(/(?:ing|ies|ed|es|s|e)$/, '')
    .slice(0, 12)

/** The words of a query that a snippet marks. */
export function queryStems(query: string): Set<string> {
  const words = query.match(/[\p{L}\p{N}]+/gu) ?? []
  const all = [...words, ...words.flatMap(splitIdentifier)]
  return new Set(all.filter((word) => word.length > 1 && !STOP.has(word.toLowerCase())).map(stem))
}

/** The window of at most `width` characters with the most different query words, and where they stand. */
export function snippetOf(body: string, query: string, width = 240): Snippet {
  const stems = queryStems(query)
  const found: { start: number; end: number; stem: string }[] = []
  for (const match of body.matchAll(/[\p{L}\p{N}]+/gu)) {
    const own = stem(match[0])
    const hit = stems.has(own)
      ? own
      : splitIdentifier(match[0])
          .map(stem)
          .find((part) => stems.has(part))
    if (hit !== undefined) found.push({ start: match.index, end: match.index + match[0].length, stem: hit })
  }
  if (body.length <= width) return { text: body, matches: found.map(({ start, end }) => [start, end] as const) }
  let best = { from: 0, score: -1 }
  for (const { start } of [{ start: 0 }, ...found]) {
    const inside = found.filter((item) => item.start >= start && item.end <= start + width - 40)
    const score = new Set(inside.map((item) => item.stem)).size + inside.length / 1_000
    if (score > best.score) best = { from: start, score }
  }
  const [from, to] = wordBounds(body, Math.max(0, Math.min(best.from - 20, body.length - width)), width)
  const lead = from > 0 ? '… ' : ''
  const shift = lead.length - from
  return {
    text: `${lead}${body.slice(from, to)}${to < body.length ? ' …' : ''}`,
    matches: found
      .filter(({ start, end }) => start >= from && end <= to)
      .map(({ start, end }) => [start + shift, end + shift] as const),
  }
}

function wordBounds(body: string, from: number, width: number): [number, number] {
  const start = from === 0 ? 0 : from + Math.max(0, body.slice(from, from + 20).search(/(?<=\s)\S/))
  const end = Math.min(body.length, start + width)
  if (end === body.length) return [start, end]
  const space = body.lastIndexOf(' ', end)
  return [start, space > start + width / 2 ? space : end]
}
