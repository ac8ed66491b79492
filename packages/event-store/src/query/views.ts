import { DOC_TYPES, type DocType } from '@vectra/schemas'
import { COLUMNS } from '../columns.ts'
import type { PartRef } from './file-source.ts'
import { literal } from './sql-text.ts'

/** SQL types of a view's columns: the Hive folders, the physical columns, and `payload` made from `raw_json`. */
export const VIEW_COLUMNS = { doc_type: 'VARCHAR', date: 'DATE', ...COLUMNS, payload: 'JSON' } as const

/** Names of the views: all rows, and one per doc_type. */
export const VIEWS = ['events', ...DOC_TYPES] as const

const STORED = ['doc_type', 'date', ...Object.keys(COLUMNS)]

// One argument before the payload: a string, or an object without nested objects (the trace). RE2 syntax.
const STRING = String.raw`"(?:[^"\\]|\\.)*"`
const ARGUMENT = String.raw`(?:${STRING}|\{(?:[^{}"]|${STRING})*\})\s*,\s*`

/** Text of the arguments array from its argument number `index` on, without the closing bracket. */
function behindArguments(index: number): string {
  const prefix = String.raw`^\s*\[\s*` + ARGUMENT.repeat(index)
  return `left(rtrim(substr(raw_json, length(regexp_extract(raw_json, ${literal(prefix)})) + 1)), -1)`
}

/**
 * SQL of `payload`: the event's last argument as JSON, cut out of `raw_json` as text, so that every digit stays as it was sent.
 *
 * `json_extract` would print its numbers again as doubles; it is used only for arguments that are not laid out as expected
 * (something follows the payload, or more than two arguments precede it). Operators on the result, such as `payload->>'$.price'`,
 * go through doubles: for money use the typed columns.
 */
export const PAYLOAD_SQL = `CASE
  WHEN raw_json IS NULL THEN NULL
  WHEN payload_index IS NULL THEN CASE WHEN coalesce(packet, '') = '' THEN TRY_CAST(raw_json AS JSON) END
  ELSE coalesce(
    TRY_CAST(CASE payload_index WHEN 0 THEN ${behindArguments(0)} WHEN 1 THEN ${behindArguments(1)} WHEN 2 THEN ${behindArguments(2)} END AS JSON),
    CASE WHEN json_valid(raw_json) THEN json_extract(raw_json, payload_index) END)
END`

/** A table expression over exactly these files, with the stored columns; no files give no rows, and the same columns. */
export function relation(files: readonly Pick<PartRef, 'absolutePath'>[]): string {
  if (files.length === 0) {
    const columns = Object.entries({ doc_type: 'VARCHAR', date: 'DATE', ...COLUMNS })
    return `(SELECT ${columns.map(([name, type]) => `NULL::${type} AS ${name}`).join(', ')} WHERE false)`
  }
  const list = files.map((file) => literal(file.absolutePath)).join(', ')
  return `(SELECT ${STORED.join(', ')} FROM read_parquet([${list}], hive_partitioning = true, hive_types = {'doc_type': VARCHAR, 'date': DATE}))`
}

/** Statements that (re)define every view over these files; run them in one transaction. */
export function viewStatements(files: readonly PartRef[]): string[] {
  const define = (view: string, docType: DocType | undefined) => {
    const chosen = docType === undefined ? files : files.filter((file) => file.docType === docType)
    return `CREATE OR REPLACE VIEW ${view} AS SELECT ${STORED.join(', ')}, ${PAYLOAD_SQL} AS payload FROM ${relation(chosen)}`
  }
  return [define('events', undefined), ...DOC_TYPES.map((docType) => define(docType, docType))]
}
