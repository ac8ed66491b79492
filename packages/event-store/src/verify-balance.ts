import type { SessionFile } from './session-file.ts'

/** What a session's summary says that its recorder received, as far as a sheet must add up. */
interface Sheet {
  readonly framesIn: number
  readonly stored: number
  readonly duplicates: number
  readonly quarantined: number
  readonly unstored: number
  readonly systemRows: number
}

const TOTALS = ['framesIn', 'stored', 'duplicates', 'quarantined', 'unstored', 'systemRows'] as const
const LINE = ['in', 'stored', 'duplicates', 'quarantined', 'unstored'] as const

type Fields = Readonly<Record<string, unknown>>

const isFields = (value: unknown): value is Fields => typeof value === 'object' && value !== null && !Array.isArray(value)
const count = (value: unknown): boolean => typeof value === 'number' && Number.isSafeInteger(value) && value >= 0

/** The summary as a sheet; `undefined` for a summary of another kind, which is nobody's to judge. */
function sheetOf(summary: unknown): (Sheet & { readonly byEvent: Fields }) | undefined {
  if (!isFields(summary) || !TOTALS.every((key) => count(summary[key]))) return undefined
  const { byEvent } = summary
  return { ...(summary as unknown as Sheet), byEvent: isFields(byEvent) ? byEvent : {} }
}

/**
 * Where a session's sheet does not close: what came in is not what was stored, held already, set aside or refused, in all or by event; or
 * the rows that are stored are fewer or more than the sheet allows (P9).
 *
 * @param rows canonical rows of the session, as its segments count them
 * @param own gap rows that the store itself declared: no sheet counts them
 */
export function openSheet({ summary }: Pick<SessionFile, 'summary'>, rows: number, own: number): string[] {
  const sheet = sheetOf(summary)
  if (sheet === undefined) return []
  const open: string[] = []
  const { framesIn, stored, duplicates, quarantined, unstored, systemRows } = sheet
  const found = stored + duplicates + quarantined + unstored
  if (framesIn !== found) open.push(`${framesIn} frames came in, ${found} are accounted for`)
  for (const [event, line] of Object.entries(sheet.byEvent)) {
    if (!isFields(line) || !LINE.every((key) => count(line[key]))) continue
    const sum = LINE.slice(1).reduce((total, key) => total + Number(line[key]), 0)
    if (Number(line['in']) !== sum) open.push(`${String(line['in'])} of ${event} came in, ${sum} are accounted for`)
  }
  // A session that goes on after a crash counts what was held already as duplicates.
  const most = stored + duplicates + systemRows
  if (rows - own < stored) open.push(`the sheet says ${stored} were stored, there are ${rows - own} rows`)
  if (rows - own > most) open.push(`there are ${rows - own} rows, the sheet knows of ${most}`)
  return open
}
