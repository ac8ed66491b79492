import type { OmittedEdge } from '../check/types.ts'
import { folderOf, relativePath } from '../model/locate.ts'

/** A row to write. */
export interface NewRow {
  readonly target: string
  readonly relation: string
}

/** The row that states an omitted edge: inheritance first, else what is imported; importers receive data. */
export function rowOf(contextPath: string, edge: OmittedEdge): NewRow {
  const target = relativePath(folderOf(contextPath), edge.path)
  if (edge.direction === 'in') return { target, relation: 'Provides data to' }
  const names = edge.names.filter((name) => name !== '*' && name !== 'default')
  const shown = names.slice(0, 6)
  return { target, relation: shown.length > 0 ? `Imports ${shown.join(', ')} from` : 'Imports from' }
}

/** Rows as table lines, escaped for Markdown. */
export function printRows(rows: readonly NewRow[], columns: number, eol: string): string {
  return rows
    .map(({ target, relation }) => {
      const fence = target.includes('`') ? '``' : '`'
      const cells = [
        `${fence}${target.replaceAll('|', '\\|')}${fence}`,
        relation.replaceAll('|', '\\|'),
        ...Array.from({ length: Math.max(0, columns - 2) }, () => ''),
      ]
      return `| ${cells.join(' | ')} |`
    })
    .join(eol)
}
