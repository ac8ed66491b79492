import type { EventEnvelope, EventSource } from '@vectra/schemas'
import type { Details } from './source.ts'

/** What a sink is told about a session when it opens. */
export interface SessionInfo {
  readonly sessionId: string
  readonly source: EventSource
  readonly origin: string | null
  readonly meta?: Details
}

/** What a sink knows about a session. */
export interface OpenedSession {
  /** Last `_seq` stored; 0 for a new session. */
  readonly lastSeq: number
  /** The session was ended before: nothing is appended, whatever its rows would be today. */
  readonly ended?: boolean
}

/** Where envelopes go: the recorder passes an EventStore, a test an array. One suite: `test/sink-conformance.ts`. */
export interface EventSink {
  /** Called once, before the first append. */
  openSession(info: SessionInfo): Promise<OpenedSession>
  /** Resolves when the whole batch is durable. Calls never overlap; `_seq` continues without a hole. */
  append(batch: readonly EventEnvelope[]): Promise<void>
  /** Called once, after the last append; without a summary when nothing was added: what the sink noted before stays. */
  endSession(sessionId: string, summary?: object): Promise<void>
}
