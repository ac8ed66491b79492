import { describe, expect, it } from 'vitest'
import { checkRecordedGameLine, checkSystemEvent, isSystemEventName, SYSTEM_EVENTS } from '../src/index.ts'

describe('system events', () => {
  it('are those of events.md section 6.11, and what Vectra notes itself', () => {
    expect(Object.keys(SYSTEM_EVENTS).sort()).toEqual([
      'auth_success',
      'backfill',
      'connect',
      'connect_error',
      'disconnect',
      'error',
      'game_end',
      'game_start',
      'gap',
      'reconnect',
      'schema_drift',
      'schema_issue',
      'schema_resolved',
      'session_end',
      'session_start',
      'ui_action',
      'ui_order',
    ])
  })

  it.each(Object.keys(SYSTEM_EVENTS))('%s takes null, nothing but details, and unknown keys', (name) => {
    for (const payload of [
      null,
      {},
      { socketId: 'x', transport: 'websocket', code: 1006, message: 'm', details: [1], more: 1 },
    ]) {
      expect(checkSystemEvent(name, payload)).toBeNull()
    }
  })

  it('reports what does not fit', () => {
    expect(checkSystemEvent('connect', 'yes')).toMatchObject([{ path: '', code: 'invalid_type' }])
    expect(checkSystemEvent('schema_issue', { issues: [{ path: 1 }] })?.map(({ path }) => path)).toContain('issues.0.path')
  })

  it.each(['__proto__', 'constructor', 'gameStateUpdate'])('%s is none', (name) => {
    expect(isSystemEventName(name)).toBe(false)
    expect(checkSystemEvent(name, 5)).toBeNull()
  })
})

describe('recorded-game lines', () => {
  const common = { timestamp: '2025-10-30T01:02:03.000001', game_id: '20251030-00000000000000aa' }
  it.each([
    ['start', { ...common, type: 'game_start' }],
    ['numbered start', { ...common, type: 'game_start', session_game_number: 3 }],
    [
      'tick',
      {
        ...common,
        type: 'tick',
        tick: 3,
        price: 1,
        phase: 'UNKNOWN',
        active: false,
        rugged: false,
        cooldown_timer: 100,
        trade_count: 0,
      },
    ],
    [
      'end',
      {
        ...common,
        type: 'game_end',
        total_ticks: 9,
        tick_range: [0, 9],
        price_range: [0.02, 1.5],
        peak_price: 1.5,
        final_price: 0.02,
      },
    ],
    ['incomplete end', { ...common, type: 'game_end', status: 'incomplete', incomplete_reason: 'x', discard_reason: null }],
  ])('%s', (_label, line) => expect(checkRecordedGameLine(line)).toBeNull())

  it.each([[{}], [null], [{ ...common, type: 'tock' }], [{ ...common, type: 'tick', tick: '3', price: 1 }]])(
    '%j is none',
    (line) => {
      expect(checkRecordedGameLine(line)).not.toBeNull()
    },
  )
})
