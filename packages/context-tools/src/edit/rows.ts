import type { OmittedEdge } from '../check/types.ts'
import { folderOf, relativePath } from '../model/locate.ts'
import { MOST_NAMES } from './names.ts'

/** A row to write. */
export interface NewRow {
  readonly target: string
  readonly relation: string
}

/** The row that states an omitted edge: inheritance first, else what is imported; importers receive data. */
function rowOf(contextPath: string, edge: OmittedEdge): NewRow {
  const target = relativePath(folderOf(contextPath), edge.path)
  if (edge.direction === 'in') return { target, relation: 'Provides data to' }
  const names = edge.names.filter((name) => name !== '*' && name !== 'default')
  const shown = names.slice(0, MOST_NAMES)
  return { target, relation: shown.length > 0 ? `Imports ${shown.join(', ')} from` : 'Imports from' }
}

/**
 * Rows for omitted edges, heaviest first. Files of one folder below the module become one row for that folder:
 * a package's front door names its parts, not their files.
 */
export function rowsOf(contextPath: string, edges: readonly OmittedEdge[]): NewRow[] {
  const folder = folderOf(contextPath)
  const inside = folder === '' ? '' : `${folder}/`
  const merged = new Map<string, OmittedEdge>()
  for (const edge of edges) {
    const rest = edge.path.startsWith(inside) ? edge.path.slice(inside.length) : ''
    const child =
      edge.direction === 'out' && rest.includes('/') && folder !== ''
        ? `${inside}${rest.slice(0, rest.indexOf('/'))}/`
        : edge.path
    const key = `${edge.direction} ${child}`
    const known = merged.get(key)
    merged.set(
      key,
      known === undefined
        ? { ...edge, path: child }
        : { ...known, names: [...known.names, ...edge.names], weight: known.weight + edge.weight },
    )
  }
  return [...merged.values()].sort((a, b) => b.weight - a.weight).map((edge) => rowOf(contextPath, edge))
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
