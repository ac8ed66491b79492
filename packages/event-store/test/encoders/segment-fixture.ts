import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { COLUMNS } from '../../src/columns.ts'
import { JOURNAL_VERSION, LineBuffer } from '../../src/line.ts'
import { CANONICAL_ONLY, COLUMN_NAMES } from '../../src/narrow-columns.ts'
import type { PartEncoder, PartPlan } from '../../src/part-encoder.ts'
import { planParts } from '../../src/part-plan.ts'
import type { JournalRow } from '../../src/row-codec.ts'
import { scanSegment } from '../../src/segment.ts'
import { START, sessionId } from '../sample-events.ts'
import type { TextRow } from './readers.ts'

/** A row of `ws_event` with whatever columns a test wants. */
export function row(seq: number, columns: Partial<JournalRow> = {}): JournalRow {
  const base = {
    doc: 'ws_event',
    date: '2025-12-12',
    ts: START + seq,
    seq,
    source: 'public_ws',
    session_id: sessionId(),
    direction: 'received',
    event_name: 'gameStateUpdate',
    packet: '42',
    raw_json: `["gameStateUpdate",{"n":${seq}}]`,
  }
  // `proj` stands before `ts` in a line.
  const { doc, date, proj, ...rest } = { ...base, ...columns } as JournalRow
  return { doc, date, ...(proj === undefined ? {} : { proj }), ...rest } as JournalRow
}

/** Encodes rows as one segment into a directory of its own. */
export async function encodeRows(
  encoder: PartEncoder,
  rows: readonly JournalRow[],
): Promise<{ dir: string; parts: { plan: PartPlan; file: string }[] } & AsyncDisposable> {
  const dir = await mkdtemp(path.join(tmpdir(), 'vectra-encoder-'))
  const lines = new LineBuffer()
  const header = {
    vectra: 'journal' as const,
    version: JOURNAL_VERSION,
    session: sessionId(),
    segment: 1,
    first_seq: rows[0]?.seq ?? 1,
    info: { source: 'public_ws', origin: null, meta: { note: "it's" } },
  }
  lines.add(header)
  for (const entry of rows) lines.add(entry)
  lines.add({ end: true, count: rows.length, last_seq: rows.at(-1)?.seq ?? 0 })
  const bytes = Buffer.from(lines.take())
  const source = path.join(dir, '00000001.ndjson')
  await writeFile(source, bytes)
  const plans = planParts(scanSegment(bytes), header, encoder.name, dir)
  for (const plan of plans) await mkdir(path.dirname(plan.target), { recursive: true })
  await encoder.encode({ path: source, bytes }, plans)
  const parts = []
  for (const plan of plans) {
    const file = path.join(dir, ...plan.path.split('/'))
    await rename(plan.target, file)
    parts.push({ plan, file })
  }
  return { dir, parts, [Symbol.asyncDispose]: () => rm(dir, { recursive: true, force: true }) }
}

function pad(text: string, scale: number): string {
  const [whole = '0', fraction = ''] = text.split('.')
  return `${whole}.${fraction.padEnd(scale, '0')}`
}

/** What a reader must find for a row. */
export function expectedRow(entry: JournalRow, narrow: boolean): TextRow {
  return Object.fromEntries(
    COLUMN_NAMES.map((column) => {
      const value = entry[column]
      if (value === undefined || (narrow && CANONICAL_ONLY.has(column))) return [column, null]
      const scale = /^DECIMAL\(\d+,(\d+)\)$/.exec(COLUMNS[column])
      return [column, scale === null ? String(value) : pad(String(value), Number(scale[1]))]
    }),
  ) as TextRow
}
