import type { EventSource, Micros, SchemaIssue } from '@vectra/schemas'
import type { Gap } from './gap.ts'

/** What was on the wire, and when it was seen. */
export interface RawFrame {
  /** Engine.IO text including its type digit (`42["x"]`), or the bytes of a binary frame. */
  readonly text: string | Uint8Array
  readonly direction: 'received' | 'sent'
  /** Receive time, UTC, microseconds. */
  readonly at: Micros
  /** One socket: acks, attachments and the current game are tied inside it. */
  readonly connection: string
  /** Secrets cut out of the text at capture, each marked `[redacted N]`; absent when none. */
  readonly redacted?: number
}

/**
 * Something that happened to a connection. Each becomes a system event.
 *
 * `covered`: another connection of the same source was open, so that nothing is missing because of it.
 */
export type ConnectionStatus =
  | { readonly kind: 'connect'; readonly connection: string; readonly covered?: boolean; readonly details?: Details }
  | {
      readonly kind: 'reconnect'
      readonly connection: string
      readonly recovered: boolean
      readonly covered?: boolean
      readonly details?: Details
    }
  /** `final`: the feed is over by the server's word, and nothing is missing after it. */
  | {
      readonly kind: 'disconnect'
      readonly connection: string
      readonly reason: string
      readonly final?: boolean
      readonly covered?: boolean
      readonly cause?: GapCause
      readonly details?: Details
    }
  | { readonly kind: 'connect_error'; readonly connection: string; readonly message: string; readonly details?: Details }
  /** Open but silent for too long; heartbeats do not count. */
  | {
      readonly kind: 'stale'
      readonly connection: string
      readonly silentMs: number
      readonly covered?: boolean
      readonly details?: Details
    }
  /** The source had to throw frames away because nobody took them. `missed` is exact. */
  | {
      readonly kind: 'overflow'
      readonly connection: string
      readonly from: Micros
      readonly missed: number
      readonly details?: Details
    }

/** Small facts for the system event's payload, JSON values only. */
export type Details = Readonly<Record<string, string | number | boolean | null>>

/** Why frames are missing. `feed`: the connection was open, but the feed's own numbers jump. */
export type GapCause = 'disconnect' | 'stale' | 'backpressure' | 'process_down' | 'decode' | 'clock' | 'feed'

/** Something that never was a frame, such as a line of a capture: stored as it stands. */
export interface ImportedRecord {
  readonly docType: 'game_tick' | 'system_event'
  readonly eventName: string
  readonly at: Micros
  readonly gameId: string | null
  /** The line, verbatim. */
  readonly text: string
  /** `JSON.parse` of the line. */
  readonly payload: unknown
  /** Ties it to the frames of a request and of its effects, 32 hex digits; default none. */
  readonly traceId?: string | null
  /** Where the line does not match its schema; absent or null when it does. */
  readonly issues?: readonly SchemaIssue[] | null
  /** What the line says about the connection, for the gaps; the row is the line itself. */
  readonly status?: ConnectionStatus
}

/** A line of a capture that could not be read. Counted as quarantined, reported, and stored as an `error` system event. */
export interface BrokenLine {
  readonly file: string
  /** From 1. */
  readonly line: number
  readonly reason: string
  /** At most 200 characters of the line. */
  readonly excerpt: string
}

/** What a source yields, in order. */
export type SourceItem =
  | { readonly kind: 'frame'; readonly frame: RawFrame }
  | { readonly kind: 'status'; readonly status: ConnectionStatus; readonly at: Micros }
  | { readonly kind: 'record'; readonly record: ImportedRecord }
  | { readonly kind: 'broken'; readonly broken: BrokenLine; readonly at: Micros }
  /** A frame that another connection of the source delivered already: counted, not stored again. */
  | { readonly kind: 'duplicate'; readonly event: string; readonly at: Micros }
  /** A stretch that nobody recorded, known from outside the connection: the process was down. */
  | { readonly kind: 'gap'; readonly gap: Gap; readonly at: Micros }
  /** Something that the process itself did, e.g. took the recording over from another one: a system event. */
  | { readonly kind: 'note'; readonly name: string; readonly payload: object; readonly at: Micros }

/** What one of several connections to a feed contributed. `received = first + duplicates` events. */
export interface MemberShare {
  readonly received: number
  /** Delivered before any other member. */
  readonly first: number
  readonly duplicates: number
  /** Others delivered it and this one did not. */
  readonly missed: number
  /** Times it lost its connection. */
  readonly lost: number
  readonly connected: boolean
}

/**
 * Where items come from. One suite (`test/source-conformance.ts`) holds every implementation to this:
 *
 * - `items()` may be called once per signal; it ends by itself, or soon after the signal aborts.
 * - Items received before the abort are still yielded. The iterator never rejects because of the abort.
 * - Pulling is the only way to make room: a source whose items are not pulled stops reading or accounts for what it missed.
 * - Breaking out of the loop releases sockets, timers and listeners.
 */
export interface Source {
  readonly name: EventSource
  /** Provenance for rows that this recorder did not capture, e.g. `import:event_log`; null for live. */
  readonly origin: string | null
  /** Facts about the source for the session's row, JSON values only. */
  readonly meta?: Details
  /** Set when the same input always gives the same session: the pipeline then resumes instead of recording twice. */
  readonly repeatable?: { readonly sessionId: string; readonly startedAt: Micros }
  /** No time limit applies to its first connection: it waits for a person who opens a page or logs in, or it connects to nothing. */
  readonly unhurried?: boolean
  /** What each of several connections contributed so far; absent for a source of one. */
  shares?(): readonly MemberShare[]
  items(signal: AbortSignal): AsyncIterable<SourceItem>
}
