import type { EventEnvelope } from '@vectra/schemas'
import { expect, it } from 'vitest'
import { openRelay } from '../../src/gateway/relay.ts'

function received(name: string, payload: string, more: Partial<EventEnvelope> = {}): EventEnvelope {
  const raw = `[${JSON.stringify(name)},${payload}]`
  return {
    _ts: 1,
    _seq: 1,
    _source: 'ui',
    _session_id: 's',
    _game_id: null,
    doc_type: 'ws_event',
    direction: 'received',
    event_name: name,
    ack_id: null,
    trace_id: null,
    packet: '42',
    raw_json: raw,
    payload_index: 1,
    payload: JSON.parse(payload),
    issues: null,
    acked: null,
    origin: null,
    ...more,
  }
}

const FULL = `{"gameId":"g","active":true,"price":1.10,"tickCount":3,"leaderboard":[{"id":"p","pnl":0.10,"secret":1}],
  "gameHistory":[{"id":"h1","peakMultiplier":2.50,"prices":[1,2.5,0.02],"provablyFair":{"serverSeed":"ab","serverSeedHash":"cd"},"globalSidebets":[1,2,3]}],
  "availableShitcoins":[{"x":"${'y'.repeat(300_000)}"}],"highestTodayPrices":[1,2,3]}`

it('a 300 kB frame becomes a small one, every digit kept', () => {
  const relay = openRelay()
  const { texts, finished } = relay.take(received('gameStateUpdate', FULL))
  expect(texts).toEqual([
    '2["gameStateUpdate",{"gameId":"g","active":true,"price":1.10,"tickCount":3,"leaderboard":[{"id":"p","pnl":0.10}]}]',
  ])
  expect(finished).toMatchObject([{ gameId: 'h1', peak: '2.50', rugTick: 2, shape: [1, 2.5, 0.02], proof: 'mismatch' }])
  expect(relay.take(received('gameStateUpdate', FULL)).finished).toEqual([])
})

it('standings go out only when they changed, and a late page gets them all the same', () => {
  const relay = openRelay()
  const frame = (tick: number): EventEnvelope =>
    received('gameStateUpdate', `{"gameId":"g","active":true,"tickCount":${tick},"leaderboard":[{"id":"p","pnl":1}]}`)
  expect(relay.take(frame(1)).texts[0]).toContain('leaderboard')
  expect(relay.take(frame(2)).texts[0]).not.toContain('leaderboard')
  expect(relay.present()[0]).toBe(
    '2["gameStateUpdate",{"gameId":"g","active":true,"tickCount":2,"leaderboard":[{"id":"p","pnl":1}]}]',
  )
})

it('the account goes to the page byte for byte', () => {
  const relay = openRelay()
  const payload = '{"cash":0.012000000000000002,"positionQty":7.6432e-05}'
  expect(relay.take(received('playerUpdate', payload)).texts).toEqual([`2["playerUpdate",${payload}]`])
  expect(relay.present()).toEqual([`2["playerUpdate",${payload}]`])
})

it('chat, unknown events, acks and requests stay behind', () => {
  const relay = openRelay()
  expect(relay.take(received('newChatMessage', '{"message":"x"}')).texts).toEqual([])
  expect(relay.take(received('neverSeen', '{}')).texts).toEqual([])
  expect(relay.take(received('buyOrder', '{}', { direction: 'sent' })).texts).toEqual([])
  expect(relay.take(received('gameStateUpdate', '{}', { raw_json: '{broken', payload_index: 1 })).texts).toEqual([])
})

it('own standings without anything own are told once', () => {
  const relay = openRelay()
  const own = received('gameStatePlayerUpdate', '{"gameId":"g","rugpool":{"playerEntries":[1,2]}}')
  expect(relay.take(own).texts).toEqual(['2["gameStatePlayerUpdate",{"gameId":"g"}]'])
  expect(relay.take(own).texts).toEqual([])
})
