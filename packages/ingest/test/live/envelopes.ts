import { decodeAck, decodeEvent, type EventEnvelope } from '@vectra/schemas'

/** Envelopes of one made-up recording, 100 ms apart. */
export class Tape {
  readonly events: EventEnvelope[] = []
  #at = 1_765_000_000_000_000
  gameId: string | null = null

  /** A received event; `text` is the payload's JSON text, used verbatim. */
  received(name: string, text: string, more: Partial<EventEnvelope> = {}): EventEnvelope {
    const decoded = decodeEvent(name, [JSON.parse(text)])
    const event = decoded.ok ? decoded.event : decoded.raw
    if (name === 'gameStateUpdate') this.gameId = event.gameId
    return this.#add({
      direction: 'received',
      event_name: name,
      raw_json: `["${name}",${text}]`,
      payload_index: 1,
      payload: event.payload,
      issues: decoded.ok ? null : decoded.issues,
      ...more,
    })
  }

  sent(name: string, text: string, ackId: number): EventEnvelope {
    const raw = `["${name}",${text}]`
    return this.#add({
      direction: 'sent',
      event_name: name,
      ack_id: ackId,
      packet: `42${ackId}`,
      raw_json: raw,
      payload_index: 1,
      payload: JSON.parse(text),
    })
  }

  ack(request: EventEnvelope, text: string): EventEnvelope {
    const decoded = decodeAck(request.event_name, JSON.parse(text))
    const { payload, payloadIndex } = decoded.ok ? decoded.event : decoded.raw
    return this.#add({
      direction: 'received',
      event_name: `ack:${request.event_name}`,
      ack_id: request.ack_id,
      packet: `43${request.ack_id}`,
      raw_json: text,
      payload,
      payload_index: payloadIndex,
      acked: { seq: request._seq, event_name: request.event_name, latency_us: this.#at + 100_000 - request._ts },
    })
  }

  system(name: string, payload: object): EventEnvelope {
    return this.#add({
      direction: 'internal',
      doc_type: 'system_event',
      event_name: name,
      packet: '',
      raw_json: JSON.stringify(payload),
      payload,
    })
  }

  /** Time without events. */
  wait(us: number): void {
    this.#at += us
  }

  #add(more: Partial<EventEnvelope>): EventEnvelope {
    this.#at += 100_000
    const event: EventEnvelope = {
      _ts: this.#at,
      _seq: this.events.length + 1,
      _source: 'cdp',
      _session_id: '019b0000-0000-7000-8000-00000000abcd',
      _game_id: this.gameId,
      doc_type: 'ws_event',
      direction: 'received',
      event_name: '',
      ack_id: null,
      trace_id: null,
      packet: '42',
      raw_json: 'null',
      payload_index: null,
      payload: null,
      issues: null,
      acked: null,
      origin: null,
      ...more,
    }
    this.events.push(event)
    return event
  }
}
