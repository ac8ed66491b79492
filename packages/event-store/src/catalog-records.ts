import type { DocType, EventSource, Micros } from '@vectra/schemas'
import type { FileMeta } from './catalog.ts'

/** What a session says of itself when it is opened; also stands in every part, so that a lost catalog can be rebuilt. */
export interface SessionRecord {
  readonly sessionId: string
  readonly source: EventSource | null
  readonly origin: string | null
  readonly meta: unknown
}

/** A part file about to be listed. */
export type NewFile = Omit<FileMeta, 'absolutePath' | 'generation'>

/** A stored gap event. `detail` is its JSON text. */
export interface NewGap {
  readonly seq: number
  readonly ts: Micros
  readonly detail: string
}

/** Everything that one segment adds: it becomes visible in one transaction or not at all. */
export interface SegmentCommit {
  readonly session: SessionRecord
  readonly segment: number
  readonly seqFirst: number
  /** Last seq the segment accounts for, declared gaps included. */
  readonly seqLast: number
  /** Canonical rows. */
  readonly rows: number
  readonly files: readonly NewFile[]
  readonly gaps: readonly NewGap[]
}

/** Range of seqs that a published segment covers. */
export interface SegmentRange {
  readonly segment: number
  readonly seqFirst: number
  readonly seqLast: number
}

/** Published segments around one that may not be published itself. */
export interface SegmentNeighbours {
  /** The last segment before it. */
  readonly earlier: SegmentRange | undefined
  /** Lowest first seq of the segments after it; infinite when there is none. */
  readonly laterSeq: number
}

/** The catalog as publishing and recovery use it: every method that writes is durable when it returns. */
export interface CatalogWriter {
  /** Published segments of a session, in order. */
  segments(sessionId: string): readonly SegmentRange[]
  /** Is the segment published? */
  hasSegment(sessionId: string, segment: number): boolean
  /** What is published around a segment of its session. */
  around(sessionId: string, segment: number): SegmentNeighbours
  /** Adds the session unless it is known; @throws STORE_SESSION_COLLISION */
  registerSession(session: SessionRecord, at: Micros): void
  endSession(sessionId: string, at: Micros, summary: unknown): void
  /** Doing it twice changes nothing. */
  commitSegment(commit: SegmentCommit, at: Micros): void
  /** Paths of all files listed, live or retired. */
  filePaths(): readonly string[]
  /** Those of {@link filePaths} that are retired: they may be gone from the disk already. */
  retiredPaths(): readonly string[]
  close(): void
}

/** Seqs of one session, both ends included. */
export interface SeqSpan {
  readonly sessionId: string
  readonly from: number
  readonly to: number
}

/** A file whose rows stand elsewhere, or were asked to go; on the disk until no reader needs it. */
export interface RetiredFile {
  readonly path: string
  readonly receiptId: string
  readonly generation: number
  readonly retiredAt: Micros
}

/** What a receipt keeps of the segments its inputs came from, so that a lost catalog can be rebuilt. */
export interface ReceiptOrigins {
  readonly sessions: readonly SessionRecord[]
  readonly segments: readonly (SegmentRange & { readonly sessionId: string; readonly rows: number })[]
  readonly gaps: readonly (NewGap & { readonly sessionId: string })[]
}

/** One proven replacement of files: visible in one transaction or not at all. */
export interface MergeCommit {
  readonly receiptId: string
  readonly kind: 'merge' | 'prune'
  readonly docType: DocType
  readonly date: string
  /** Null when nothing of the inputs is kept. */
  readonly output: NewFile | null
  readonly inputs: readonly string[]
  /** Rows of the output. */
  readonly rows: number
  readonly contentHash: string
  /** Of the receipt's file. */
  readonly fileSha256: string
  /** Canonical seqs that retention removed. */
  readonly dropped: readonly SeqSpan[]
  /** What the log of retention says; absent for a merge. */
  readonly removed?: RetentionRecord
}

/** What one act of retention removed. */
export interface RetentionRecord {
  readonly at: Micros
  /** Files that went. */
  readonly files: number
  readonly bytes: number
  /** Rows that went. */
  readonly rows: number
  /** Rows of games to keep. */
  readonly kept: number
}
