import { createHash } from 'node:crypto'
import type { DocType } from '@vectra/schemas'
import type { SegmentPlace } from '../../catalog.ts'
import type { CompletenessReason } from '../../completeness.ts'
import type { ScannedRow } from '../../segment.ts'
import type { PartRef } from '../file-source.ts'
import type { FoundSegment } from './journal-look.ts'

/** What the journals add to the parts of one catalog snapshot. */
export interface HotParts {
  /** One for each doc_type and date of a segment, as its part files will be. */
  readonly files: readonly PartRef[]
  /** Stretches of journals that cannot be read. */
  readonly reasons: readonly CompletenessReason[]
}

function hash(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 24)
}

function partsOf(found: FoundSegment, rows: readonly ScannedRow[]): PartRef[] {
  const [first, last] = [rows[0], rows.at(-1)]
  if (first === undefined || last === undefined) return []
  const table = `t${hash(`${found.path} ${found.identity} ${first.seq} ${last.seq} ${rows.length}`)}`
  const lines = (): string => rows.map((row) => found.scan.bytes.toString('utf8', row.start, row.end)).join('\n')
  const groups = new Map<string, { docType: DocType; date: string; rows: ScannedRow[] }>()
  const add = (docType: DocType, row: ScannedRow): void => {
    const key = `${docType} ${row.date}`
    const group = groups.get(key)
    if (group === undefined) groups.set(key, { docType, date: row.date, rows: [row] })
    else group.rows.push(row)
  }
  for (const row of rows) {
    add(row.doc, row)
    if (row.proj !== null) add(row.proj, row)
  }
  return [...groups.values()].map(({ docType, date, rows: own }) => ({
    absolutePath: found.absolutePath,
    docType,
    date,
    sessionId: found.sessionId,
    rows: own.length,
    seqFirst: own[0]?.seq ?? 0,
    seqLast: own.at(-1)?.seq ?? 0,
    tsMin: own.reduce((least, { ts }) => Math.min(least, ts), Number.POSITIVE_INFINITY),
    tsMax: own.reduce((most, { ts }) => Math.max(most, ts), 0),
    hot: { table, lines },
  }))
}

/**
 * The rows that are only in journals, as parts that are not files. Pure.
 *
 * The journals were read before the catalog: a segment that became parts in between is `published` there and left out here, so that
 * each row is seen once. Rows that a later segment, or a published one, holds as well were never acknowledged in this one: the first
 * seq of what follows, and the last of what went before, bound it, as they do in a recovery.
 */
export function hotParts(found: readonly FoundSegment[], places: readonly SegmentPlace[]): HotParts {
  const files: PartRef[] = []
  const reasons: CompletenessReason[] = []
  let sessionId = ''
  let seen = 0
  for (const [index, segment] of found.entries()) {
    const place = places[index]
    if (segment.sessionId !== sessionId) {
      sessionId = segment.sessionId
      seen = 0
    }
    if (place === undefined || place.published) continue
    const { header, damage, rows } = segment.scan
    const foreign = header !== undefined && (header.session !== sessionId || header.segment !== segment.segment)
    if (foreign || damage.length > 0) {
      const bytes = damage.reduce((sum, { start, end }) => sum + end - start, 0)
      const text = foreign ? 'belongs to another session' : `holds ${bytes} bytes that cannot be read`
      reasons.push({ code: 'bad_file', text: `${segment.path} ${text}`, path: segment.path, sessionId })
    }
    if (foreign) continue
    let limit = place.laterStart
    for (const later of found.slice(index + 1)) {
      if (later.sessionId !== sessionId) break
      limit = Math.min(limit, later.scan.header?.first_seq ?? limit)
    }
    seen = Math.max(seen, place.earlierEnd)
    const kept: ScannedRow[] = []
    for (const row of rows) {
      if (row.seq >= limit || row.seq <= seen) continue
      kept.push(row)
      seen = row.covers
    }
    files.push(...partsOf(segment, kept))
  }
  return { files, reasons }
}
