import type { CodeDocument, CodeKind } from './document.ts'
import { type MarkdownSection, markdownBlocks, markdownSections, plainMarkdown, rowCells } from './markdown.ts'

const KINDS: ReadonlyMap<string, CodeKind> = new Map([
  ['purpose', 'purpose'],
  ['related scripts', 'relations'],
  ['data flow', 'data_flow'],
  ['key decisions', 'decision'],
  ['status', 'status'],
])

/** What a checker said of a file's relations, by line of the row, from 1; for the `verdict` of a row. */
export type VerdictOf = (line: number) => string | undefined

/**
 * The documents of one CONTEXT.md: every section, every decision and every relation on its own.
 *
 * @param path of the file, relative to the repository, with `/`
 */
export function contextDocuments(path: string, text: string, verdictOf: VerdictOf = () => undefined): CodeDocument[] {
  const folder = path.includes('/') ? path.slice(0, path.lastIndexOf('/')) : ''
  const script = /([^/]+)\.CONTEXT\.md$/.exec(path)?.[1]
  const module = script === undefined ? folder || '.' : `${folder === '' ? '' : `${folder}/`}${script}`
  const documents: CodeDocument[] = []
  const used = new Map<string, number>()
  const add = (
    section: MarkdownSection,
    kind: CodeKind,
    label: string,
    body: string,
    line: number,
    more: Partial<CodeDocument> = {},
  ): void => {
    const base = `${kind}:${label}`
    const count = (used.get(base) ?? 0) + 1
    used.set(base, count)
    const last = section.headings.at(-1) ?? ''
    documents.push({
      table: 'code_context',
      kind,
      id: count === 1 ? base : `${base}:${count}`,
      headings: [module, last],
      body: plainMarkdown(body),
      path,
      module,
      line,
      ...more,
    })
  }
  for (const section of markdownSections(text)) {
    const heading = section.headings.at(-1) ?? ''
    const kind = KINDS.get(heading.toLowerCase()) ?? 'section'
    const blocks = markdownBlocks(section)
    if (kind === 'decision') {
      for (const block of blocks) add(section, kind, plainMarkdown(block.text).slice(0, 40), block.text, block.line)
    } else if (kind === 'relations') {
      for (const block of blocks) {
        const [from, relationship] = block.type === 'row' ? rowCells(block.text) : []
        if (from === undefined || relationship === undefined || from === 'Script') continue
        const verdict = verdictOf(block.line)
        add(
          section,
          kind,
          plainMarkdown(`${from} ${relationship}`).slice(0, 80),
          `${module}: ${relationship} ${from}`,
          block.line,
          {
            ...(verdict === undefined ? {} : { verdict }),
          },
        )
      }
    } else add(section, kind, section.headings.join('/').slice(0, 60), section.body, section.line)
  }
  return documents
}
