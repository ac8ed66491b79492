import { DOC_TYPES } from '@vectra/schemas'
import { ANALYSIS, ANALYSIS_VIEWS, partsOf, TABLE_FUNCTIONS, unqualified } from '../query/analysis/catalogue.ts'
import type { SqlParam, SqlParams } from '../query/duckdb.ts'
import type { PartRef } from '../query/file-source.ts'
import { literal, replaceParameters } from '../query/sql-text.ts'
import { VIEWS, viewBody } from '../query/views.ts'

const NAMES: ReadonlySet<string> = new Set([...VIEWS, ...ANALYSIS_VIEWS])

const BODIES: ReadonlyMap<string, string> = new Map(
  ANALYSIS.flatMap(({ name, parameters, sql }) => (parameters === undefined ? [[name, unqualified(sql)] as const] : [])),
)

type Node = Readonly<Record<string, unknown>>
const isNode = (value: unknown): value is Node => typeof value === 'object' && value !== null && !Array.isArray(value)
const named = (value: unknown): string => (typeof value === 'string' ? value.toLowerCase() : '')

/**
 * Views that a statement reads, from its syntax tree (what `json_serialize_sql` gives); `undefined` when only the local engine can
 * answer: questions about the catalog (SHOW, DESCRIBE, `information_schema`, `duckdb_…`), names with a schema, our table functions.
 */
export function readableElsewhere(tree: unknown): ReadonlySet<string> | undefined {
  const found = new Set<string>()
  const walk = (value: unknown): boolean => {
    if (Array.isArray(value)) return value.every(walk)
    if (!isNode(value)) return true
    const { type } = value
    if (type === 'SHOW_REF') return false
    if (type === 'BASE_TABLE') {
      const table = named(value['table_name'])
      if (named(value['schema_name']) !== '' || /^(duckdb|pg|sqlite)_/.test(table)) return false
      if (NAMES.has(table)) found.add(table)
    }
    if (type === 'TABLE_FUNCTION') {
      const call = isNode(value['function']) ? named(value['function']['function_name']) : ''
      if (TABLE_FUNCTIONS.includes(call) || /^(duckdb|pg|icu)_/.test(call)) return false
    }
    return Object.values(value).every(walk)
  }
  return walk(tree) ? found : undefined
}

/**
 * One SELECT that needs nothing but the part files: the views it names are common table expressions over the explicit list.
 *
 * Every column is VARCHAR, so that no transport on the way can change a value.
 *
 * @param names views that the statement reads
 */
export function spelledOut(text: string, names: Iterable<string>, files: readonly PartRef[], limit: number | undefined): string {
  const views = [...new Set([...names].flatMap(partsOf))].map((name) => {
    const body = BODIES.get(name)
    const docType = DOC_TYPES.find((type) => type === name)
    return `${name} AS (${body ?? viewBody(docType === undefined ? files : files.filter((file) => file.docType === docType))})`
  })
  const prelude = views.length === 0 ? '' : `WITH ${views.join(',\n')}\n`
  return `${prelude}SELECT CAST(COLUMNS(*) AS VARCHAR) FROM (\n${text}\n)${limit === undefined ? '' : ` LIMIT ${limit}`}`
}

function literalOf(value: SqlParam): string {
  if (value === null) return 'NULL'
  if (typeof value === 'string') return `${literal(value)}::VARCHAR`
  if (typeof value === 'number' && !Number.isInteger(value)) return `'${value}'::DOUBLE`
  return `(${value})`
}

/** The statement with its parameters written out; `undefined` when it has some of a kind that this cannot do. */
export function withParameters(text: string, params: SqlParams): string | undefined {
  const given = new Map(
    Object.entries(Array.isArray(params) ? Object.fromEntries(params.map((value, at) => [at + 1, value])) : params),
  )
  if (given.size === 0) return text
  let whole = true
  const done = replaceParameters(text, (name) => {
    const value = name === undefined ? undefined : given.get(name)
    if (value === undefined) whole = false
    return value === undefined ? '' : literalOf(value as SqlParam)
  })
  return whole ? done : undefined
}
