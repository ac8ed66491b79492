import type { Direction, EventEnvelope, EventSource, Micros } from '@vectra/schemas'

/** What the caller knows about an event; the stamp adds the rest. */
export type Unstamped = Omit<EventEnvelope, '_seq' | '_source' | '_session_id' | 'origin'>

/** Gives every event of one recording its source, session and the next `_seq`, from 1, without a hole (P2). */
export class Stamp {
  readonly sessionId: string
  readonly #source: EventSource
  readonly #origin: string | null
  #seq: number

  /** @param after the last `_seq` already used; 0 for a new recording */
  constructor(identity: { sessionId: string; source: EventSource; origin: string | null }, after = 0) {
    this.sessionId = identity.sessionId
    this.#source = identity.source
    this.#origin = identity.origin
    this.#seq = after
  }

  /** The last `_seq` given. */
  get seq(): number {
    return this.#seq
  }

  /** Stamps one event. @param origin where it is from, when that is not the source */
  event(event: Unstamped, origin: string | null = this.#origin): EventEnvelope {
    this.#seq += 1
    return { ...event, _seq: this.#seq, _source: this.#source, _session_id: this.sessionId, origin }
  }

  /** Stamps an event that starts inside Vectra: its JSON is made here, once. */
  system(kind: string, at: Micros, gameId: string | null, payload: object): EventEnvelope {
    return this.event({
      ...unframed,
      _ts: at,
      _game_id: gameId,
      doc_type: 'system_event',
      event_name: kind,
      raw_json: JSON.stringify(payload),
      payload,
    })
  }
}

/** Fields of an event that never was a frame. */
export const unframed = {
  direction: 'internal' as Direction,
  ack_id: null,
  trace_id: null,
  packet: '',
  payload_index: null,
  issues: null,
  acked: null,
} as const
