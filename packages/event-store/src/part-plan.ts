import path from 'node:path'
import type { DocType } from '@vectra/schemas'
import type { GameSpan } from './catalog.ts'
import type { SegmentCommit, SessionRecord } from './catalog-records.ts'
import { SCHEMA_VERSION } from './columns.ts'
import type { SegmentHeader } from './line.ts'
import type { PartLine, PartPlan } from './part-encoder.ts'
import { partPath, session8, temporaryPath } from './paths.ts'
import type { ScannedRow, SegmentScan } from './segment.ts'

/** Key of the JSON in every part that a lost catalog is rebuilt from. */
export const PART_KEY = 'vectra.part'
const PART_FORMAT = 1

/** Everything the catalog must know of a part and its segment; stands in the part's key-value metadata. */
export interface PartRecord {
  readonly format: number
  readonly session: SessionRecord
  readonly segment: number
  readonly segmentSeqFirst: number
  readonly segmentSeqLast: number
  readonly segmentRows: number
  /** All parts of the segment, by path. */
  readonly siblings: readonly string[]
  readonly rows: number
  readonly seqFirst: number
  readonly seqLast: number
  readonly tsMin: number
  readonly tsMax: number
  readonly games?: GameSpan | null
  readonly gaps: SegmentCommit['gaps']
}

/** What the header says of its session. */
export function sessionRecord(header: SegmentHeader): SessionRecord {
  return {
    sessionId: header.session,
    source: header.info.source as SessionRecord['source'],
    origin: header.info.origin,
    meta: header.info.meta,
  }
}

/** The gap events among rows, as the catalog lists them. */
export function gapsOf(rows: readonly ScannedRow[]): SegmentCommit['gaps'] {
  return rows.flatMap((row) => (row.gap === null ? [] : [{ seq: row.seq, ts: row.ts, detail: row.gap }]))
}

/** Lowest and highest game of rows; nothing when one of them does not tell. Ids that tell are ASCII: any order of them is that of bytes. */
function spanOf(lines: readonly PartLine[]): { readonly games?: GameSpan | null } {
  let first: string | undefined
  let last: string | undefined
  for (const { row } of lines) {
    if (row.game === undefined) return {}
    if (row.game === null) continue
    if (first === undefined || row.game < first) first = row.game
    if (last === undefined || row.game > last) last = row.game
  }
  return { games: first === undefined || last === undefined ? null : { first, last } }
}

/** Which files a segment becomes. Pure: the same segment gives the same plan, so redoing it changes nothing. */
export function planParts(scan: SegmentScan, header: SegmentHeader, writer: string, root: string): PartPlan[] {
  const groups = new Map<string, { docType: DocType; date: string; lines: PartLine[] }>()
  const add = (docType: DocType, row: ScannedRow, narrow: boolean): void => {
    const key = `${docType}|${row.date}`
    const group = groups.get(key) ?? { docType, date: row.date, lines: [] }
    group.lines.push({ row, narrow })
    groups.set(key, group)
  }
  for (const row of scan.rows) {
    add(row.doc, row, false)
    if (row.proj !== null) add(row.proj, row, true)
  }
  const short = session8(header.session)
  const keyed = [...groups]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, group]) => ({ ...group, path: partPath({ ...group, session8: short, segment: header.segment }) }))
  const siblings = keyed.map((part) => part.path)
  return keyed.map((part) => {
    const times = part.lines.map((line) => line.row.ts)
    const tsMin = times.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY)
    const tsMax = times.reduce((a, b) => Math.max(a, b), 0)
    const games = spanOf(part.lines)
    const record: PartRecord = {
      format: PART_FORMAT,
      session: sessionRecord(header),
      segment: header.segment,
      segmentSeqFirst: header.first_seq,
      segmentSeqLast: scan.footer?.last_seq ?? scan.rows.at(-1)?.covers ?? header.first_seq,
      segmentRows: scan.rows.length,
      siblings,
      rows: part.lines.length,
      seqFirst: part.lines[0]?.row.seq ?? 0,
      seqLast: part.lines.at(-1)?.row.seq ?? 0,
      tsMin,
      tsMax,
      ...games,
      gaps: part.docType === 'system_event' ? gapsOf(part.lines.map((line) => line.row)) : [],
    }
    return {
      ...part,
      tsMin,
      tsMax,
      ...games,
      target: temporaryPath(path.join(root, ...part.path.split('/'))),
      metadata: {
        'vectra.schema_version': String(SCHEMA_VERSION),
        'vectra.doc_type': part.docType,
        'vectra.session': header.session,
        'vectra.segment': String(header.segment),
        'vectra.writer': writer,
        [PART_KEY]: JSON.stringify(record),
      },
    }
  })
}
