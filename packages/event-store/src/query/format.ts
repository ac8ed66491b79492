import { encodeCell, type JsonValue } from './encode.ts'
import type { SqlResult } from './sandbox.ts'

/** Text formats of a result. */
export const FORMATS = ['table', 'json', 'ndjson', 'csv'] as const
export type Format = (typeof FORMATS)[number]

/** What the formatters need of a result. */
export type Tabular = Pick<SqlResult, 'columns' | 'rows'>

/** Rows as objects that `JSON.stringify` prints without loss. */
export function toObjects(result: Tabular): { readonly [key: string]: JsonValue }[] {
  return result.rows.map((row) =>
    Object.fromEntries(result.columns.map((column, index) => [column.name, encodeCell(row[index], column.type)])),
  )
}

/** One JSON array of objects, a row per line. */
export function toJson(result: Tabular): string {
  const lines = toObjects(result).map((row) => JSON.stringify(row))
  return lines.length === 0 ? '[]\n' : `[\n${lines.join(',\n')}\n]\n`
}

/** One JSON object per line. Piece by piece, the pieces of a result make the whole. */
export function toNdjson(result: Tabular): string {
  return toObjects(result)
    .map((row) => `${JSON.stringify(row)}\n`)
    .join('')
}

function cellText(value: unknown, type: string): string {
  const encoded = encodeCell(value, type)
  if (encoded === null) return ''
  if (type === 'JSON' && typeof value === 'string') return value
  return typeof encoded === 'object' ? JSON.stringify(encoded) : String(encoded)
}

function csvField(text: string, isNull: boolean): string {
  if (isNull) return ''
  return text === '' || /[",\r\n]|^\s|\s$/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}

/** The header line of {@link toCsv}. */
export function csvHeader(columns: Tabular['columns']): string {
  return `${columns.map((column) => csvField(column.name, false)).join(',')}\r\n`
}

/** The lines of {@link toCsv} below its header; the pieces of a result make the whole. */
export function csvRows(result: Tabular): string {
  const lines = result.rows.map((row) =>
    result.columns.map((column, index) => csvField(cellText(row[index], column.type), (row[index] ?? null) === null)).join(','),
  )
  return lines.map((line) => `${line}\r\n`).join('')
}

/** RFC 4180 with a header line: NULL is an empty field, an empty string is `""`. */
export function toCsv(result: Tabular): string {
  return csvHeader(result.columns) + csvRows(result)
}

// C0, DEL and C1 controls, line separators, bidirectional overrides, invisible characters (but the joiners that emoji need): text of the feed must not steer a terminal.
const UNSAFE = /[\u0000-\u001f\u007f-\u009f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g

/** Text that is safe to print in a terminal: controls and invisible characters as `\u{…}`. */
export function printable(text: string): string {
  return text.replace(UNSAFE, (char) => `\\u{${(char.codePointAt(0) ?? 0).toString(16)}}`)
}

const segmenter = new Intl.Segmenter('en', { granularity: 'grapheme' })
const WIDE =
  /^(?:\p{Emoji_Presentation}|[\u1100-\u115f\u2e80-\u303e\u3041-\u33ff\u3400-\u4dbf\u4e00-\u9fff\ua000-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe4f\uff00-\uff60\uffe0-\uffe6\u{20000}-\u{3fffd}])/u

/** Terminal columns that a text takes: 2 for East Asian wide characters and emoji. */
export function displayWidth(text: string): number {
  let width = 0
  for (const { segment } of segmenter.segment(text)) width += WIDE.test(segment) ? 2 : 1
  return width
}

function shorten(text: string, max: number): string {
  if (text.length <= max || displayWidth(text) <= max) return text
  let kept = ''
  let width = 0
  for (const { segment } of segmenter.segment(text)) {
    width += displayWidth(segment)
    if (width > max - 1) break
    kept += segment
  }
  return `${kept}…`
}

const NUMERIC = /^(?:U?(?:TINY|SMALL|BIG|HUGE)?INT(?:EGER)?|UINTEGER|DECIMAL.*|FLOAT|DOUBLE)$/

/** Options of {@link toTable}. */
export interface TableOptions {
  /** Widest a cell may be, default 60 columns; longer ones end in `…`. */
  readonly maxCell?: number
}

/** Aligned columns for people: numbers to the right, NULL as an empty cell, controls made visible. */
export function toTable(result: Tabular, { maxCell = 60 }: TableOptions = {}): string {
  const header = result.columns.map((column) => shorten(printable(column.name), maxCell))
  const body = result.rows.map((row) =>
    // No cell is measured beyond what can be shown: payloads are hundreds of kB.
    result.columns.map((column, index) => shorten(printable(cellText(row[index], column.type).slice(0, maxCell * 8)), maxCell)),
  )
  const widths = header.map((name, index) => Math.max(displayWidth(name), ...body.map((row) => displayWidth(row[index] ?? ''))))
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, index) => {
        const blank = ' '.repeat((widths[index] ?? 0) - displayWidth(cell))
        return NUMERIC.test(result.columns[index]?.type ?? '') ? blank + cell : cell + blank
      })
      .join('  ')
      .trimEnd()
  const rule = widths.map((width) => '─'.repeat(width)).join('  ')
  return `${[line(header), rule, ...body.map(line)].join('\n')}\n`
}

/** The result in a format; every format ends with a line break and none mentions truncation: the caller says that on stderr. */
export function formatResult(result: Tabular, format: Format): string {
  switch (format) {
    case 'table':
      return toTable(result)
    case 'json':
      return toJson(result)
    case 'ndjson':
      return toNdjson(result)
    case 'csv':
      return toCsv(result)
  }
}
