import type { EventEnvelope } from '@vectra/schemas'
import { expect, it } from 'vitest'
import { EMPTY_VIEW, nextView } from '../src/live-view.ts'

const state = (payload: object): EventEnvelope => ({
  _ts: 1,
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
  raw_json: '',
  payload_index: 1,
  payload,
  issues: null,
  acked: null,
  origin: null,
})
const see = (...payloads: object[]) =>
  payloads.reduce((view: typeof EMPTY_VIEW, payload) => nextView(view, state(payload)), EMPTY_VIEW)

const active = { gameId: 'a', active: true, rugged: false, tickCount: 7, price: 1.5, cooldownTimer: 0 }
const rugged = { ...active, rugged: true, tickCount: 8, price: 0.02 }
const cooldown = (timer: number, extra: object = {}) => ({
  gameId: 'b',
  active: false,
  rugged: false,
  cooldownTimer: timer,
  allowPreRoundBuys: timer <= 10_000,
  ...extra,
})

it('shows tick and price only while a round runs', () => {
  expect(see(active)).toMatchObject({ gameId: 'a', phase: 'active', tick: 7, price: 1.5, gamesEnded: 0 })
  expect(see(active, cooldown(14_900))).toMatchObject({ gameId: 'b', phase: 'cooldown', tick: null, price: null })
})

it.each([
  ['the rug alone', [rugged, { ...rugged, tickCount: 9 }], 0],
  ['small frames of the next game, the seed still missing', [rugged, cooldown(14_900)], 0],
  ['the history entry with the seed', [rugged, cooldown(14_900), cooldown(15_000, { gameHistory: [{ id: 'a' }] })], 1],
  ['a history without this game', [rugged, cooldown(15_000, { gameHistory: [{ id: 'older' }] })], 0],
  ['the next presale, the revealing frame lost', [rugged, cooldown(14_900), cooldown(10_000)], 1],
  ['the history of the second rug frame', [rugged, { ...rugged, gameHistory: [{ id: 'a' }] }], 0],
  ['no rug seen at all', [active, cooldown(15_000, { gameHistory: [{ id: 'a' }] }), cooldown(10_000)], 0],
])('games ended after %s: %#', (_name, payloads, ended) => expect(see(...payloads).gamesEnded).toBe(ended))

it('other events leave the view as it is', () => {
  const view = see(active)
  expect(nextView(view, { ...state(active), event_name: 'newChatMessage' })).toBe(view)
  expect(nextView(view, { ...state({}), payload: null })).toBe(view)
})
