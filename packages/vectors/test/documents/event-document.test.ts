import { Decimal, EVENTS } from '@vectra/schemas'
import { expect, it } from 'vitest'
import {
  DOCUMENTED_EVENTS,
  type EventChoice,
  eventDocument,
  payloadShape,
  schemaDocument,
  shapeDocument,
} from '../../src/index.ts'
import { storedEvent } from '../stored-event.ts'

const choice: EventChoice = { own: new Set(['me']), tradeSol: new Decimal(1), sidebetSol: new Decimal('0.1') }
const trade = {
  event_name: 'standard/newTrade',
  action: 'buy',
  amount: '1.000000001',
  qty: '0.87',
  price: '1.14942528735632183908',
  tick: 45,
  player_id: 'p',
  username: 'vik',
}

it('a large trade tells who, what, how much and when, with every digit', () => {
  expect(eventDocument(storedEvent({ ...trade, payload: { coin: 'solana', leverage: 4 } }), choice)).toMatchObject({
    kind: 'trade',
    id: '7',
    sessionId: '0190b5a0-0000-7000-8000-000000000001',
    seq: 7,
    gameId: '20251212-6114b2ff44ef4b71',
    body: 'vik bought for 0.87 tokens: 1.000000001 SOL at 1.14942528735632183908x at tick 45, leverage 4.\n2025-12-12 22:17:00 UTC, game 20251212-6114b2ff44ef4b71.',
  })
})

it.each([
  ['a trade below the threshold', { ...trade, amount: '0.999999999' }],
  ['a practice trade', { ...trade, amount: '500', payload: { coin: 'free' } }],
  ['a small sidebet of another', { event_name: 'newSideBet', amount: '0.09', player_id: 'p' }],
  ['a tick', { event_name: 'gameStateUpdate', price: '1.5', tick: 9 }],
  ['an unknown event', { event_name: 'constructor' }],
])('%s is no document', (_name, event) => expect(eventDocument(storedEvent(event), choice)).toBeUndefined())

it('own trades count whatever their size', () => {
  const own = eventDocument(storedEvent({ ...trade, amount: '0.001', player_id: 'me' }), choice)
  expect(own?.body).toContain('Own trade: vik bought')
})

it.each([
  [
    'gap',
    { payload: { cause: 'disconnect', from: 1_000_000, to: 6_000_000, est_missing: 20 } },
    /missed because of disconnect. About 20 frames missing/,
  ],
  [
    'schema_issue',
    { payload: { event: 'newTrade', seq: 5, issues: [{ path: 'price', code: 'invalid_type', message: 'expected number' }] } },
    /frame of newTrade \(seq 5\).*\nprice: expected number/,
  ],
  [
    'playerUpdate',
    { cash: '0.017619831', player_id: 'me' },
    /^Balance update of the player: cash 0\.017619831 SOL, no open position/,
  ],
  [
    'ack:buyOrder',
    { success: false, latency_us: 48_000, payload: { error: 'too late' } },
    /refused buyOrder after 48 ms: too late/,
  ],
  ['currentSidebetResult', { amount: '0.01', pnl: '0.04' }, /sidebet of 0\.01 SOL won: profit 0\.04 SOL/],
  ['error', { payload: { code: 'STORE_DISK_FULL', message: 'disk full' } }, /code STORE_DISK_FULL, message disk full/],
])('%s has a text of its own', (event_name, event, body) => {
  expect(eventDocument(storedEvent({ event_name, ...event }), choice)?.body).toMatch(body)
})

it('every documented event has a template', () => {
  for (const event_name of DOCUMENTED_EVENTS) {
    const event = storedEvent({ event_name, amount: '5', payload: { message: 'text' }, action: 'buy' })
    expect(eventDocument(event, choice)?.body, event_name).toBeTruthy()
  }
})

it('broken JSON is no exception', () => {
  expect(eventDocument(storedEvent({ event_name: 'gap', raw_json: '{' }), choice)?.body).toContain('Gap in the recording')
})

it('shapes are told apart by their keys, not by their values', () => {
  const shape = (payload: unknown) => payloadShape(storedEvent({ event_name: 'x', payload }))
  expect(shape({ a: 1, b: null })?.key).toBe(shape({ b: 'text', a: [] })?.key)
  expect(shape({ a: 1 })?.key).not.toBe(shape({ a: 1, c: 2 })?.key)
  expect(shape([])).toBeUndefined()
  const event = storedEvent({ event_name: 'x', payload: { a: 1, b: [2] } })
  expect(shapeDocument(payloadShape(event)!, event).body).toContain('a: number, b: list.\n\nExample: {"a":1,"b":[2]}')
})

it('every event of the protocol has a schema document that names its fields', () => {
  for (const definition of Object.values(EVENTS)) expect(schemaDocument(definition).body).toContain(definition.name)
  expect(schemaDocument(EVENTS['playerUpdate']).body).toMatch(
    /balance update.*\n.*\n.*server_state.*\n(.*\n)*field cash: number, SOL \(optional\)/,
  )
})
