import path from 'node:path'
import type { DocType } from '@vectra/schemas'

/** Where everything lives under one data directory. */
export interface StorePaths {
  readonly root: string
  /** Hive-partitioned part files. */
  readonly events: string
  readonly journal: string
  readonly catalog: string
  /** Files set aside with their reason; never deleted by us. */
  readonly quarantine: string
  /** What compaction and retention did, one file each; kept for ever. */
  readonly receipts: string
  /** When each session was opened and ended, one file each: what no part can say. */
  readonly sessions: string
  /** One empty file per pinned snapshot of a live reader. */
  readonly leases: string
  /** Which files were found good or bad, and when; only a memory, may be deleted. */
  readonly checks: string
  /** Derived search tables; not ours, may be deleted. */
  readonly vectors: string
}

/** Paths of a data directory; touches no disk. */
export function storePaths(dir: string): StorePaths {
  const root = path.resolve(dir)
  return {
    root,
    events: path.join(root, 'events_parquet'),
    journal: path.join(root, 'journal'),
    catalog: path.join(root, 'catalog.sqlite'),
    quarantine: path.join(root, 'quarantine'),
    receipts: path.join(root, 'receipts'),
    sessions: path.join(root, 'sessions'),
    leases: path.join(root, 'leases'),
    checks: path.join(root, 'checked.sqlite'),
    vectors: path.join(root, 'vectors'),
  }
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/

/** True for a UUID in lower case: what a session id must be, because it names a directory. */
export function isSessionId(text: string): boolean {
  return UUID.test(text)
}

/** Short form of a session in file names: the LAST eight hex digits, because a UUIDv7 starts with the time. */
export function session8(sessionId: string): string {
  return sessionId.slice(-8)
}

/** Segment numbers as they stand in file names: eight decimal digits, from 1. */
export function segmentLabel(segment: number): string {
  return String(segment).padStart(8, '0')
}

/** File of a journal segment inside its session's directory. */
export function segmentFile(segment: number): string {
  return `${segmentLabel(segment)}.ndjson`
}

/** Segment number of a journal file name; `undefined` for any other file. */
export function parseSegmentFile(name: string): number | undefined {
  const match = /^(\d{8,})\.ndjson$/.exec(name)
  return match?.[1] === undefined ? undefined : Number(match[1])
}

const DAY_MICROS = 86_400_000_000
let lastDay = Number.NaN
let lastDate = ''

/** UTC date of a time in microseconds, `YYYY-MM-DD`: the second partition key. Remembers the last day: events come in order. */
export function utcDate(ts: number): string {
  const day = Math.floor(ts / DAY_MICROS)
  if (day !== lastDay) {
    lastDate = new Date(day * 86_400_000).toISOString().slice(0, 10)
    lastDay = day
  }
  return lastDate
}

/** What a part file's path says. */
export interface PartKey {
  readonly docType: DocType
  readonly date: string
  readonly session8: string
  readonly segment: number
}

/** Path of a part file relative to the data directory, with `/`: a pure function of its key, so redoing it changes nothing. */
export function partPath(key: PartKey): string {
  return `events_parquet/doc_type=${key.docType}/date=${key.date}/part-${key.session8}-${segmentLabel(key.segment)}.parquet`
}

const PART = /^events_parquet\/doc_type=([a-z_]+)\/date=(\d{4}-\d{2}-\d{2})\/part-([0-9a-f]{8})-(\d{8,})\.parquet$/

/** Reverse of {@link partPath}; `undefined` for a path of any other form. */
export function parsePartPath(relative: string): PartKey | undefined {
  const match = PART.exec(relative)
  if (!match) return undefined
  const [, docType, date, short, segment] = match
  return { docType: docType as DocType, date: date ?? '', session8: short ?? '', segment: Number(segment) }
}

/** Name under which a part is written: no `*.parquet` glob matches it (a leading dot or underscore would not help). */
export function temporaryPath(finalPath: string): string {
  return `${finalPath}.tmp-0`
}

/** True for a name made by {@link temporaryPath}. */
export function isTemporary(name: string): boolean {
  return /\.tmp-[0-9a-z]+$/.test(name)
}

const MERGED = /^events_parquet\/doc_type=([a-z_]+)\/date=(\d{4}-\d{2}-\d{2})\/part-merged-([0-9a-f]{16})\.parquet$/

/** Path of a merged part relative to the data directory; `id` is its receipt's. */
export function mergedPath(docType: DocType, date: string, id: string): string {
  return `events_parquet/doc_type=${docType}/date=${date}/part-merged-${id}.parquet`
}

/** Reverse of {@link mergedPath}; `undefined` for a path of any other form. */
export function parseMergedPath(
  relative: string,
): { readonly docType: DocType; readonly date: string; readonly id: string } | undefined {
  const match = MERGED.exec(relative)
  return match === null ? undefined : { docType: match[1] as DocType, date: match[2] ?? '', id: match[3] ?? '' }
}

/** True for the name of a merged part in any state: being written, staged or visible. */
export function isMergedName(name: string): boolean {
  return name.startsWith('part-merged-')
}

/** Second name of a merged part that globs must not see yet, because its inputs are still visible. */
export function stagedPath(finalPath: string): string {
  return `${finalPath}.staged`
}

/** File of a receipt inside {@link StorePaths.receipts}. */
export function receiptFile(id: string): string {
  return `${id}.json`
}
