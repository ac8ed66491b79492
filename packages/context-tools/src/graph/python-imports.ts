import type { Node } from 'web-tree-sitter'
import type { ImportedName, ImportFact } from './facts.ts'
import type { Place } from './python-walk.ts'

/** Import facts of one statement: `import a, b.c as d` gives two, `from . import x, y` gives one. */
export function importsOfNode(node: Node, place: Pick<Place, 'conditional' | 'typing'>): ImportFact[] {
  const base = {
    kind: 'static',
    typeOnly: place.typing,
    conditional: place.conditional,
    line: node.startPosition.row + 1,
    column: node.startPosition.column + 1,
  } as const
  const listed = node.childrenForFieldName('name').filter((child) => child !== null)
  if (node.type === 'import_statement') {
    return listed.map((child) => {
      const { name, alias } = aliased(child)
      return { ...base, specifier: name, names: [{ name: '*', local: alias ?? name, typeOnly: place.typing }] }
    })
  }
  const specifier =
    node.type === 'future_import_statement' ? '__future__' : compact(node.childForFieldName('module_name')?.text ?? '')
  const wildcard = node.namedChildren.some((child) => child?.type === 'wildcard_import')
  const names: ImportedName[] = wildcard
    ? [{ name: '*', local: null, typeOnly: place.typing }]
    : listed.map((child) => {
        const { name, alias } = aliased(child)
        return { name, local: alias ?? name, typeOnly: place.typing }
      })
  return [{ ...base, specifier, names }]
}

function aliased(node: Node): { name: string; alias: string | null } {
  if (node.type !== 'aliased_import') return { name: compact(node.text), alias: null }
  return { name: compact(node.childForFieldName('name')?.text ?? ''), alias: node.childForFieldName('alias')?.text ?? null }
}

/** Dotted names may hold blanks, line continuations and comments. */
function compact(text: string): string {
  return text.replace(/\\\r?\n|\s+/g, '')
}
