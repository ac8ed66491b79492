import type { EventEnvelope } from '@vectra/schemas'

/** A session id whose last eight digits differ by `n`. */
export function sessionId(n = 1): string {
  return `0198a5b0-1c2d-7000-8000-0000${n.toString(16).padStart(8, '0')}`
}

/** 2025-12-12T22:17:00Z in microseconds. */
export const START = Date.UTC(2025, 11, 12, 22, 17) * 1000

/** One `gameStateUpdate` frame, as a tick of the active phase. */
export function tickEvent(seq: number, overrides: Partial<EventEnvelope> = {}): EventEnvelope {
  const payload = {
    gameId: '20251212-6114b2ff44ef4b71',
    active: true,
    rugged: false,
    price: 1 + seq / 1000,
    tickCount: seq,
    cooldownTimer: 0,
    allowPreRoundBuys: false,
    tradeCount: 46,
    leaderboard: [],
  }
  return {
    _ts: START + seq * 250_000,
    _seq: seq,
    _source: 'public_ws',
    _session_id: sessionId(),
    _game_id: payload.gameId,
    doc_type: 'ws_event',
    direction: 'received',
    event_name: 'gameStateUpdate',
    ack_id: null,
    trace_id: null,
    packet: '42',
    raw_json: JSON.stringify(['gameStateUpdate', payload]),
    payload_index: 1,
    payload,
    issues: null,
    acked: null,
    origin: null,
    ...overrides,
  }
}

/** Any frame: `args` as they stand on the wire after the event's name. */
export function frameEvent(seq: number, name: string, rawArgs: string, overrides: Partial<EventEnvelope> = {}): EventEnvelope {
  const raw = `["${name}",${rawArgs}]`
  const parsed = JSON.parse(raw) as unknown[]
  return tickEvent(seq, {
    event_name: name,
    raw_json: raw,
    payload: parsed.at(-1),
    payload_index: parsed.length - 1,
    ...overrides,
  })
}

/** A system event of ours. */
export function systemEvent(seq: number, name: string, detail: unknown, overrides: Partial<EventEnvelope> = {}): EventEnvelope {
  return tickEvent(seq, {
    doc_type: 'system_event',
    direction: 'internal',
    event_name: name,
    packet: '',
    raw_json: JSON.stringify(detail),
    payload_index: null,
    payload: detail,
    _game_id: null,
    ...overrides,
  })
}

/** `count` ticks from `from` on. */
export function ticks(count: number, from = 1, overrides: Partial<EventEnvelope> = {}): EventEnvelope[] {
  return Array.from({ length: count }, (_, index) => tickEvent(from + index, overrides))
}
