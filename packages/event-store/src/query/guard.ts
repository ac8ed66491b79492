import { TABLE_FUNCTIONS as ANALYSIS_FUNCTIONS } from './analysis/catalogue.ts'
import { HOT_SCHEMA } from './fresh/hot-tables.ts'

/** One thing in a statement that the sandbox does not run. */
export interface Violation {
  readonly what: string
  readonly hint: string
}

/** Table functions that read nothing but their arguments and the views. */
const TABLE_FUNCTIONS = new Set([
  ...ANALYSIS_FUNCTIONS,
  'range',
  'generate_series',
  'unnest',
  'json_each',
  'json_tree',
  'repeat_row',
  'histogram',
  'histogram_values',
  'summary',
  'duckdb_columns',
  'duckdb_functions',
  'duckdb_keywords',
  'duckdb_types',
  'pg_timezone_names',
  'icu_calendar_names',
])

/** System tables that tell what can be queried, and nothing of the machine. */
const SYSTEM_TABLES = new Set(['duckdb_columns', 'duckdb_functions', 'duckdb_keywords', 'duckdb_types'])

/** Functions without use here that write, wait, tell about the machine or make a long value out of a short one. */
const FUNCTIONS = new Set([
  'write_log',
  'current_setting',
  'getvariable',
  'getenv',
  'sleep_ms',
  'bar',
  'bitstring',
  'list_resize',
  'array_resize',
  'json_serialize_plan',
])

/**
 * Functions whose result can be far longer than their arguments, each replaced by a macro of the same name with a bound.
 * The macros are the reason why these names may not be written with a schema.
 */
export const BOUNDED_FUNCTIONS = ['repeat', 'lpad', 'rpad', 'range', 'generate_series'] as const

/**
 * Longest string, in bytes, or list, in items, that one call of a bounded function makes. Functions run on 2,048 rows at a time, and
 * cannot be interrupted between them, so what one call may make counts 2,048 times.
 */
export const BOUND = 100_000

/** SQL of the macros that bound {@link BOUNDED_FUNCTIONS}: such memory does not count against the engine's memory limit. */
export function boundingMacros(): string[] {
  const bounded = (name: string, size: string, call: string) =>
    `if(${size} > ${BOUND}, error('${name}() would make a value longer than ${BOUND}'), system.main.${name}(${call}))`
  const micros = (step: string) => `(epoch_us(TIMESTAMP '2000-01-01' + ${step}) - epoch_us(TIMESTAMP '2000-01-01'))`
  const series = (name: string) => `CREATE MACRO ${name}
    (stop BIGINT) AS ${bounded(name, 'stop', 'stop')},
    (start BIGINT, stop BIGINT) AS ${bounded(name, 'abs(stop::HUGEINT - start)', 'start, stop')},
    (start BIGINT, stop BIGINT, step BIGINT) AS ${bounded(name, 'abs(stop::HUGEINT - start) / greatest(abs(step::HUGEINT), 1)', 'start, stop, step')},
    (start TIMESTAMP, stop TIMESTAMP, step INTERVAL) AS ${bounded(name, `abs(epoch_us(stop) - epoch_us(start)) / greatest(abs(${micros('step')}), 1)`, 'start, stop, step')}`
  const padding = (name: string) => `CREATE MACRO ${name}(value, width, fill) AS ${bounded(name, 'width', 'value, width, fill')}`
  return [
    `CREATE MACRO repeat(value, times) AS ${bounded('repeat', 'greatest(strlen(value::VARCHAR), 1) * times', 'value, times')}`,
    padding('lpad'),
    padding('rpad'),
    series('range'),
    series('generate_series'),
  ]
}

type Node = Readonly<Record<string, unknown>>

const isNode = (value: unknown): value is Node => typeof value === 'object' && value !== null && !Array.isArray(value)
const text = (value: unknown): string => (typeof value === 'string' ? value : '')

function withNames(node: Node, names: ReadonlySet<string>): ReadonlySet<string> {
  const entries = isNode(node['cte_map']) && Array.isArray(node['cte_map']['map']) ? node['cte_map']['map'] : []
  const own = entries.map((entry: unknown) => (isNode(entry) ? text(entry['key']).toLowerCase() : ''))
  const recursive =
    node['type'] === 'RECURSIVE_CTE_NODE' || node['type'] === 'CTE_NODE' ? [text(node['cte_name']).toLowerCase()] : []
  return own.length + recursive.length === 0 ? names : new Set([...names, ...own, ...recursive])
}

function tableViolation(node: Node, views: ReadonlySet<string>, names: ReadonlySet<string>): Violation | undefined {
  const table = text(node['table_name']).toLowerCase()
  const schema = text(node['schema_name']).toLowerCase()
  if (schema === 'information_schema') return undefined
  if (schema === '' && names.has(table)) return undefined
  if ((schema === '' || schema === 'main') && (views.has(table) || SYSTEM_TABLES.has(table))) return undefined
  if (schema === HOT_SCHEMA) return { what: `the schema ${HOT_SCHEMA}`, hint: 'query the views' }
  if (/[./:*\\]/.test(table) || schema.includes('/')) {
    return { what: `the file ${text(node['table_name'])}`, hint: 'name a view instead of a file' }
  }
  if (/^(duckdb|pg|sqlite)_/.test(table) || schema === 'pg_catalog') {
    return { what: `the system table ${table}`, hint: 'use SHOW TABLES, DESCRIBE or information_schema' }
  }
  // An unknown plain name: binding says so, with suggestions, and cannot open a file in the sandbox.
  return undefined
}

function callViolation(node: Node, asTable: boolean): Violation | undefined {
  const name = text(node['function_name']).toLowerCase()
  const qualified = text(node['schema']) !== '' || text(node['catalog']) !== ''
  if (asTable) {
    if (TABLE_FUNCTIONS.has(name)) return undefined
    return { what: `the table function ${name}()`, hint: 'files, settings and logs cannot be read; query the views' }
  }
  if (FUNCTIONS.has(name)) return { what: `the function ${name}()`, hint: 'it is not available in the read-only sandbox' }
  if (qualified && (BOUNDED_FUNCTIONS as readonly string[]).includes(name)) {
    return { what: `${name}() with a schema`, hint: `call it as ${name}()` }
  }
  if (name === 'printf' || name === 'format') return formatViolation(name, node)
  return undefined
}

/** A width such as `%1000000000d` makes a huge value, so the template must be a constant with small numbers. */
function formatViolation(name: string, node: Node): Violation | undefined {
  const template = Array.isArray(node['children']) ? (node['children'][0] as unknown) : undefined
  const value = isNode(template) && isNode(template['value']) ? template['value']['value'] : undefined
  const hint = 'use a constant template with widths below 10000 and without *'
  if (typeof value !== 'string') return { what: `${name}() with a computed template`, hint }
  return /\d{5}|\*|\{[^}]*\{/.test(value) ? { what: `${name}() with a large width`, hint } : undefined
}

/**
 * First forbidden thing in a statement's syntax tree (what `json_serialize_sql` gives), or `undefined`.
 *
 * An allow-list for where rows come from (views, common table expressions, pure table functions), a deny-list for scalar functions.
 * It stands before the engine's own restrictions, not instead of them: the engine would let a caller list, copy and read the part
 * files themselves, change the log settings, and read the spill files of somebody else's query.
 */
export function findViolation(
  tree: unknown,
  views: ReadonlySet<string>,
  names: ReadonlySet<string> = new Set(),
): Violation | undefined {
  if (Array.isArray(tree)) {
    for (const item of tree) {
      const found = findViolation(item, views, names)
      if (found) return found
    }
    return undefined
  }
  if (!isNode(tree)) return undefined
  const scope = withNames(tree, names)
  if (tree['type'] === 'BASE_TABLE') {
    const found = tableViolation(tree, views, scope)
    if (found) return found
  }
  const isTableFunction = tree['type'] === 'TABLE_FUNCTION'
  if (tree['class'] === 'FUNCTION') {
    const found = callViolation(tree, false)
    if (found) return found
  }
  for (const [key, value] of Object.entries(tree)) {
    if (isTableFunction && key === 'function' && isNode(value)) {
      const found = callViolation(value, true) ?? findViolation(value['children'], views, scope)
      if (found) return found
      continue
    }
    const found = findViolation(value, views, scope)
    if (found) return found
  }
  return undefined
}
