import { Decimal } from '@vectra/schemas'
import { describe, expect, it } from 'vitest'
import { decimalColumn } from '../src/decimal-column.ts'
import { decodeLine, LineBuffer } from '../src/line.ts'
import { encodeRow, type JournalRow } from '../src/row-codec.ts'
import { frameEvent, START, systemEvent, tickEvent } from './sample-events.ts'

describe('DECIMAL columns', () => {
  it.each([
    ['1.10', 38, 20, '1.10', true],
    ['1e-7', 18, 9, '0.0000001', true],
    ['7.6432e-05', 38, 20, '0.000076432', true],
    ['0.012000000000000002', 18, 9, '0.012', false],
    ['0.0000000005', 18, 9, '0', false],
    ['0.0000000015', 18, 9, '0.000000002', false],
    ['999999999.999999999', 18, 9, '999999999.999999999', true],
    ['999999999.9999999999', 18, 9, null, false],
    ['1000000000', 18, 9, null, false],
    ['1E+400', 38, 20, null, false],
    ['1e-400', 38, 20, '0', false],
    ['-0', 18, 9, '-0', true],
    ['123456789012345678.123456789012345678901', 38, 20, '123456789012345678.1234567890123456789', false],
  ])('%s into DECIMAL(%i,%i)', (literal, precision, scale, text, exact) => {
    const fitted = decimalColumn(literal, precision, scale)
    expect(fitted.exact).toBe(exact)
    if (text === null) expect(fitted.text).toBeNull()
    else expect(new Decimal(fitted.text ?? 'NaN').equals(text)).toBe(true)
  })
})

describe('rows', () => {
  it('P3: keeps the frame as it came, byte for byte, through a journal line', () => {
    const raw = '["standard/newTrade",{"a": 1.10 ,"b":"\\u00e9\\ud83c\\udfb2", "c":"名前"}]\n'
    const lines = new LineBuffer(8)
    lines.add(encodeRow(tickEvent(1, { raw_json: raw, packet: '4212/feed,' })))
    const row = decodeLine(Buffer.from(lines.take()).subarray(0, -1)) as JournalRow
    expect([row.packet, row.raw_json]).toEqual(['4212/feed,', raw])
  })

  it('takes money from the frame text, not from the parsed double', () => {
    const event = frameEvent(
      1,
      'playerUpdate',
      '{"id":"p","cash":0.017619831000,"positionQty":1E-9,"avgCost":1.00000000000000000001,"cumulativePnL":-0.000001,"totalInvested":"0.5"}',
    )
    expect(encodeRow(event)).toMatchObject({
      proj: 'server_state',
      player_id: 'p',
      cash: '0.017619831',
      position_qty: '0.000000001',
      avg_cost: '1.00000000000000000001',
      pnl: '-0.000001',
      total_invested: '0.5',
    })
    expect(encodeRow(event)).not.toHaveProperty('inexact')
  })

  it('who is logged in owns what names no player; a player in the payload counts before them', () => {
    const order = { ...frameEvent(1, 'buyOrder', '{"amount":0.002}'), direction: 'sent' as const, _player_id: 'me' }
    expect(encodeRow(order)).toMatchObject({ player_id: 'me', action: 'buy' })
    const state = { ...frameEvent(2, 'playerUpdate', '{"id":"p","cash":1}'), _player_id: 'me' }
    expect(encodeRow(state)).toMatchObject({ player_id: 'p' })
    expect(encodeRow({ ...order, _player_id: null })).not.toHaveProperty('player_id')
  })

  it('names what it had to round or leave out', () => {
    const event = frameEvent(
      1,
      'standard/newTrade',
      '{"playerId":"p","type":"sell","amount":0.05499999999999999,"qty":12345678901,"price":2,"tickIndex":1.5}',
    )
    const row = encodeRow(event)
    expect(row).toMatchObject({ amount: '0.055', price: '2', inexact: 'amount,qty,tick' })
    expect(row).not.toHaveProperty('qty')
    expect(row).not.toHaveProperty('tick')
  })

  it.each([
    ['gameStateUpdate', 'received', 'game_tick'],
    ['gameStateUpdate', 'sent', undefined],
    ['playerUpdate', 'received', 'server_state'],
    ['gameStatePlayerUpdate', 'received', 'server_state'],
    ['usernameStatus', 'received', 'server_state'],
    ['playerLeaderboardPosition', 'received', 'server_state'],
    ['buyOrder', 'sent', 'player_action'],
    ['sellOrder', 'sent', 'player_action'],
    ['requestSidebet', 'sent', 'player_action'],
    ['ack:buyOrder', 'received', 'player_action'],
    ['ack:ping', 'received', undefined],
    ['ack', 'received', undefined],
    ['standard/newTrade', 'received', undefined],
    ['constructor', 'received', undefined],
    ['__proto__', 'received', undefined],
  ] as const)('projection of %s (%s): %s', (name, direction, projection) => {
    expect(encodeRow(frameEvent(1, name, '{}', { direction })).proj).toBe(projection)
  })

  it('joins an ack to its request', () => {
    const row = encodeRow(
      tickEvent(9, {
        event_name: 'ack:buyOrder',
        packet: '4329',
        ack_id: 29,
        raw_json: '[{"success":true}]',
        payload_index: 0,
        payload: { success: true },
        acked: { seq: 4, event_name: 'buyOrder', latency_us: 219_000 },
      }),
    )
    expect(row).toMatchObject({
      proj: 'player_action',
      action: 'buy',
      success: true,
      request_seq: 4,
      latency_us: 219_000,
      ack_id: 29,
    })
  })

  it.each([
    [
      'minimal frame',
      { gameId: 'g', cooldownTimer: 14_900, allowPreRoundBuys: false },
      { phase: 'cooldown', cooldown_ms: 14_900 },
    ],
    ['presale', { cooldownTimer: 9_900, allowPreRoundBuys: true }, { phase: 'presale' }],
    [
      'rug',
      { rugged: true, active: true, tickCount: 129, price: 0.02 },
      { phase: 'rugged', rugged: true, active: true, tick: 129, price: '0.02' },
    ],
  ])('%s: absent fields stay absent', (_name, payload, columns) => {
    const row = encodeRow(frameEvent(1, 'gameStateUpdate', JSON.stringify(payload)))
    expect(row).toMatchObject(columns)
    for (const column of ['price', 'tick', 'active', 'trade_count'] as const)
      if (!(column in columns)) expect(row).not.toHaveProperty(column)
  })

  it('reads an imported tick', () => {
    const line = {
      type: 'tick',
      timestamp: '2025-10-29T18:47:03.974785',
      game_id: 'g',
      tick: 5,
      price: 1.25,
      phase: 'ACTIVE_GAMEPLAY',
      active: true,
      rugged: true,
      cooldown_timer: 0,
      trade_count: 12,
    }
    const row = encodeRow(
      tickEvent(1, {
        doc_type: 'game_tick',
        event_name: 'tick',
        packet: '',
        raw_json: JSON.stringify(line),
        payload_index: null,
        payload: line,
        origin: 'import:recorded_game',
      }),
    )
    expect(row).toMatchObject({
      doc: 'game_tick',
      phase: 'rugged',
      tick: 5,
      price: '1.25',
      active: true,
      rugged: true,
      cooldown_ms: 0,
      trade_count: 12,
      origin: 'import:recorded_game',
    })
    expect(row).not.toHaveProperty('proj')
  })

  it.each([null, 5, 'text', [], [1], { tickCount: 'x', price: {}, leaderboardEntry: 3 }])(
    'never throws for a payload of any shape: %j',
    (payload) => {
      for (const name of [
        'gameStateUpdate',
        'playerUpdate',
        'gameStatePlayerUpdate',
        'standard/newTrade',
        'buyOrder',
        'currentSidebetResult',
        'playerLeaderboardPosition',
      ]) {
        expect(() => encodeRow(frameEvent(1, name, JSON.stringify(payload)))).not.toThrow()
      }
    },
  )

  it('replaces a lone surrogate, which no UTF-8 frame can carry, and says so', () => {
    const row = encodeRow(tickEvent(1, { raw_json: '["x","\ud800"]', payload: null, event_name: 'x' }))
    expect(row).toMatchObject({ raw_json: '["x","\ufffd"]', inexact: 'raw_json' })
  })

  it('partitions by receive date, UTC', () => {
    expect(encodeRow(tickEvent(1, { _ts: START })).date).toBe('2025-12-12')
    expect(encodeRow(tickEvent(1, { _ts: Date.UTC(2025, 11, 13) * 1000 - 1 })).date).toBe('2025-12-12')
    expect(encodeRow(tickEvent(1, { _ts: Date.UTC(2025, 11, 13) * 1000 })).date).toBe('2025-12-13')
    expect(encodeRow(systemEvent(1, 'gap', {}, { _ts: Date.UTC(2038, 0, 20) * 1000 })).date).toBe('2038-01-20')
  })
})
