/** A stretch of Markdown under one chain of headings. */
export interface MarkdownSection {
  /** Headings above it, outermost first. */
  readonly headings: readonly string[]
  readonly body: string
  /** Line of its first text, from 1. */
  readonly line: number
}

/** One entry of a section: a list item, a table row, or a block of anything else. */
export interface MarkdownBlock {
  readonly type: 'item' | 'row' | 'block'
  readonly text: string
  readonly line: number
}

/** The sections of a Markdown text, in order, without empty ones. Fenced code keeps its lines; a `#` in it is no heading. */
export function markdownSections(text: string): MarkdownSection[] {
  const sections: MarkdownSection[] = []
  const headings: string[] = []
  let lines: string[] = []
  let start = 1
  let fence: string | undefined
  const close = (): void => {
    const first = lines.findIndex((line) => line.trim() !== '')
    if (first >= 0) {
      sections.push({
        headings: headings.filter((heading) => heading !== undefined),
        body: lines.join('\n').trim(),
        line: start + first,
      })
    }
    lines = []
  }
  for (const [index, line] of text.replaceAll('\r\n', '\n').split('\n').entries()) {
    const mark = /^\s{0,3}(```+|~~~+)/.exec(line)?.[1]
    if (mark !== undefined && (fence === undefined || mark.startsWith(fence))) fence = fence === undefined ? mark : undefined
    const heading = fence === undefined ? /^(#{1,6})\s+(.+?)\s*#*$/.exec(line) : null
    if (heading?.[1] === undefined || heading[2] === undefined) {
      lines.push(line)
      continue
    }
    close()
    start = index + 2
    headings.length = Math.min(headings.length, heading[1].length - 1)
    for (let level = headings.length; level < heading[1].length - 1; level++) headings[level] = ''
    headings.push(heading[2].replaceAll('`', '').replaceAll('**', ''))
  }
  close()
  return sections.map((section) => ({ ...section, headings: section.headings.filter((heading) => heading !== '') }))
}

/** The entries of a section's body: items of a list and rows of a table each on their own. */
export function markdownBlocks(section: Pick<MarkdownSection, 'body' | 'line'>): MarkdownBlock[] {
  const blocks: MarkdownBlock[] = []
  let open: { type: MarkdownBlock['type']; lines: string[]; line: number } | undefined
  let fenced = false
  const close = (): void => {
    const text = open?.lines.join('\n').trim()
    if (open !== undefined && text) blocks.push({ type: open.type, text, line: open.line })
    open = undefined
  }
  for (const [index, line] of section.body.split('\n').entries()) {
    const at = section.line + index
    if (/^\s*(```|~~~)/.test(line)) {
      fenced = !fenced
      open ??= { type: 'block', lines: [], line: at }
      open.lines.push(line)
    } else if (fenced) open?.lines.push(line)
    else if (/^(?:[-*+]|\d+[.)])\s+/.test(line)) {
      close()
      open = { type: 'item', lines: [line.replace(/^(?:[-*+]|\d+[.)])\s+/, '')], line: at }
    } else if (/^\s*\|/.test(line)) {
      close()
      if (!/^\s*\|[\s:|-]+\|\s*$/.test(line)) blocks.push({ type: 'row', text: line.trim(), line: at })
    } else if (line.trim() === '') close()
    else {
      open ??= { type: 'block', lines: [], line: at }
      open.lines.push(line)
    }
  }
  close()
  return blocks
}

/** Cells of a table row. */
export function rowCells(row: string): string[] {
  return row
    .replace(/^\||\|$/g, '')
    .split(/(?<!\\)\|/)
    .map((cell) => cell.trim().replaceAll('\\|', '|'))
}

/** Text without Markdown's marks: code ticks, emphasis, link targets. */
export function plainMarkdown(text: string): string {
  return text
    .replace(/\[([^\]]+)\]\([^)]*\)/g, '$1')
    .replace(/\*\*([^*]+)\*\*/g, '$1')
    .replaceAll('`', '')
}
