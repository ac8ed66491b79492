import type { EventEnvelope } from '@vectra/schemas'
import type { EventSink, OpenedSession, SessionInfo } from '../../src/index.ts'

/** What a test may do to a sink. */
export interface MemorySinkHooks {
  /** Runs before a batch is stored; throwing refuses it, awaiting delays it. */
  beforeAppend?(batch: readonly EventEnvelope[], call: number): void | Promise<void>
}

/** An {@link EventSink} in memory with the rules of the real store: sessions, no hole, no duplicate, one append at a time. */
export class MemorySink implements EventSink {
  readonly events: EventEnvelope[] = []
  readonly sessions = new Map<string, SessionInfo & { lastSeq: number; ended: boolean; summary?: object }>()
  readonly batches: number[] = []
  hooks: MemorySinkHooks
  #appending = false
  #calls = 0

  constructor(hooks: MemorySinkHooks = {}) {
    this.hooks = hooks
  }

  async openSession(info: SessionInfo): Promise<OpenedSession> {
    const known = this.sessions.get(info.sessionId)
    if (known) return { lastSeq: known.lastSeq, ended: known.ended }
    this.sessions.set(info.sessionId, { ...info, lastSeq: 0, ended: false })
    return { lastSeq: 0, ended: false }
  }

  async append(batch: readonly EventEnvelope[]): Promise<void> {
    if (this.#appending) throw new Error('appends overlap')
    if (batch.length === 0) throw new Error('empty batch')
    this.#appending = true
    try {
      this.#calls += 1
      await this.hooks.beforeAppend?.(batch, this.#calls)
      for (const event of batch) {
        const session = this.sessions.get(event._session_id)
        if (!session) throw new Error('session is not open')
        if (event._seq !== session.lastSeq + 1) throw new Error(`seq ${event._seq} after ${session.lastSeq}`)
        session.lastSeq = event._seq
        this.events.push(event)
      }
      this.batches.push(batch.length)
    } finally {
      this.#appending = false
    }
  }

  async endSession(sessionId: string, summary?: object): Promise<void> {
    const session = this.sessions.get(sessionId)
    if (!session) throw new Error('session is not open')
    session.ended = true
    if (summary) session.summary = summary
  }

  /** Frames of the wire with their text. */
  frames(): { name: string; text: string; direction: string; seq: number }[] {
    return this.events
      .filter((event) => event.doc_type === 'ws_event')
      .map((event) => ({
        name: event.event_name,
        text: event.packet + event.raw_json,
        direction: event.direction,
        seq: event._seq,
      }))
  }

  /** System events of a kind. */
  system(kind: string): EventEnvelope[] {
    return this.events.filter((event) => event.doc_type === 'system_event' && event.event_name === kind)
  }
}
