import type { List, Node, Table, TableCell } from 'mdast'
import type { SourceText } from './source-text.ts'
import type { ContextFile, Problem, Row, Span } from './types.ts'
import { parseRelation } from './vocabulary.ts'

/** Rows of a relationship table; columns are found by their header, else by position. */
export function rowsOfTable(table: Table, source: SourceText): { rows: Row[]; table: ContextFile['table']; problems: Problem[] } {
  const [header, ...body] = table.children
  const titles = (header?.children ?? []).map((cell) => source.plain(cell).trim())
  const place = source.span(table)
  if (titles.length < 2) {
    return {
      rows: [],
      table: null,
      problems: [{ code: 'table-shape', message: 'the relationship table needs two columns: Script, Relationship', span: place }],
    }
  }
  const relationColumn =
    Math.max(
      titles.findIndex((title) => /relation/i.test(title)),
      0,
    ) || 1
  const scriptColumn = Math.max(
    titles.findIndex((title, index) => index !== relationColumn && /script|file|module|path|target|package/i.test(title)),
    0,
  )
  const rows = body.flatMap((line) => {
    const script = line.children[scriptColumn]
    const relation = line.children[relationColumn]
    if (script === undefined || relation === undefined) return []
    return rowsOf(targetsIn(script, source), innerSpan(relation, source), source.span(line), source)
  })
  return { rows, table: { columns: titles.length, end: source.spanOf(place.end, place.end) }, problems: [] }
}

/** Rows of the list dialect: `- \`../bus.ts\`: Subscribes to events from`. */
export function rowsOfList(list: List, source: SourceText): Row[] {
  return list.children.flatMap((item) => {
    const paragraph = item.children[0]
    if (paragraph?.type !== 'paragraph') return []
    const code = paragraph.children.find((node) => node.type === 'inlineCode' || node.type === 'link')
    if (code === undefined) return []
    const from = source.span(code)
    const whole = source.span(paragraph)
    const before = source.text
      .slice(whole.start, from.start)
      .replace(/[\s:*_–—-]+$/, '')
      .trim()
    const after = /^[\s:*_–—-]*/.exec(source.text.slice(from.end, whole.end))?.[0].length ?? 0
    const relation =
      before === '' ? source.spanOf(from.end + after, whole.end) : source.spanOf(whole.start, whole.start + before.length)
    if (relation.end <= relation.start) return []
    return rowsOf(
      [target(code, source)].filter((found) => found !== null),
      relation,
      whole,
      source,
    )
  })
}

function rowsOf(targets: readonly { text: string; span: Span }[], relationSpan: Span, span: Span, source: SourceText): Row[] {
  const relation = source.text.slice(relationSpan.start, relationSpan.end).replaceAll('\\|', '|').trim()
  const claims = parseRelation(relation)
  return targets.map(({ text, span: targetSpan }) => ({ target: text, targetSpan, relation, relationSpan, span, claims }))
}

function targetsIn(cell: TableCell, source: SourceText): { text: string; span: Span }[] {
  const found = cell.children.map((node) => target(node, source)).filter((one) => one !== null)
  if (found.length > 0) return found
  const span = innerSpan(cell, source)
  const text = source.text.slice(span.start, span.end).trim()
  return text === '' ? [] : [{ text, span }]
}

function target(node: Node, source: SourceText): { text: string; span: Span } | null {
  if (node.type === 'inlineCode') return located(source.plain(node), source.span(node), source)
  if (node.type === 'link' && 'url' in node && typeof node.url === 'string')
    return located(node.url.replace(/#.*$/, ''), source.span(node), source, true)
  return null
}

function located(value: string, place: Span, source: SourceText, last = false): { text: string; span: Span } {
  const slice = source.text.slice(place.start, place.end)
  const at = last ? slice.lastIndexOf(value) : slice.indexOf(value)
  const from = at < 0 ? place.start : place.start + at
  return { text: value.trim(), span: source.spanOf(from, at < 0 ? place.end : from + value.length) }
}

function innerSpan(cell: TableCell, source: SourceText): Span {
  const first = cell.children[0]
  const last = cell.children.at(-1)
  const whole = source.span(cell)
  return first === undefined || last === undefined
    ? source.spanOf(whole.end, whole.end)
    : source.spanOf(source.span(first).start, source.span(last).end)
}
