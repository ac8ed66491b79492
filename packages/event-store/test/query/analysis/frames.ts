import { type EventEnvelope, splitArguments } from '@vectra/schemas'
import { SESSION, T0 } from '../fixture.ts'

/** A frame as the recorder would hand it on, from its own text. */
export interface Sent {
  readonly at: number
  readonly text: string
  readonly direction?: 'received' | 'sent' | 'internal'
  readonly game?: string | null
  readonly acked?: EventEnvelope['acked']
  readonly event?: string
}

/** Envelopes of frames in order: packet, name, trace and payload are read from the frame's text. `at` is milliseconds after {@link T0}. */
export function envelopes(frames: readonly Sent[], session = SESSION): EventEnvelope[] {
  return frames.map(({ at, text, direction = 'received', game = null, acked = null, event }, index): EventEnvelope => {
    const packet = /^\d*/.exec(text)?.[0] ?? ''
    const raw = text.slice(packet.length)
    const parsed = JSON.parse(raw) as unknown
    const isAck = packet.startsWith('43')
    const args = Array.isArray(parsed) ? (isAck ? parsed : parsed.slice(1)) : []
    const { trace, payload, payloadIndex } = splitArguments(args)
    return {
      _ts: T0 + at * 1000,
      _seq: index + 1,
      _source: 'cdp',
      _session_id: session,
      _game_id: game,
      doc_type: direction === 'internal' ? 'system_event' : 'ws_event',
      direction,
      event_name: event ?? String((parsed as unknown[])[0]),
      ack_id: packet.length > 2 ? Number(packet.slice(2)) : null,
      trace_id: trace?.traceId ?? null,
      packet,
      raw_json: raw,
      payload_index: direction === 'internal' || payloadIndex === null ? null : payloadIndex + (isAck ? 0 : 1),
      payload: direction === 'internal' ? parsed : payload,
      issues: null,
      acked,
      origin: null,
    }
  })
}
