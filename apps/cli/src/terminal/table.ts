import { cutTo, displayWidth, printable } from './text.ts'

/** One column of a table for people. */
export interface TableColumn {
  readonly name: string
  /** Numbers stand at the right. Default `left`. */
  readonly align?: 'left' | 'right'
  /** Columns kept on the terminal; longer cells end in an ellipsis. Default 60. */
  readonly maxWidth?: number
}

/**
 * Rows as aligned text: a header line, then one line per row, two blanks between columns, no frame (easy to grep and to paste).
 *
 * @param style called with the header line, to colour it; widths are already settled
 */
export function renderTable(
  columns: readonly TableColumn[],
  rows: readonly (readonly string[])[],
  style: (header: string) => string = (header) => header,
): string {
  const cells = rows.map((row) => columns.map((column, index) => cutTo(printable(row[index] ?? ''), column.maxWidth ?? 60)))
  const widths = columns.map((column, index) =>
    cells.reduce((width, row) => Math.max(width, displayWidth(row[index] ?? '')), displayWidth(column.name)),
  )
  const line = (row: readonly string[]): string =>
    columns
      .map((column, index) => {
        const cell = row[index] ?? ''
        const blanks = ' '.repeat((widths[index] ?? 0) - displayWidth(cell))
        return column.align === 'right' ? blanks + cell : cell + blanks
      })
      .join('  ')
      .trimEnd()
  return [style(line(columns.map((column) => column.name))), ...cells.map(line)].join('\n')
}

/** Name and value pairs, the names aligned: `data   /home/me/rugs_data`. */
export function renderPairs(pairs: readonly (readonly [name: string, value: string])[], indent = ''): string {
  const width = Math.max(0, ...pairs.map(([name]) => displayWidth(name)))
  return pairs.map(([name, value]) => `${indent}${name}${' '.repeat(width - displayWidth(name))}  ${value}`.trimEnd()).join('\n')
}
