import type { DuckDBConnection } from '@duckdb/node-api'
import { COLUMNS, type ColumnName } from '../../columns.ts'
import { CANONICAL_ONLY, COLUMN_NAMES } from '../../narrow-columns.ts'
import type { HotRows, PartRef } from '../file-source.ts'
import { literal } from '../sql-text.ts'

/** Schema of the tables; statements of callers may not name it. */
export const HOT_SCHEMA = 'journal'

/** JSON type under which a column of a journal line is read: money as text, because a JSON number would go through a double. */
function jsonType(column: ColumnName): string {
  const type = COLUMNS[column]
  if (type === 'TIMESTAMP') return 'BIGINT'
  return type.startsWith('DECIMAL') ? 'VARCHAR' : type
}

function expression(column: ColumnName): string {
  const type = COLUMNS[column]
  if (type === 'TIMESTAMP') return `make_timestamp(r.${column}) AS ${column}`
  return type.startsWith('DECIMAL') ? `CAST(r.${column} AS ${type}) AS ${column}` : `r.${column}`
}

const LINE = JSON.stringify({
  doc: 'VARCHAR',
  date: 'VARCHAR',
  proj: 'VARCHAR',
  ...Object.fromEntries(COLUMN_NAMES.map((column) => [column, jsonType(column)])),
})
const CANONICAL = COLUMN_NAMES.map(expression).join(', ')
const NARROW = COLUMN_NAMES.map((column) =>
  CANONICAL_ONLY.has(column) ? `CAST(NULL AS ${COLUMNS[column]}) AS ${column}` : expression(column),
).join(', ')

/** Fills a table with a segment's rows, projections included: the columns that its parts will have. */
function fillStatement(table: string): string {
  return `CREATE OR REPLACE TABLE ${HOT_SCHEMA}.${table} AS
    WITH lines AS MATERIALIZED (
      SELECT from_json(line, ${literal(LINE)}) AS r FROM (SELECT unnest(string_split($1::VARCHAR, chr(10))) AS line)
    )
    SELECT r.doc AS doc_type, CAST(r.date AS DATE) AS date, ${CANONICAL} FROM lines
    UNION ALL SELECT r.proj, CAST(r.date AS DATE), ${NARROW} FROM lines WHERE r.proj IS NOT NULL`
}

/** A table expression over one part that is only in a journal. */
export function hotRelation(hot: HotRows, docType: string, date: string, columns: readonly string[]): string {
  return `SELECT ${columns.join(', ')} FROM ${HOT_SCHEMA}.${hot.table} WHERE doc_type = ${literal(docType)} AND date = DATE ${literal(date)}`
}

/**
 * Tables with the rows of journal segments in one database: filled once, never changed, dropped when nobody needs them.
 *
 * Because a table never changes, SQL that names it reads the same rows whenever it runs.
 */
export class HotTables {
  readonly #users = new Map<string, number>()
  #turn: Promise<unknown> = Promise.resolve()

  /** Makes sure that the tables of these files are there until the answer is disposed. */
  async hold(
    files: readonly PartRef[],
    use: <T>(job: (connection: DuckDBConnection) => Promise<T>) => Promise<T>,
  ): Promise<Disposable> {
    const wanted = new Map(files.flatMap(({ hot }) => (hot === undefined ? [] : [[hot.table, hot] as const])))
    if (wanted.size === 0 && this.#users.size === 0) return { [Symbol.dispose]: () => undefined }
    const before = this.#turn
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#turn = promise
    await before
    try {
      const idle = [...this.#users].filter(([table, users]) => users === 0 && !wanted.has(table)).map(([table]) => table)
      const missing = [...wanted.values()].filter(({ table }) => !this.#users.has(table))
      if (idle.length + missing.length > 0)
        await use(async (connection) => {
          for (const table of idle) {
            await connection.run(`DROP TABLE IF EXISTS ${HOT_SCHEMA}.${table}`)
            this.#users.delete(table)
          }
          if (missing.length > 0) await connection.run(`CREATE SCHEMA IF NOT EXISTS ${HOT_SCHEMA}`)
          for (const { table, lines } of missing) {
            await connection.run(fillStatement(table), [lines()])
            this.#users.set(table, 0)
          }
        })
      for (const table of wanted.keys()) this.#users.set(table, (this.#users.get(table) ?? 0) + 1)
    } finally {
      resolve()
    }
    let held = true
    return {
      [Symbol.dispose]: () => {
        if (!held) return
        held = false
        for (const table of wanted.keys()) this.#users.set(table, (this.#users.get(table) ?? 1) - 1)
      },
    }
  }
}
