import { DOC_TYPES, type DocType } from '@vectra/schemas'
import { ANALYSIS, partsOf } from './analysis/catalogue.ts'

type Node = Readonly<Record<string, unknown>>

const TYPES: ReadonlySet<string> = new Set(DOC_TYPES)
const ANALYSIS_NAMES: ReadonlySet<string> = new Set(ANALYSIS.map(({ name }) => name))
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
  /** Adds what a view of one doc_type, or an analyst's view over some, is made of; false for any other name. */
  const typesOf = (name: string): boolean => {
    const parts = partsOf(name).filter((part) => !ANALYSIS_NAMES.has(part))
    if (!parts.every((part) => TYPES.has(part))) return false
    for (const part of parts) found.add(part as DocType)
    return parts.length > 0
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
      if (!typesOf(table) && !pure.has(table)) all()
    } else if (type === 'TABLE_FUNCTION') {
      const call = value['function']
      const name = isNode(call) ? named(call['function_name']) : ''
      if (!pure.has(name) && !typesOf(name)) all()
    }
    for (const item of Object.values(value)) walk(item)
  }
  walk(tree)
  return found
}

/** Table functions and tables that read no file. */
export const READ_NOTHING: ReadonlySet<string> = new Set(['range', 'generate_series', 'unnest'])
