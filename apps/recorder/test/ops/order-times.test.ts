import type { EventEnvelope } from '@vectra/schemas'
import { expect, it } from 'vitest'
import { OrderTimes } from '../../src/ops/order-times.ts'

let seq = 0
function row(at: number, changes: Partial<EventEnvelope>): EventEnvelope {
  seq += 1
  const payload = changes.payload ?? null
  return {
    _ts: at,
    _seq: seq,
    _source: 'cdp',
    _session_id: 's',
    _game_id: 'g',
    doc_type: 'ws_event',
    direction: 'received',
    event_name: 'gameStateUpdate',
    ack_id: null,
    trace_id: null,
    packet: '42',
    raw_json: JSON.stringify([changes.event_name, payload]),
    payload_index: 1,
    payload,
    issues: null,
    acked: null,
    origin: null,
    ...changes,
  }
}
const order = (at: number): EventEnvelope =>
  row(at, { direction: 'sent', event_name: 'buyOrder', ack_id: seq, payload: { amount: 0.01 } })
const ack = (at: number, { _seq, _ts, event_name }: EventEnvelope, payload: object): EventEnvelope =>
  row(at, {
    event_name: `ack:${event_name}`,
    packet: '430',
    raw_json: JSON.stringify([payload]),
    payload_index: 0,
    payload,
    acked: { seq: _seq, event_name, latency_us: at - _ts },
  })
const account = (at: number): EventEnvelope => row(at, { event_name: 'playerUpdate', payload: { id: 'p', cash: 1 } })

it('an order is timed to its ack and to the account that shows it, across batches, once', () => {
  const times = new OrderTimes()
  const first = order(1_000_000)
  expect(times.take([account(900_000), first])).toEqual({ acks: [], reflections: [] })
  expect(times.take([ack(1_200_000, first, { success: true })])).toEqual({ acks: [0.2], reflections: [] })
  expect(times.take([account(1_500_000), account(1_600_000)])).toEqual({ acks: [], reflections: [0.5] })
})

it('a refusal is an ack and nothing else; requests that move no money are none', () => {
  const times = new OrderTimes()
  const refused = order(1_000_000)
  const asked = row(1_000_000, { direction: 'sent', event_name: 'getLeaderboard', ack_id: 7 })
  const batch = [refused, asked, ack(1_100_000, asked, {}), ack(1_300_000, refused, { success: false }), account(1_400_000)]
  expect(times.take(batch)).toEqual({ acks: [0.3], reflections: [] })
})

it('sessions do not mix, and one that ended is forgotten', () => {
  const times = new OrderTimes()
  const first = order(1_000_000)
  times.take([first])
  expect(times.take([{ ...account(1_100_000), _session_id: 'other' }])).toEqual({ acks: [], reflections: [] })
  times.forget('s')
  expect(times.take([ack(1_200_000, first, { success: true })])).toEqual({ acks: [], reflections: [] })
})
