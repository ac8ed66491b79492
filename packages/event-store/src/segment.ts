import type { DocType, Micros, Projection } from '@vectra/schemas'
import { decodeLine, isWholeLine, JOURNAL_VERSION, REST_OFFSET, type SegmentFooter, type SegmentHeader } from './line.ts'
import type { JournalRow } from './row-codec.ts'

/** One whole row of a segment: where its line stands and what decides its parts. */
export interface ScannedRow {
  /** Of the line, without its newline. */
  readonly start: number
  readonly end: number
  readonly doc: DocType
  readonly date: string
  readonly proj: Projection
  readonly ts: Micros
  readonly seq: number
  /** Last seq the row accounts for: its own, or the end of the range that a gap row declares. */
  readonly covers: number
  /** JSON text of a gap event; null for any other row. */
  readonly gap: string | null
  /** Null for a row of no game; absent when the id is not one that can be told at a glance. */
  readonly game?: string | null
}

/** Bytes that are no whole line. */
export interface Damage {
  readonly start: number
  readonly end: number
}

/** What one pass over a segment's bytes finds. Never throws: a bad file is data. */
export interface SegmentScan {
  readonly bytes: Buffer
  readonly header: SegmentHeader | undefined
  readonly footer: SegmentFooter | undefined
  readonly rows: readonly ScannedRow[]
  /** Unreadable stretches that whole lines follow. */
  readonly damage: readonly Damage[]
  /** Unreadable bytes at the end: a write that a crash cut short. */
  readonly tail: Damage | undefined
}

const NEWLINE = 10
const ROW = /^"doc":"([a-z_]+)","date":"(\d{4}-\d{2}-\d{2})",(?:"proj":"([a-z_]+)",)?"ts":(\d+),"seq":(\d+),/
/** What follows {@link ROW}: ids of another shape are left unknown, which only costs a query some pruning. */
const GAME = /^"source":"[a-z_]+","session_id":"[\w-]+",(?:"game_id":"([\w-]{1,64})"|"direction":)/
/** Longest text that {@link ROW} and {@link GAME} can match. */
const ROW_HEAD = 400

function isHeader(value: unknown): value is SegmentHeader {
  if (typeof value !== 'object' || value === null) return false
  const header = value as Partial<SegmentHeader>
  return (
    header.vectra === 'journal' &&
    header.version === JOURNAL_VERSION &&
    typeof header.session === 'string' &&
    Number.isSafeInteger(header.segment) &&
    Number.isSafeInteger(header.first_seq)
  )
}

function isFooter(value: unknown): value is SegmentFooter {
  if (typeof value !== 'object' || value === null) return false
  const footer = value as Partial<SegmentFooter>
  return footer.end === true && Number.isSafeInteger(footer.count) && Number.isSafeInteger(footer.last_seq)
}

/** Stands as `declared_by` in the gap events of the store itself: only these account for more seqs than their own. */
export const DECLARED_BY = 'event-store'

/** Last seq that a gap event accounts for, from its JSON: its own, unless the store itself declared a range. */
export function gapEnd(detail: string, seq: number): number {
  try {
    const value = JSON.parse(detail) as { to_seq?: unknown; declared_by?: unknown } | null
    const to = value?.to_seq
    return value?.declared_by === DECLARED_BY && typeof to === 'number' && Number.isSafeInteger(to) && to > seq ? to : seq
  } catch {
    return seq
  }
}

function scanRow(line: Buffer, start: number, end: number): ScannedRow | undefined {
  const head = ROW.exec(line.toString('latin1', REST_OFFSET, Math.min(line.length, REST_OFFSET + ROW_HEAD)))
  if (head === null) return undefined
  const [, doc, date, proj, ts, seq] = head
  let gap: string | null = null
  if (doc === 'system_event') {
    const row = decodeLine(line) as JournalRow | undefined
    if (row?.event_name === 'gap') gap = String(row.raw_json ?? '{}')
  }
  const number = Number(seq)
  const place = GAME.exec(head.input.slice(head[0].length))
  return {
    start,
    end,
    doc: doc as DocType,
    date: date ?? '',
    proj: (proj ?? null) as Projection,
    ts: Number(ts),
    seq: number,
    covers: gap === null ? number : gapEnd(gap, number),
    gap,
    ...(place === null ? {} : { game: place[1] ?? null }),
  }
}

/** Reads a segment: checks every line's CRC, tells rows from damage. About 1 GB/s; rows are not parsed. */
export function scanSegment(content: Uint8Array): SegmentScan {
  const bytes = Buffer.from(content.buffer, content.byteOffset, content.byteLength)
  const rows: ScannedRow[] = []
  const damage: Damage[] = []
  let header: SegmentHeader | undefined
  let footer: SegmentFooter | undefined
  let bad: Damage | undefined
  let at = 0
  const spoiled = (start: number, end: number): void => {
    bad = bad === undefined ? { start, end } : { start: bad.start, end }
  }
  while (at < bytes.length) {
    const newline = bytes.indexOf(NEWLINE, at)
    const end = newline < 0 ? bytes.length : newline
    const line = bytes.subarray(at, end)
    const next = newline < 0 ? bytes.length : newline + 1
    // After the footer nothing may follow.
    if (newline < 0 || footer !== undefined || !isWholeLine(line)) {
      spoiled(at, next)
      at = next
      continue
    }
    const row = scanRow(line, at, end)
    let known = true
    if (row !== undefined) rows.push(row)
    else {
      const value = decodeLine(line)
      if (isHeader(value) && header === undefined && rows.length === 0) header = value
      else if (isFooter(value)) footer = value
      else known = false
    }
    if (!known) spoiled(at, next)
    else if (bad !== undefined) {
      damage.push(bad)
      bad = undefined
    }
    at = next
  }
  return { bytes, header, footer, rows, damage, tail: bad }
}

/**
 * True when the segment is sealed and nothing is missing or too much: header first, rows without a hole from its `first_seq`,
 * a footer that agrees, and no row below `firstSeq` (stored before) or from `limit` on (in a later segment).
 */
export function isClean(scan: SegmentScan, limit = Number.POSITIVE_INFINITY, firstSeq = 0): boolean {
  const { header, footer, rows } = scan
  if (header === undefined || footer === undefined || scan.damage.length > 0 || scan.tail !== undefined) return false
  if (header.first_seq < firstSeq) return false
  let expected = header.first_seq
  for (const row of rows) {
    if (row.seq !== expected) return false
    expected = row.covers + 1
  }
  return footer.count === rows.length && footer.last_seq === expected - 1 && expected <= limit
}

/** The header of a segment, without reading the rest; `undefined` when its line is not whole. */
export function headerOf(content: Uint8Array): SegmentHeader | undefined {
  const bytes = Buffer.from(content.buffer, content.byteOffset, content.byteLength)
  const newline = bytes.indexOf(NEWLINE)
  const value = newline < 0 ? undefined : decodeLine(bytes.subarray(0, newline))
  return isHeader(value) ? value : undefined
}
