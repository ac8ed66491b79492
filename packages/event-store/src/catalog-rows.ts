import path from 'node:path'
import type { DatabaseSync, SQLOutputValue } from 'node:sqlite'
import type { DocType } from '@vectra/schemas'
import type { FileMeta } from './catalog.ts'
import { formatVersion } from './catalog-format.ts'
import { stagedPath } from './paths.ts'

/** A row as SQLite gives it. */
type Row = Record<string, SQLOutputValue>

/** A column that is never null. */
export const text = (value: SQLOutputValue | undefined): string => String(value)
/** A text column. */
export const textOrNull = (value: SQLOutputValue | undefined): string | null =>
  value === null || value === undefined ? null : String(value)
/** A number column. */
export const numberOrNull = (value: SQLOutputValue | undefined): number | null =>
  value === null || value === undefined ? null : Number(value)

/** A JSON column; text that is none stays as it is. */
export function json(value: SQLOutputValue | undefined): unknown {
  if (typeof value !== 'string') return null
  try {
    return JSON.parse(value)
  } catch {
    return value
  }
}

function gamesOf(row: Row): Pick<FileMeta, 'games'> {
  if (row['games_known'] !== 1) return {}
  const [first, last] = [textOrNull(row['game_first']), textOrNull(row['game_last'])]
  return { games: first === null || last === null ? null : { first, last } }
}

/** What {@link fileMeta} reads: files, and their games in catalogs that know them. */
export function fileSource(db: DatabaseSync): string {
  return formatVersion(db) < 3
    ? 'files'
    : '(SELECT files.*, game_first, game_last, file_games.path IS NOT NULL AS games_known FROM files LEFT JOIN file_games USING (path))'
}

/** Reads a `files` row. */
export function fileMeta(root: string, row: Row): FileMeta {
  const relative = text(row['path'])
  const absolute = path.join(root, ...relative.split('/'))
  const merged = text(row['session_id']) === ''
  return {
    path: relative,
    absolutePath: row['state'] === 'staged' ? stagedPath(absolute) : absolute,
    docType: text(row['doc_type']) as DocType,
    date: text(row['date']),
    sessionId: merged ? null : text(row['session_id']),
    segment: merged ? null : Number(row['segment']),
    rows: Number(row['rows']),
    bytes: Number(row['bytes']),
    sha256: text(row['sha256']),
    seqFirst: Number(row['seq_first']),
    seqLast: Number(row['seq_last']),
    tsMin: Number(row['ts_min']),
    tsMax: Number(row['ts_max']),
    schemaVersion: Number(row['schema_version']),
    writer: text(row['writer']),
    generation: Number(row['generation']),
    ...gamesOf(row),
  }
}
