import { COLUMNS, type ColumnName } from './columns.ts'

/** Columns of a part in order. */
export const COLUMN_NAMES = Object.keys(COLUMNS) as readonly ColumnName[]

/** Columns that a projection leaves null, because the canonical row holds them. */
export const CANONICAL_ONLY: ReadonlySet<ColumnName> = new Set(['raw_json', 'packet', 'issues', 'payload_index'])
