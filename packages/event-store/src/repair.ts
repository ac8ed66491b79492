import type { DocType, EventSource } from '@vectra/schemas'
import { decodeLine, JOURNAL_VERSION, LineBuffer, type SegmentHeader } from './line.ts'
import { utcDate } from './paths.ts'
import type { JournalRow } from './row-codec.ts'
import { DECLARED_BY, type ScannedRow, type SegmentScan } from './segment.ts'

/** A stretch of seqs that a segment should hold and does not. */
export interface MissingSeqs {
  readonly from: number
  readonly to: number
}

/** A segment as it will be stored: what was whole, and gap rows for what was not. */
export interface Repair {
  /** The new content, sealed; null when nothing was left to store. */
  readonly content: Uint8Array | null
  readonly missing: readonly MissingSeqs[]
  /** Bytes cut from the end: a write that was never acknowledged. */
  readonly trimmedBytes: number
  /** Rows that a later segment holds again, because their first write was never acknowledged. */
  readonly supersededRows: number
  /** True when acknowledged bytes are damaged: the original goes to quarantine. */
  readonly damaged: boolean
  readonly reasons: readonly string[]
}

/** What is known around the segment. */
export interface RepairContext {
  readonly sessionId: string
  readonly segment: number
  /** First seq of the next segment that holds anything; infinite when there is none. */
  readonly limit: number
  /** First seq that earlier segments do not hold, where that is known: for a lost header, and against rows stored already. */
  readonly firstSeq: number | undefined
  /** Where the original will be kept, for the gap row. */
  readonly quarantineName: string
}

function gapRow(
  range: MissingSeqs,
  before: JournalRow | undefined,
  after: JournalRow | undefined,
  context: RepairContext,
): JournalRow {
  const near = before ?? after
  const ts = before?.ts ?? after?.ts ?? 0
  const source = (near?.source ?? 'replay') as EventSource
  const detail = {
    from: ts,
    to: after?.ts ?? ts,
    cause: 'journal_damage',
    source,
    est_missing: range.to - range.from + 1,
    recovered_by: null,
    from_seq: range.from,
    to_seq: range.to,
    declared_by: DECLARED_BY,
    quarantine: context.quarantineName,
  }
  return {
    doc: 'system_event' satisfies DocType,
    date: utcDate(ts),
    ts,
    seq: range.from,
    source,
    session_id: context.sessionId,
    direction: 'internal',
    event_name: 'gap',
    packet: '',
    raw_json: JSON.stringify(detail),
  }
}

/**
 * Decides what of a segment is stored. Pure: the same bytes give the same segment, so repairing twice changes nothing.
 *
 * Whole rows are kept verbatim. A seq that the segment must have held (a row before and after it, the footer, or the next
 * segment says so) and that is not there becomes part of a gap row.
 */
export function repairSegment(scan: SegmentScan, context: RepairContext): Repair {
  const reasons: string[] = []
  const kept: ScannedRow[] = []
  let supersededRows = 0
  for (const row of scan.rows) {
    if (row.seq >= context.limit) supersededRows++
    else if (context.firstSeq !== undefined && row.seq < context.firstSeq) reasons.push(`seq ${row.seq} is stored already`)
    else if (kept.length > 0 && row.seq <= (kept.at(-1)?.covers ?? 0)) reasons.push(`seq ${row.seq} twice`)
    else kept.push(row)
  }
  if (scan.damage.length > 0)
    reasons.push(`${scan.damage.length} damaged stretch(es), first at byte ${scan.damage[0]?.start ?? 0}`)
  if (scan.header === undefined && kept.length > 0) reasons.push('header missing')
  // A torn write ends without a newline; a whole line that fails its CRC was once acknowledged, perhaps.
  const tail = scan.tail
  if (tail !== undefined && scan.footer === undefined && scan.bytes.subarray(tail.start, tail.end).includes(10)) {
    reasons.push(`unreadable line(s) at the end, from byte ${tail.start}`)
  }
  if (tail !== undefined && scan.footer !== undefined) reasons.push(`${tail.end - tail.start} bytes after the footer`)

  const firstSeq =
    Math.max(scan.header?.first_seq ?? 0, context.firstSeq ?? 0) ||
    (kept[0]?.seq ?? (Number.isFinite(context.limit) ? context.limit : 1))
  const lastKept = kept.at(-1)?.covers ?? firstSeq - 1
  const promised = scan.footer !== undefined ? Math.min(scan.footer.last_seq, context.limit - 1) : lastKept
  const lastSeq = Math.max(lastKept, Number.isFinite(context.limit) ? context.limit - 1 : promised)

  const rowAt = (row: ScannedRow | undefined): JournalRow | undefined =>
    row === undefined ? undefined : (decodeLine(scan.bytes.subarray(row.start, row.end)) as JournalRow | undefined)
  const missing: MissingSeqs[] = []
  const lines = new LineBuffer(Math.max(4096, scan.bytes.length + 4096))
  const near = rowAt(kept[0])
  const header: SegmentHeader = {
    vectra: 'journal',
    version: JOURNAL_VERSION,
    session: context.sessionId,
    segment: context.segment,
    first_seq: firstSeq,
    info: scan.header?.info ?? {
      source: (near?.source ?? null) as string | null,
      origin: (near?.origin ?? null) as string | null,
      meta: null,
    },
  }
  lines.add(header)
  let expected = firstSeq
  let count = 0
  let before: ScannedRow | undefined
  const declare = (to: number, after: ScannedRow | undefined): void => {
    const range = { from: expected, to }
    missing.push(range)
    lines.add(gapRow(range, rowAt(before), rowAt(after), context))
    count++
  }
  for (const row of kept) {
    if (row.seq > expected) declare(row.seq - 1, row)
    lines.addVerbatim(scan.bytes.subarray(row.start, row.end))
    count++
    before = row
    expected = row.covers + 1
  }
  if (expected <= lastSeq) declare(lastSeq, undefined)
  if (missing.length > 0) reasons.push(`seqs missing: ${missing.map((range) => `${range.from}-${range.to}`).join(', ')}`)
  lines.add({ end: true, count, last_seq: Math.max(lastSeq, firstSeq - 1) })
  return {
    content: count === 0 ? null : lines.take(),
    missing,
    trimmedBytes: tail === undefined ? 0 : tail.end - tail.start,
    supersededRows,
    damaged: reasons.length > 0,
    reasons,
  }
}
