import type { DocType, EventEnvelope, EventSource } from '@vectra/schemas'
import type { Env } from './env.ts'
import type { EventStoreError } from './errors.ts'
import type { EncoderName, PartEncoder } from './part-encoder.ts'
import type { QueryEngine, QueryOptions } from './query/engine.ts'
import type { FileSnapshot } from './query/file-source.ts'
import type { RecoveryReport } from './recovery.ts'

/** When journal segments become part files. */
export interface FlushOptions {
  /** Events. Default 100. More while parts lag behind. */
  readonly maxEvents?: number
  /** Longest an event waits, in milliseconds, whatever follows it. Default 5000. */
  readonly intervalMs?: number
  /** Bytes of one segment. Default 8 MiB. */
  readonly maxBytes?: number
}

/** Trouble that the store deals with by itself; for logs and status lines. */
export interface StoreFault {
  readonly error: EventStoreError
  /** `append`: events were refused; `encode`: parts could not be made and are retried; `resumed`: appends work again; `compact`: small parts were not merged this time; `scrub`: a stored file is damaged, or could not be looked at. */
  readonly kind: 'append' | 'encode' | 'resumed' | 'compact' | 'scrub'
}

/** A journal segment that became part files. */
export interface StoreFlush {
  /** From taking the segment up to its parts in the catalog. */
  readonly durationMs: number
  /** Part files, and their bytes. */
  readonly files: number
  readonly bytes: number
}

/** Options of {@link openEventStore}. */
export interface EventStoreOptions {
  /** Data directory; created if need be. */
  readonly dir: string
  readonly env?: Env
  readonly flush?: FlushOptions
  /** Default `duckdb`. An object runs in the caller's thread. */
  readonly encoder?: EncoderName | PartEncoder
  /** Journal bytes that may wait to become parts before `append` waits too. Default 256 MiB. */
  readonly maxPendingBytes?: number
  readonly onFault?: (fault: StoreFault) => void
  /** Each time that events became part files; for metrics. */
  readonly onFlush?: (flush: StoreFlush) => void
}

/** What a session says of itself when it is opened. */
export interface SessionInfo {
  readonly sessionId: string
  readonly source: EventSource
  readonly origin?: string | null
  /** Any JSON; stands in the catalog. */
  readonly meta?: unknown
}

/** What the store holds of a session that was just opened. */
export interface OpenedSession {
  /** Last stored seq; 0 for a new session. */
  readonly lastSeq: number
  readonly ended: boolean
}

/** Counters since the store was opened. */
export interface StoreStats {
  /** Events acknowledged as durable. */
  readonly acked: number
  /** Events given to `append` and not acknowledged yet. */
  readonly buffered: number
  /** Bytes of the journal that are not parts yet. */
  readonly pendingBytes: number
  /** Sealed segments that are not parts yet. */
  readonly segmentsPending: number
  readonly segmentsPublished: number
  readonly partsWritten: number
  readonly partBytes: number
  /** Rows in published parts, projections included. */
  readonly rowsByDocType: Readonly<Partial<Record<DocType, number>>>
  /** Bytes of those parts. */
  readonly bytesByDocType: Readonly<Partial<Record<DocType, number>>>
  /** Events that `append` refused because of the disk. */
  readonly refused: number
}

/** The durable store of events. */
export interface EventStore extends AsyncDisposable {
  /** What opening repaired. */
  readonly recovery: RecoveryReport
  /**
   * Stores events: resolves once they are on the disk (fsynced), rejects when none of them is.
   *
   * `_seq` continues the session's last one. After a refusal the same events may be appended again; when the caller goes on
   * with later ones instead, the store declares the gap by a `gap` event of its own.
   *
   * @throws TypeError for what is no envelope
   * @throws STORE_SEQ_HOLE, STORE_SEQ_DUPLICATE, STORE_SESSION_NOT_OPEN, STORE_DISK_FULL, STORE_IO, STORE_READ_ONLY, STORE_CLOSED
   */
  append(batch: readonly EventEnvelope[]): Promise<void>
  /**
   * Takes a session for writing. `lastSeq` is the last stored one: above 0 when an import goes on. `ended`: it was ended
   * before, so an import that finds it has nothing to add.
   *
   * @throws STORE_SESSION_LOCKED, STORE_SESSION_COLLISION, STORE_SESSION_OPEN, STORE_SESSION_INVALID
   */
  openSession(info: SessionInfo): Promise<OpenedSession>
  /** Makes the session's events parts, notes its end and lets it go. */
  endSession(sessionId: string, summary?: unknown): Promise<void>
  /** Seals open segments and waits until everything is in parts. @throws STORE_ENCODE when that fails again and again */
  flush(): Promise<void>
  /** Flushes and lets go of everything; calling it again is fine. */
  close(): Promise<void>
  stats(): StoreStats
  /** Pins the list of part files as it is now: they stay on the disk, whatever is merged or pruned, until it is disposed. */
  snapshot(): FileSnapshot
  /** Opens a query engine on the directory that also sees what is only in the journal yet (`fresh: true` unless told otherwise). Close it after use. */
  query(options?: Omit<QueryOptions, 'dir'>): Promise<QueryEngine>
}
