import type { Node, RootContent } from 'mdast'
import type { SourceText } from './source-text.ts'
import type { BoxKind, ContextFile, StatusBox } from './types.ts'

const REVIEWED = /<!--\s*vectra-context reviewed:([^>]*?)-->/

/** Checkboxes of the Status section; nested ones too. */
export function boxesOf(nodes: readonly RootContent[], source: SourceText): StatusBox[] {
  const boxes: StatusBox[] = []
  const visit = (node: Node): void => {
    if (node.type === 'listItem' && 'checked' in node && typeof node.checked === 'boolean') {
      const span = source.span(node)
      const mark = source.text.indexOf('[', span.start) + 1
      const label =
        source.text
          .slice(mark + 2, span.end)
          .split(/\r?\n/)[0]
          ?.trim() ?? ''
      boxes.push({ kind: boxKind(label), label, checked: node.checked, mark: source.spanOf(mark, mark + 1) })
    }
    if ('children' in node) for (const child of node.children as Node[]) visit(child)
  }
  for (const node of nodes) visit(node)
  return boxes
}

function boxKind(label: string): BoxKind {
  if (/^tests? (are )?(written|exist|pass|complete)|^unit tests|^tested/i.test(label)) return 'tests'
  if (/^indexed/i.test(label)) return 'indexed'
  if (/^relationships? (are )?(verified|checked)/i.test(label)) return 'relationships'
  return 'other'
}

/** The `<!-- vectra-context reviewed: a.ts=1a2b3c4d … -->` line, when there is one. */
export function reviewedOf(source: SourceText): ContextFile['reviewed'] {
  const match = REVIEWED.exec(source.text)
  if (match === null) return null
  const hashes = new Map<string, string>()
  for (const pair of (match[1] as string).trim().split(/\s+/)) {
    const equals = pair.lastIndexOf('=')
    if (equals > 0) hashes.set(decodeURIComponentSafe(pair.slice(0, equals)), pair.slice(equals + 1))
  }
  return { span: source.spanOf(match.index, match.index + match[0].length), hashes }
}

/** Prints the reviewed line; names are percent-encoded so that a space cannot end one. */
export function printReviewed(hashes: ReadonlyMap<string, string>): string {
  const pairs = [...hashes].sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, hash]) => `${encodeURIComponent(name)}=${hash}`)
  return `<!-- vectra-context reviewed: ${pairs.join(' ')} -->`
}

function decodeURIComponentSafe(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
