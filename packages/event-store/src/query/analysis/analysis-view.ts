/** A view, or a table function, over the base views. Its SQL names them with their schema, so that no caller's own name takes their place. */
export interface AnalysisView {
  readonly name: string
  /** Of a table function: its arguments, e.g. `game, n := 5`. */
  readonly parameters?: string
  /** One sentence for people. */
  readonly about: string
  readonly sql: string
}

/**
 * SQL of a number in the frame's own digits, as DECIMAL: the text behind `"key":` of a JSON text without nested keys of that name.
 *
 * A quote inside a JSON string is escaped, so what matches is always a key. JSON operators would print the number as a double first.
 */
export function exactNumber(json: string, key: string, type: 'DECIMAL(18,9)' | 'DECIMAL(38,20)'): string {
  return `TRY_CAST(nullif(regexp_extract(${json}, '"${key}"\\s*:\\s*(-?[0-9][0-9.eE+-]*)', 1), '') AS ${type})`
}
