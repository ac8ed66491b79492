import type { EventEnvelope } from '@vectra/schemas'
import { describe, expect, it } from 'vitest'
import type { ConnectionStatus, RawFrame, SourceItem } from '../src/index.ts'
import { Stamp } from '../src/stamp.ts'
import { Translator } from '../src/translate.ts'

const source = { name: 'cdp', origin: null, async *items() {} } as const
const sessionId = '019b14a3-8200-748f-8e6f-b2eba3ebf2f9'

function translator(after = 0): (...items: (SourceItem | RawFrame)[]) => EventEnvelope[] {
  const translate = new Translator(source, new Stamp({ sessionId, source: 'cdp', origin: null }, after))
  return (...items) =>
    items.flatMap((item) =>
      translate.translate('kind' in item ? item : { kind: 'frame', frame: item }).map(({ envelope }) => envelope),
    )
}

const received = (text: string | Uint8Array, at = 1_000, connection = 'a'): RawFrame => ({
  text,
  direction: 'received',
  at,
  connection,
})
const sent = (text: string, at = 1_000, connection = 'a'): RawFrame => ({ text, direction: 'sent', at, connection })
const status = (status: ConnectionStatus, at = 1_000): SourceItem => ({ kind: 'status', status, at })
const state = (gameId: string): string =>
  `42["gameStateUpdate",{"gameId":"${gameId}","cooldownTimer":14900,"cooldownPaused":false,"allowPreRoundBuys":false,"leaderboard":[],"connectedPlayers":1,"provablyFair":{"serverSeedHash":"","version":"v3"}}]`
const trade = (gameId: string): string =>
  `42["standard/newTrade",{"__trace":true,"traceparent":"00-0123456789abcdef0123456789abcdef-0123456789abcdef-01"},{"id":"1","gameId":"${gameId}","playerId":"p","username":null,"level":1,"price":1.10,"type":"buy","qty":1,"tickIndex":1,"coin":"solana","amount":0.1}]`

describe('from frames to envelopes', () => {
  it('P2, P3: stamps every event, numbers them without a hole and keeps the text', () => {
    const envelopes = translator()(
      received('40{"sid":"s"}'),
      received(state('g1')),
      sent('4229["buyOrder",{"amount":0.002}]'),
      received('2'),
    )
    expect(envelopes.map(({ _seq }) => _seq)).toEqual([1, 2, 3, 4])
    expect(envelopes.map(({ packet, raw_json }) => packet + raw_json)).toEqual([
      '40{"sid":"s"}',
      state('g1'),
      '4229["buyOrder",{"amount":0.002}]',
      '2',
    ])
    expect(envelopes[1]).toMatchObject({
      _ts: 1_000,
      _source: 'cdp',
      _session_id: sessionId,
      doc_type: 'ws_event',
      direction: 'received',
      event_name: 'gameStateUpdate',
      issues: null,
      origin: null,
    })
    expect(translator(41)(received('2'))[0]?._seq).toBe(42)
  })

  it('splits trace and payload, and points at the payload in the frame', () => {
    const [event] = translator()(received(trade('g1')))
    expect(event).toMatchObject({
      trace_id: '0123456789abcdef0123456789abcdef',
      payload_index: 2,
      payload: { amount: 0.1 },
      issues: null,
    })
    expect(JSON.parse(event?.raw_json ?? '')[2]).toEqual(event?.payload)
    expect(translator()(received(state('g1')))[0]?.payload_index).toBe(1)
  })

  it('strips the offset of connection state recovery only where the server has it', () => {
    const text = `42["x",{"a":1},"Q82EP-W"]`
    const [, withPid] = translator()(received('40{"sid":"s","pid":"p"}'), received(text))
    expect(withPid).toMatchObject({ payload: { a: 1 }, payload_index: 1, raw_json: text.slice(2) })
    const alone = `42["x","Q82EP-W"]`
    expect(translator()(received('40{"sid":"s","pid":"p"}'), received(alone))[1]).toMatchObject({
      payload: null,
      payload_index: null,
    })
    expect(translator()(received('40{"sid":"s"}'), received(alone))[1]).toMatchObject({ payload: 'Q82EP-W', payload_index: 1 })
  })

  it('gives each event its own game, else the game of the last state on that connection', () => {
    const run = translator()
    const games = run(
      received('42["newChatMessage",{"__trace":true},{"message":"hi"}]'),
      received(state('g1')),
      received('42["ping2",{}]'),
      received(trade('g0')),
      received('42["ping2",{}]'),
      received('42["ping2",{}]', 1_000, 'other'),
      received(state('g2')),
      received('42["ping2",{}]'),
    )
    expect(games.filter(({ doc_type }) => doc_type === 'ws_event').map(({ _game_id }) => _game_id)).toEqual([
      null,
      'g1',
      'g1',
      'g0',
      'g1',
      null,
      'g2',
      'g2',
    ])
  })

  it('ties an ack to its request, per connection, namespace and side', () => {
    const run = translator()
    const [request] = run(sent('4229["buyOrder",{"amount":0.002}]', 1_000))
    run(
      sent('42/ns,29["sellOrder",{"percentage":10}]', 1_100),
      sent('4229["sellOrder",{"percentage":10}]', 1_200, 'b'),
      received('4229["fromServer"]', 1_300),
    )
    const [ack] = run(received('4329[{"success":true}]', 5_000))
    expect(ack).toMatchObject({
      event_name: 'ack:buyOrder',
      ack_id: 29,
      payload_index: 0,
      payload: { success: true },
      acked: { seq: request?._seq, event_name: 'buyOrder', latency_us: 4_000 },
    })
    expect(run(received('43/ns,29[{"success":true}]'))[0]).toMatchObject({ event_name: 'ack:sellOrder' })
    expect(run(sent('4329[]'))[0]).toMatchObject({ event_name: 'ack:fromServer' })
    expect(run(received('4329[{"success":true}]'))[0]).toMatchObject({ event_name: 'ack', acked: null })
  })

  it('forgets a connection that is gone: its acks are for nobody', () => {
    const run = translator()
    run(sent('421["buyOrder",{"amount":1}]'), status({ kind: 'disconnect', connection: 'a', reason: 'transport close' }))
    expect(run(received('431[{"success":true}]')).at(-1)).toMatchObject({ event_name: 'ack', acked: null })
  })

  it('follows up a bad frame with a schema_issue that names its row', () => {
    const [bad, issue] = translator()(received('42["x",{"a":'))
    expect(bad).toMatchObject({ doc_type: 'ws_event', event_name: 'socket.event', raw_json: '["x",{"a":', _seq: 1 })
    expect(issue).toMatchObject({
      doc_type: 'system_event',
      event_name: 'schema_issue',
      direction: 'internal',
      packet: '',
      _seq: 2,
      payload: { seq: 1, event: 'socket.event', issues: bad?.issues },
    })
    expect(JSON.parse(issue?.raw_json ?? '')).toEqual(issue?.payload)
  })

  it('follows up an event that does not match its schema', () => {
    const [bad, issue] = translator()(received('42["gameStateUpdate",{"gameId":7,"cooldownTimer":"soon"}]'))
    expect(bad?.issues?.map(({ path }) => path)).toEqual(expect.arrayContaining(['gameId']))
    expect(issue).toMatchObject({ event_name: 'schema_issue', payload: { seq: 1, event: 'gameStateUpdate' } })
  })

  it('makes no issue of an unknown event, nor of a traced event that lost its payload', () => {
    expect(
      translator()(received('42["brandNew",{"a":1}]'), received('42["standard/newTrade",{"__trace":true,"traceparent":"x"}]')),
    ).toMatchObject([{ issues: null }, { issues: null, payload: null, payload_index: null }])
  })

  it('tells binary attachments apart from the events around them', () => {
    const events = translator()(
      received('451-["x",{"_placeholder":true,"num":0}]'),
      received(new Uint8Array([1, 2])),
      received('42["y"]'),
    )
    expect(events.map(({ event_name, packet, issues }) => [event_name, packet, issues])).toEqual([
      ['x', '451-', null],
      ['socket.attachment', 'b', null],
      ['y', '42', null],
    ])
  })
})

describe('from statuses to system events', () => {
  it('P9: every change of the connection is a row, and a break is a gap', () => {
    const rows = translator()(
      status({ kind: 'connect', connection: 'a', details: { socketId: 's', transport: 'websocket' } }, 0),
      received('42["x"]', 1_000_000),
      received('42["x"]', 2_000_000),
      status({ kind: 'disconnect', connection: 'a', reason: 'transport close' }, 2_500_000),
      status({ kind: 'connect_error', connection: 'b', message: 'refused', details: { attempt: 1 } }, 3_000_000),
      status({ kind: 'reconnect', connection: 'c', recovered: false }, 3_500_000),
      received('40{"sid":"s2"}', 3_500_001, 'c'),
      received('2', 3_600_000, 'c'),
      received('42["x"]', 4_000_000, 'c'),
    )
    expect(rows.map(({ event_name }) => event_name)).toEqual([
      'connect',
      'x',
      'x',
      'disconnect',
      'connect_error',
      'reconnect',
      'socket.connect',
      'engine.ping',
      'gap',
      'x',
    ])
    expect(rows[0]?.payload).toEqual({ connection: 'a', socketId: 's', transport: 'websocket' })
    expect(rows[3]?.payload).toEqual({ connection: 'a', reason: 'transport close' })
    expect(rows[8]?.payload).toEqual({
      from: 2_000_000,
      to: 4_000_000,
      cause: 'disconnect',
      source: 'cdp',
      est_missing: 2,
      recovered_by: null,
    })
    expect(rows.map(({ _seq }) => _seq)).toEqual(rows.map((_, index) => index + 1))
  })

  it('stores lines that never were frames as they stand', () => {
    const text = '{"type": "tick", "price": 1.10}'
    const [row] = translator()({
      kind: 'record',
      record: { docType: 'game_tick', eventName: 'tick', at: 7, gameId: 'g', text, payload: JSON.parse(text) },
    })
    expect(row).toMatchObject({
      doc_type: 'game_tick',
      event_name: 'tick',
      direction: 'internal',
      packet: '',
      raw_json: text,
      payload_index: null,
      _ts: 7,
      _game_id: 'g',
    })
  })
})

describe('what the process itself has to say', () => {
  it('P9: a gap known from outside the connection, and a note, are rows of the recording', () => {
    const gap = { from: 1_000, to: 5_000, cause: 'process_down', source: 'cdp', est_missing: 16, recovered_by: null } as const
    const rows = translator()(
      { kind: 'gap', gap, at: 5_000 },
      { kind: 'note', name: 'takeover', payload: { from_session: 'x' }, at: 6_000 },
      received(state('g1'), 7_000),
    )
    expect(rows.map(({ _seq, _ts, event_name, doc_type }) => [_seq, _ts, event_name, doc_type])).toEqual([
      [1, 5_000, 'gap', 'system_event'],
      [2, 6_000, 'takeover', 'system_event'],
      [3, 7_000, 'gameStateUpdate', 'ws_event'],
    ])
    expect(rows[0]?.payload).toEqual(gap)
  })
})
