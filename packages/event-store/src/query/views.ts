import { DOC_TYPES, type DocType } from '@vectra/schemas'
import { COLUMNS } from '../columns.ts'
import type { PartRef } from './file-source.ts'
import { hotRelation } from './fresh/hot-tables.ts'
import { noteUse } from './part-use.ts'
import { literal } from './sql-text.ts'

/** SQL types of a view's columns: the Hive folders, the physical columns, and `payload` made from `raw_json`. */
export const VIEW_COLUMNS = { doc_type: 'VARCHAR', date: 'DATE', ...COLUMNS, payload: 'JSON' } as const

/** Names of the views: all rows, and one per doc_type. */
export const VIEWS = ['events', ...DOC_TYPES] as const

const STORED = ['doc_type', 'date', ...Object.keys(COLUMNS)]

/** Where the second argument starts: behind the name. */
const BEHIND_NAME = `strpos(raw_json, '",') + 2`
/** Where the third argument starts: behind the name and the trace, an object without nested ones. */
const BEHIND_TRACE = `${BEHIND_NAME} + strpos(raw_json[${BEHIND_NAME}:], '},') + 1`

// One argument: a string, or an object without nested objects. RE2 syntax.
const STRING = String.raw`"(?:[^"\\]|\\.)*"`
const ARGUMENT = String.raw`(?:${STRING}|\{(?:[^{}"]|${STRING})*\})\s*,\s*`

/** Text of the arguments array from its argument number `index` on, found by looking at each one before it. Slow: 15 µs a row. */
function behindArguments(index: number): string {
  const prefix = String.raw`^\s*\[\s*` + ARGUMENT.repeat(index)
  return `left(rtrim(substr(raw_json, length(regexp_extract(raw_json, ${literal(prefix)})) + 1)), -1)`
}

/**
 * SQL of `payload`: the event's last argument as JSON, cut out of `raw_json` as text, so that every digit stays as it was sent.
 *
 * The cut is made where the argument starts in every frame known, and kept only when it is one JSON value. A cut at any other place
 * is none: inside a string it leaves an odd number of quotes, elsewhere an open bracket or a comma. Frames with quotes or brackets
 * inside those strings are taken apart argument by argument; `json_extract` is for the rest (something follows the payload), and
 * prints numbers again as doubles. Operators on the result, such as `payload->>'$.price'`, go through doubles as well: for money use
 * the typed columns.
 */
export const PAYLOAD_SQL = `CASE
  WHEN raw_json IS NULL THEN NULL
  WHEN payload_index IS NULL THEN CASE WHEN coalesce(packet, '') = '' THEN TRY_CAST(raw_json AS JSON) END
  ELSE coalesce(
    TRY_CAST(trim(CASE payload_index WHEN 0 THEN raw_json[2:-2] WHEN 1 THEN raw_json[${BEHIND_NAME}:-2] WHEN 2 THEN raw_json[${BEHIND_TRACE}:-2] END) AS JSON),
    TRY_CAST(CASE payload_index WHEN 0 THEN ${behindArguments(0)} WHEN 1 THEN ${behindArguments(1)} WHEN 2 THEN ${behindArguments(2)} END AS JSON),
    CASE WHEN json_valid(raw_json) THEN json_extract(raw_json, payload_index) END)
END`

/** A table expression over exactly these files, with the stored columns; no files give no rows, and the same columns. */
export function relation(files: readonly PartRef[]): string {
  noteUse(files)
  if (files.length === 0) {
    const columns = Object.entries({ doc_type: 'VARCHAR', date: 'DATE', ...COLUMNS })
    return `(SELECT ${columns.map(([name, type]) => `NULL::${type} AS ${name}`).join(', ')} WHERE false)`
  }
  const list = files.flatMap((file) => (file.hot === undefined ? [literal(file.absolutePath)] : []))
  const stored = `SELECT ${STORED.join(', ')} FROM read_parquet([${list.join(', ')}], hive_partitioning = true, hive_types = {'doc_type': 'VARCHAR', 'date': 'DATE'})`
  const hot = files.flatMap(({ hot: rows, docType, date }) =>
    rows === undefined ? [] : [hotRelation(rows, docType, date, STORED)],
  )
  return `(${[...(list.length > 0 ? [stored] : []), ...hot].join(' UNION ALL ')})`
}

/** SELECT of a view over exactly these files. */
export function viewBody(files: readonly PartRef[]): string {
  return `SELECT ${STORED.join(', ')}, ${PAYLOAD_SQL} AS payload FROM ${relation(files)}`
}

/** Statements that (re)define every view over these files; run them in one transaction. */
export function viewStatements(files: readonly PartRef[], only: ReadonlySet<DocType> = new Set(DOC_TYPES)): string[] {
  const define = (view: string, docType: DocType | undefined) => {
    const chosen = docType === undefined ? files : files.filter((file) => file.docType === docType)
    return `CREATE OR REPLACE VIEW ${view} AS ${viewBody(chosen)}`
  }
  const all = only.size === DOC_TYPES.length ? [define('events', undefined)] : []
  return [...all, ...DOC_TYPES.filter((docType) => only.has(docType)).map((docType) => define(docType, docType))]
}
