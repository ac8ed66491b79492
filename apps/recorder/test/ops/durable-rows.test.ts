import type { EventEnvelope } from '@vectra/schemas'
import { expect, it } from 'vitest'
import { type AckedRows, tellDurable } from '../../src/ops/durable-rows.ts'

const base: EventEnvelope = {
  _ts: 1_000_000,
  _seq: 1,
  _source: 'public_ws',
  _session_id: 's',
  _game_id: null,
  doc_type: 'ws_event',
  direction: 'received',
  event_name: 'gameStateUpdate',
  ack_id: null,
  trace_id: null,
  packet: '42',
  raw_json: '[]',
  payload_index: null,
  payload: null,
  issues: null,
  acked: null,
  origin: null,
}
const row = (changes: Partial<EventEnvelope>): EventEnvelope => ({ ...base, ...changes })
const system = (event_name: string, payload: unknown): EventEnvelope =>
  row({ doc_type: 'system_event', direction: 'internal', packet: '', event_name, payload })

let time = 0
const clock = { now: () => 0, monotonic: () => time, timer: () => () => undefined }

it('tells what became durable, how long it took, and nothing of what the store refused', async () => {
  const told: AckedRows[] = []
  let refuse = false
  const sink = tellDurable(
    {
      openSession: async () => ({ lastSeq: 0 }),
      append: async () => {
        time += 8
        if (refuse) throw new Error('full')
      },
      endSession: async () => undefined,
    },
    clock,
    (rows) => void told.push(rows),
  )
  await sink.append([
    row({ packet: '0', event_name: 'engine.open', _ts: 1 }),
    row({ packet: '40', event_name: 'socket.connect', _ts: 2 }),
    row({ _ts: 3 }),
    row({ _ts: 4, issues: [{ path: '', code: 'frame_json', message: '' }] }),
    row({ _ts: 5, packet: '42', direction: 'sent', event_name: 'buyOrder' }),
    system('gap', { cause: 'stale', est_missing: 7 }),
    system('gap', { cause: 'clock', est_missing: null }),
    system('disconnect', { reason: 'transport close' }),
    system('disconnect', { reason: 'words of the server 1234' }),
    system('stale', { silentMs: 1 }),
  ])
  refuse = true
  await expect(sink.append([row({ _ts: 6 })])).rejects.toThrow('full')
  expect(told).toEqual([
    {
      session: 's',
      source: 'public_ws',
      seconds: 0.008,
      events: new Map([
        ['engine.open', 1],
        ['socket.connect', 1],
        ['gameStateUpdate', 2],
        ['buyOrder', 1],
      ]),
      gaps: [
        { cause: 'stale', missing: 7 },
        { cause: 'clock', missing: 0 },
      ],
      disconnects: ['transport close', 'other', 'stale'],
      issues: ['frame_json'],
      firstFrameAt: 3,
      lastFrameAt: 4,
      orders: { acks: [], reflections: [] },
    },
  ])
})
