import { DOC_TYPES, type DocType } from '@vectra/schemas'

type Node = Readonly<Record<string, unknown>>

const TYPES: ReadonlySet<string> = new Set(DOC_TYPES)
const isNode = (value: unknown): value is Node => typeof value === 'object' && value !== null && !Array.isArray(value)
const named = (value: unknown): string => (typeof value === 'string' ? value.toLowerCase() : '')

/**
 * Doc types whose files a statement can read, from its syntax tree (what `json_serialize_sql` gives).
 *
 * Every table that is not a view of one doc_type (`events`, a view or function over several, a name of the statement's own) counts as
 * all of them: too many files are looked at then, never too few.
 */
export function referencedTypes(tree: unknown, pure: ReadonlySet<string>): ReadonlySet<DocType> {
  const found = new Set<DocType>()
  const all = (): void => {
    for (const type of DOC_TYPES) found.add(type)
  }
  const walk = (value: unknown): void => {
    if (Array.isArray(value)) {
      for (const item of value) walk(item)
      return
    }
    if (!isNode(value)) return
    const { type } = value
    if (type === 'SHOW_REF') all()
    else if (type === 'BASE_TABLE') {
      const table = named(value['table_name'])
      if (TYPES.has(table)) found.add(table as DocType)
      else if (!pure.has(table)) all()
    } else if (type === 'TABLE_FUNCTION') {
      const call = value['function']
      if (!isNode(call) || !pure.has(named(call['function_name']))) all()
    }
    for (const item of Object.values(value)) walk(item)
  }
  walk(tree)
  return found
}

/** Table functions and tables that read no file. */
export const READ_NOTHING: ReadonlySet<string> = new Set(['range', 'generate_series', 'unnest'])
