import type { Arrow, Span } from './types.ts'

const ARROW = /\s*(?:\s(?:-{2,}|─{2,})\s*[\p{L}\p{N}_ .'"():/]+?\s*(?:-{2,}|─{2,})[>▶►]|[-─═=]*[>▶►]|→|⟶|➜|⇒)\s*/gu
const FRAME = /[├└│┌┐┘┤┬┴┼╭╮╯╰║╔╗╚╝]/gu

/** A longer line is no drawing, and could take long to read; what goes beyond the other bounds is not read either. */
const MOST_LINE = 2000
const MOST_ARROWS = 2000
const MOST_ABOVE = 100

interface Node {
  readonly name: string | null
  readonly column: number
}

/**
 * Reads the arrows of a Data Flow block, line by line.
 *
 * A line that begins with an arrow continues from the node left of the arrow that stands above it, as in
 * the template's second line. Comma lists in one place become one arrow each.
 *
 * @param isThis recognises the words that mean the module itself
 */
export function parseArrows(lines: readonly { text: string; span: Span }[], isThis: (name: string) => boolean): Arrow[] {
  const arrows: Arrow[] = []
  let sources: { at: number; nodes: Node[] }[] = []
  for (const { text, span } of lines) {
    if (arrows.length >= MOST_ARROWS) break
    const line = text.length > MOST_LINE ? '' : text.replace(FRAME, ' ')
    const marks = [...line.matchAll(ARROW)].filter((mark) => mark[0].trim() !== '>' || mark.index > 0)
    if (marks.length === 0) {
      if (line.trim() === '') sources = []
      continue
    }
    const first = marks[0] as RegExpExecArray
    const lead = line.slice(0, first.index)
    const here: typeof sources = []
    let left = lead.trim() === '' ? sourceAbove(sources, first.index + first[0].search(/\S/)) : nodesOf(lead, 0, isThis)
    for (const [index, mark] of marks.entries()) {
      const from = mark.index + mark[0].length
      const right = nodesOf(line.slice(from, marks[index + 1]?.index ?? line.length), from, isThis)
      here.push({ at: mark.index + mark[0].search(/\S/), nodes: left })
      for (const a of left) for (const b of right) arrows.push({ from: a.name, to: b.name, span })
      left = right
    }
    sources = lead.trim() === '' ? [...sources, ...here].slice(-MOST_ABOVE) : here
  }
  return arrows.slice(0, MOST_ARROWS).filter((arrow) => arrow.from !== '' && arrow.to !== '')
}

function sourceAbove(sources: readonly { at: number; nodes: Node[] }[], column: number): Node[] {
  let best: { at: number; nodes: Node[] } | undefined
  for (const source of sources) {
    if (best === undefined || Math.abs(source.at - column) < Math.abs(best.at - column)) best = source
  }
  return best?.nodes ?? []
}

function nodesOf(text: string, column: number, isThis: (name: string) => boolean): Node[] {
  return text
    .split(/,\s+|\s\+\s/)
    .map((part) =>
      part
        .trim()
        .replace(/^[[("'`]+|[\])"'`.:]+$/g, '')
        .trim(),
    )
    .filter((name) => name !== '')
    .map((name) => ({ name: isThis(name) ? null : name, column }))
}
