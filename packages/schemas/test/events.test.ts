import { describe, expect, it } from 'vitest'
import { decodeEvent, EVENTS, type EventName, eventDefinition } from '../src/index.ts'
import { DRIFT } from './fixtures/drift.ts'
import { fullDec, fullFeb, minimal, start, tickFrame, trace } from './fixtures/parts.ts'

describe('forms of the protocol', () => {
  it.each(DRIFT.map((fixture) => [`${fixture.name}: ${fixture.form}`, fixture] as const))('%s decodes', (_label, fixture) => {
    const result = decodeEvent(fixture.name, fixture.args)
    expect(result.ok ? null : result.issues).toBeNull()
    if (!result.ok) return
    expect(result.event.known).toBe(true)
    const { payloadIndex } = result.event
    expect(result.event.payload).toBe(payloadIndex === null ? null : fixture.args[payloadIndex])
  })

  it('has a form of every event of the map, and no other', () => {
    expect(new Set(DRIFT.map(({ name }) => name))).toEqual(new Set(Object.keys(EVENTS)))
  })

  it('has the key counts of events.md section 4.1', () => {
    expect([minimal, start, tickFrame, fullDec, fullFeb].map((frame) => Object.keys(frame).length)).toEqual([7, 14, 21, 36, 40])
  })
})

describe('what a schema reports', () => {
  it.each<[string, EventName, unknown, string]>([
    ['price as text', 'gameStateUpdate', { ...tickFrame, price: '1.06' }, 'price'],
    ['half a tick', 'gameStateUpdate', { ...tickFrame, tickCount: 13.5 }, 'tickCount'],
    ['no game', 'gameStateUpdate', { active: true }, 'gameId'],
    ['entry without id', 'gameStateUpdate', { ...minimal, leaderboard: [{ username: 'x' }] }, 'leaderboard.0.id'],
    ['a hole in the prices', 'gameStateUpdate', { ...fullFeb, prices: [1, null] }, 'prices.1'],
    [
      'text among partial prices',
      'gameStateUpdate',
      { ...start, partialPrices: { values: { '0': '1' } } },
      'partialPrices.values.0',
    ],
    [
      'trade without amount',
      'standard/newTrade',
      { id: '1', gameId: 'g', playerId: 'p', type: 'buy', tickIndex: 0, qty: 1 },
      'amount',
    ],
    ['order in words', 'buyOrder', { amount: 'all' }, 'amount'],
    ['list for an object', 'playerUpdate', [], ''],
    ['null for an object', 'newChatMessage', null, ''],
  ])('%s', (_label, name, payload, path) => {
    const args = EVENTS[name].traced ? [trace, payload] : [payload]
    const result = decodeEvent(name, args)
    expect(result.ok).toBe(false)
    if (result.ok) return
    expect(result.issues.map((issue) => issue.path)).toEqual([path])
    expect(result.issues[0]?.message).not.toBe('')
    expect(result.raw.payload).toBe(payload)
    expect(result.raw.args).toBe(args)
  })

  it('stays bounded when every entry of a long list is broken', () => {
    const result = decodeEvent('gameStateUpdate', [{ gameId: 'g', prices: Array(5000).fill('x') }])
    expect(result.ok).toBe(false)
    if (result.ok) return
    expect(result.issues).toHaveLength(51)
    expect(result.issues[50]).toEqual({ path: '', code: 'more', message: '4950 more issues' })
  })
})

describe('event map', () => {
  it.each(['__proto__', 'constructor', 'toString', 'hasOwnProperty'])('knows no event called %s', (name) => {
    expect(eventDefinition(name)).toBeUndefined()
    expect(decodeEvent(name, [{ a: 1 }])).toMatchObject({ ok: true, event: { known: false, name, payload: { a: 1 } } })
  })

  it('projects exactly the events that have a narrow row', () => {
    const projected = Object.values(EVENTS).filter(({ projection }) => projection !== null)
    expect(Object.fromEntries(projected.map(({ name, projection }) => [name, projection]))).toEqual({
      gameStateUpdate: 'game_tick',
      playerUpdate: 'server_state',
      gameStatePlayerUpdate: 'server_state',
      usernameStatus: 'server_state',
      playerLeaderboardPosition: 'server_state',
      buyOrder: 'player_action',
      sellOrder: 'player_action',
      requestSidebet: 'player_action',
    })
  })

  it('leaves out the trace where events.md section 2.3 does', () => {
    expect(
      Object.values(EVENTS)
        .filter(({ traced, evidence }) => !traced && evidence !== 'documented')
        .map(({ name }) => name)
        .sort(),
    ).toEqual([
      'gameStatePlayerUpdate',
      'gameStateUpdate',
      'getLeaderboard',
      'getPlayerLeaderboardPosition',
      'newTrade',
      'ping',
      'playerUpdate',
      'rugRoyaleUpdate',
    ])
  })
})
