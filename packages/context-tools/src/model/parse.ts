import type { Heading, List, Node, Root, RootContent, Table } from 'mdast'
import remarkGfm from 'remark-gfm'
import remarkParse from 'remark-parse'
import { unified } from 'unified'
import { parseArrows } from './arrows.ts'
import { baseOf, subjectOf } from './locate.ts'
import { rowsOfList, rowsOfTable } from './rows.ts'
import { SECTION_TITLES, sectionKind } from './sections.ts'
import { SourceText } from './source-text.ts'
import { boxesOf, reviewedOf } from './status.ts'
import type { Arrow, ContextFile, Problem, Row, Section, Span } from './types.ts'

/** A CONTEXT.md larger than this is reported and not parsed: 256 KiB. */
export const MAX_CONTEXT_BYTES = 256 * 1024

const parser = unified().use(remarkParse).use(remarkGfm)

/**
 * Parses a CONTEXT.md without ever throwing.
 *
 * @param path repository-relative, with forward slashes; its name decides the form
 * @param text the file as it is; every span points into this exact string
 */
export function parseContextFile(path: string, text: string): ContextFile {
  const source = new SourceText(text)
  const named = subjectOf(path)
  if (text.length > MAX_CONTEXT_BYTES) return oversize(path, named, source)
  const tree: Root = parser.parse(source.body)
  const sections = sectionsOf(tree, source)
  const inside = (kind: Section['kind']) =>
    contentOf(
      tree,
      source,
      sections.filter((section) => section.kind === kind),
    )
  const related = inside('related')
  const tables = related.filter((node): node is Table => node.type === 'table')
  const rows: Row[] = []
  const problems: Problem[] = problemsOf(sections, source)
  let table: ContextFile['table'] = null
  for (const node of tables) {
    const read = rowsOfTable(node, source)
    rows.push(...read.rows)
    problems.push(...read.problems)
    if (read.table !== null) table ??= read.table
  }
  for (const node of related) if (node.type === 'list') rows.push(...rowsOfList(node as List, source))
  const title = tree.children.find((node): node is Heading => node.type === 'heading' && node.depth === 1)
  const names = new Set([
    baseOf(named.subject).toLowerCase(),
    title === undefined
      ? ''
      : source
          .plain(title)
          .replace(/ Context$/i, '')
          .toLowerCase(),
  ])
  return {
    path,
    ...named,
    title: title === undefined ? null : source.plain(title),
    purpose: purposeOf(inside('purpose'), source),
    sections,
    table,
    rows,
    arrows: arrowsOf(inside('flow'), source, names),
    decisions: inside('decisions').flatMap((node) =>
      node.type === 'list'
        ? node.children.map((item) =>
            source
              .slice(item)
              .replace(/^[-*+]\s+/, '')
              .trim(),
          )
        : [],
    ),
    boxes: boxesOf(inside('status'), source),
    reviewed: reviewedOf(source),
    problems,
  }
}

function sectionsOf(tree: Root, source: SourceText): Section[] {
  const headings = tree.children.filter((node): node is Heading => node.type === 'heading')
  /** Where the next heading of each depth stands, seen from the end of the file. */
  const ahead: number[] = Array.from({ length: 7 }, () => source.length)
  const sections: Section[] = []
  for (const heading of headings.reverse()) {
    const title = source.plain(heading)
    const kind = sectionKind(title)
    const from = source.span(heading)
    const bodyEnd = Math.min(...ahead.slice(0, heading.depth + 1))
    ahead[heading.depth] = from.start
    if (heading.depth > 1 || kind.kind !== 'other')
      sections.push({ ...kind, title, heading: from, body: source.spanOf(from.end, bodyEnd) })
  }
  return sections.reverse()
}

function contentOf(tree: Root, source: SourceText, sections: readonly Section[]): RootContent[] {
  return tree.children.filter((node) => {
    const at = start(node) + source.shift
    return node.type !== 'heading' && sections.some((section) => at >= section.body.start && at < section.body.end)
  })
}

function start(node: Node): number {
  return node.position?.start.offset ?? 0
}

function purposeOf(nodes: readonly RootContent[], source: SourceText): string | null {
  const paragraph = nodes.find((node) => node.type === 'paragraph')
  return paragraph === undefined ? null : source.slice(paragraph).trim()
}

function arrowsOf(nodes: readonly RootContent[], source: SourceText, names: ReadonlySet<string>): Arrow[] {
  const isThis = (name: string) =>
    /^(this( (module|file|package|folder|script|directory))?|self)$/i.test(name) ||
    names.has(name.replace(/\s+(module|package)$/i, '').toLowerCase())
  return nodes
    .filter((node) => node.type === 'code' || node.type === 'paragraph' || node.type === 'list')
    .flatMap((node) => parseArrows(source.lines(node), isThis))
}

function problemsOf(sections: readonly Section[], source: SourceText): Problem[] {
  const problems: Problem[] = []
  for (const [kind, title] of Object.entries(SECTION_TITLES)) {
    const found = sections.filter((section) => section.kind === kind)
    if (found.length === 0)
      problems.push({ code: 'section-missing', message: `section "## ${title}" is missing`, span: source.spanOf(0, 0) })
    for (const extra of found.slice(1).filter((section) => section.canonical)) {
      problems.push({
        code: 'duplicate-section',
        message: `section "${extra.title}" appears more than once`,
        span: extra.heading,
      })
    }
    const dialect = found.find((section) => !section.canonical)
    if (dialect !== undefined && !found.some((section) => section.canonical)) {
      problems.push({
        code: 'section-dialect',
        message: `"${dialect.title}" is read as "${title}": rename the heading`,
        span: dialect.heading,
      })
    }
  }
  return problems
}

function oversize(path: string, named: Pick<ContextFile, 'form' | 'subject'>, source: SourceText): ContextFile {
  const span: Span = source.spanOf(0, 0)
  const message = `file is larger than ${MAX_CONTEXT_BYTES / 1024} KiB and was not read: split it`
  return {
    path,
    ...named,
    title: null,
    purpose: null,
    sections: [],
    table: null,
    rows: [],
    arrows: [],
    decisions: [],
    boxes: [],
    reviewed: null,
    problems: [{ code: 'oversize', message, span }],
  }
}
