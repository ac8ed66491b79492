import { describe, expect, it } from 'vitest'
import { decodeAck, decodeEvent, splitArguments } from '../src/index.ts'
import { game, minimal, player, sidebet, trace, traceId } from './fixtures/parts.ts'

describe('splitArguments', () => {
  const payload = { a: 1 }
  const { traceparent } = trace
  it.each([
    ['payload alone', [payload], {}, { trace: null, payload, payloadIndex: 0 }],
    ['trace and payload', [trace, payload], {}, { trace: { traceId, traceparent }, payload, payloadIndex: 1 }],
    ['trace alone', [trace], {}, { trace: { traceId, traceparent }, payload: null, payloadIndex: null }],
    ['nothing', [], {}, { trace: null, payload: null, payloadIndex: null }],
    [
      'only the flag',
      [{ __trace: true }, payload],
      {},
      { trace: { traceId: null, traceparent: null }, payload, payloadIndex: 1 },
    ],
    ['only the header', [{ traceparent }, payload], {}, { trace: { traceId, traceparent }, payload, payloadIndex: 1 }],
    [
      'broken header',
      [{ traceparent: 'zz' }, 1],
      {},
      { trace: { traceId: null, traceparent: 'zz' }, payload: 1, payloadIndex: 1 },
    ],
    [
      'header that is no text',
      [{ traceparent: 7 }, 1],
      {},
      { trace: { traceId: null, traceparent: null }, payload: 1, payloadIndex: 1 },
    ],
    ['payload with a trace key', [trace, trace], {}, { trace: { traceId, traceparent }, payload: trace, payloadIndex: 1 }],
    ['null payload', [trace, null], {}, { trace: { traceId, traceparent }, payload: null, payloadIndex: 1 }],
    ['more arguments', [payload, 2, 3], {}, { trace: null, payload, payloadIndex: 0 }],
    ['list first', [[trace], 2], {}, { trace: null, payload: [trace], payloadIndex: 0 }],
    ['text without recovery', ['x'], {}, { trace: null, payload: 'x', payloadIndex: 0 }],
    ['offset', [payload, 'off'], { recoveryOffset: true }, { trace: null, payload, payloadIndex: 0 }],
    [
      'trace, payload, offset',
      [trace, payload, 'off'],
      { recoveryOffset: true },
      { trace: { traceId, traceparent }, payload, payloadIndex: 1 },
    ],
    [
      'trace and offset',
      [trace, 'off'],
      { recoveryOffset: true },
      { trace: { traceId, traceparent }, payload: null, payloadIndex: null },
    ],
    ['text and offset', ['x', 'off'], { recoveryOffset: true }, { trace: null, payload: 'x', payloadIndex: 0 }],
    ['offset alone', ['off'], { recoveryOffset: true }, { trace: null, payload: null, payloadIndex: null }],
    [
      'recovery, no offset',
      [trace, payload],
      { recoveryOffset: true },
      { trace: { traceId, traceparent }, payload, payloadIndex: 1 },
    ],
  ])('%s', (_label, args, options, expected) => expect(splitArguments(args, options)).toEqual(expected))

  it('hands the payload on by reference', () => expect(splitArguments([trace, payload]).payload).toBe(payload))
})

describe('decodeEvent', () => {
  it('gives the facts of an event', () => {
    expect(decodeEvent('currentSidebet', [trace, sidebet])).toEqual({
      ok: true,
      event: {
        name: 'currentSidebet',
        known: true,
        projection: null,
        payload: sidebet,
        payloadIndex: 1,
        traceId,
        traceparent: trace.traceparent,
        gameId: game,
      },
    })
  })

  it('keeps facts and arguments of an event that fits no schema', () => {
    const broken = { ...sidebet, betAmount: '0.001' }
    expect(decodeEvent('currentSidebet', [trace, broken])).toMatchObject({
      ok: false,
      issues: [{ path: 'betAmount', code: 'invalid_type' }],
      raw: {
        name: 'currentSidebet',
        known: true,
        payload: broken,
        payloadIndex: 1,
        traceId,
        gameId: game,
        args: [trace, broken],
      },
    })
  })

  it('finds no issue in a traced event that kept only its trace', () => {
    for (const name of ['standard/newTrade', 'newChatMessage', 'usernameStatus', 'buyOrder']) {
      expect(decodeEvent(name, [trace])).toMatchObject({
        ok: true,
        event: { known: true, payload: null, payloadIndex: null, traceId },
      })
    }
  })

  it('reports an event that came with nothing at all', () => {
    expect(decodeEvent('gameStateUpdate', [])).toMatchObject({ ok: false, issues: [{ path: '', code: 'missing_payload' }] })
    expect(decodeEvent('gameStateUpdate', ['offset'], { recoveryOffset: true })).toMatchObject({
      ok: false,
      issues: [{ code: 'missing_payload' }],
    })
  })

  it('strips the recovery offset when told', () => {
    expect(decodeEvent('gameStateUpdate', [minimal, 'offset'], { recoveryOffset: true })).toMatchObject({
      ok: true,
      event: { payloadIndex: 0, gameId: game },
    })
  })

  it('keeps events of unknown names whole', () => {
    const payload = { gameId: game, anything: [1] }
    const result = decodeEvent('brandNew', [trace, payload])
    expect(result).toMatchObject({ ok: true, event: { name: 'brandNew', known: false, projection: null, traceId, gameId: game } })
    expect(result.ok && result.event.payload).toBe(payload)
  })

  it('adds nothing to the payload and takes nothing away', () => {
    const text = `{"gameId":"g","new":{"__proto__":{"x":1},"constructor":2},"__proto__":{"rugged":true},"leaderboard":[{"id":"p","__proto__":1}]}`
    const payload: unknown = JSON.parse(text)
    const result = decodeEvent('gameStateUpdate', [payload])
    expect(result.ok && result.event.payload).toBe(payload)
    expect(JSON.stringify(payload)).toBe(text)
    expect(Object.getPrototypeOf(payload)).toBe(Object.prototype)
  })

  it('takes no game from a prototype or a non-string', () => {
    expect(decodeEvent('x', [JSON.parse('{"__proto__":{"gameId":"g"}}')])).toMatchObject({ event: { gameId: null } })
    expect(decodeEvent('x', [{ gameId: 5 }])).toMatchObject({ event: { gameId: null } })
  })

  it('survives arguments that are none', () => {
    for (const args of [null, undefined, {}, 'x'] as unknown as unknown[][]) {
      expect(decodeEvent('playerUpdate', args).ok).toBe(false)
      expect(decodeEvent('brandNew', args)).toMatchObject({ ok: true, event: { payload: null } })
    }
  })
})

describe('decodeAck', () => {
  it.each<[string, string | null, unknown[], object]>([
    [
      'success',
      'buyOrder',
      [{ success: true }],
      { ok: true, event: { name: 'ack:buyOrder', known: true, projection: 'player_action' } },
    ],
    [
      'sold',
      'sellOrder',
      [{ success: true }],
      { ok: true, event: { name: 'ack:sellOrder', payload: { success: true }, payloadIndex: 0 } },
    ],
    ['failure with error', 'buyOrder', [{ success: false, error: 'Insufficient balance' }], { ok: true }],
    ['failure with message', 'sellOrder', [{ success: false, message: 'no position' }], { ok: true }],
    ['failure with reason', 'requestSidebet', [{ success: false, reason: 'already active' }], { ok: true }],
    ['failure with an error object', 'buyOrder', [{ success: false, error: { code: 4, text: 'x' } }], { ok: true }],
    ['documented form', 'sidebet', [{ success: true, timestamp: 1767225600000 }], { ok: true }],
    ['no result of an order', 'buyOrder', [], { ok: false, issues: [{ code: 'missing_payload' }] }],
    ['order without success', 'buyOrder', [{ done: 1 }], { ok: false, issues: [{ path: 'success' }] }],
    ['ping', 'ping', [], { ok: true, event: { name: 'ack:ping', known: true, payload: null, payloadIndex: null } }],
    ['login', 'authenticate', [{ anything: 1 }], { ok: true, event: { known: true } }],
    ['unknown request', 'shortOpen', [{ a: 1 }], { ok: true, event: { name: 'ack:shortOpen', known: false, payload: { a: 1 } } }],
    ['request not seen', null, [], { ok: true, event: { name: 'ack', known: false } }],
    ['a request called __proto__', '__proto__', [1], { ok: true, event: { known: false } }],
  ])('%s', (_label, request, args, expected) => expect(decodeAck(request, args)).toMatchObject(expected))

  it('takes the game of a placed sidebet', () => {
    const placed = { success: true, message: 'Side bet placed', sidebet }
    expect(decodeAck('requestSidebet', [placed])).toMatchObject({
      ok: true,
      event: { gameId: game, payload: { sidebet: { playerId: player } } },
    })
    expect(decodeAck('requestSidebet', [{ ...placed, sidebet: { ...sidebet, betAmount: true } }])).toMatchObject({
      ok: false,
      issues: [{ path: 'sidebet.betAmount' }],
    })
  })
})
