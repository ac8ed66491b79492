import { checkSystemEvent, type EventEnvelope } from '@vectra/schemas'
import { startSimulator } from '@vectra/simulator'
import { describe, expect, it } from 'vitest'
import {
  createPipeline,
  directOrders,
  type OrderRequest,
  type OrderState,
  type Source,
  sessionIdAt,
  systemClock,
  systemRandom,
  uiSource,
} from '../../src/index.ts'
import { fixedRandom, ManualClock } from '../support/manual-clock.ts'
import { MemorySink } from '../support/memory-sink.ts'

const ID = '019a8c5e-7b00-7000-8000-0123456789ab'
const request = (more: Partial<OrderRequest> = {}): OrderRequest => ({
  id: ID,
  kind: 'buy',
  amount: '0.0070',
  shown: { gameId: '20251212-6114b2ff44ef4b71', tick: 12, price: '1.0625000000000001' },
  clientTime: 1_765_577_801_000_000,
  ...more,
})
const pending: OrderState = {
  ...{ id: ID, request: request(), phase: 'pending', sentAt: 1_765_577_802_000_100, acceptedAt: null, reflectedAt: null },
  ...{ code: null, reason: null, ackValue: null },
}

const ended = async (source: Source, clock = new ManualClock()): Promise<MemorySink> => {
  const sink = new MemorySink()
  const { closes } = await createPipeline({ source, sink, clock, random: fixedRandom() }).run()
  expect(closes).toBe(true)
  return sink
}

describe('the ui source', () => {
  it('records the click before it is read: control, amount as text, what was shown, client time, and what became of it', async () => {
    const clock = new ManualClock()
    const source = uiSource({ clock })
    source.action({ request: request(), control: 'buy-button' })
    clock.advance(5)
    source.order(pending)
    source.end()
    const sink = await ended(source, clock)
    const [click] = sink.system('ui_action')
    expect(click).toMatchObject({
      _source: 'ui',
      _ts: 1_765_577_802_000_000,
      _game_id: '20251212-6114b2ff44ef4b71',
      direction: 'internal',
      trace_id: ID.replaceAll('-', ''),
      origin: null,
    })
    expect(click?.raw_json).toBe(
      `{"id":"${ID}","control":"buy-button","kind":"buy","amount":"0.0070","percentage":null,"shown_tick":12,"shown_price":"1.0625000000000001","client_time":1765577801000000}`,
    )
    const [order] = sink.system('ui_order')
    expect(order).toMatchObject({
      _ts: 1_765_577_802_005_000,
      payload: { id: ID, phase: 'pending', sent_at: 1_765_577_802_000_100 },
    })
    for (const row of [click, order]) expect(checkSystemEvent(row?.event_name ?? '', row?.payload)).toBeNull()
  })

  it('a click outside a game has none; a sell says its percentage', async () => {
    const source = uiSource({ clock: new ManualClock() })
    const { amount: _, ...sell } = request({ kind: 'sell', percentage: 25, shown: { gameId: '', tick: 0, price: '1' } })
    source.action({ request: sell, control: 'key-2' })
    source.end()
    const [click] = (await ended(source)).system('ui_action')
    expect(click).toMatchObject({ _game_id: null, payload: { amount: null, percentage: 25, kind: 'sell' } })
  })

  it('P9: what nobody took in time is counted, and a gap row', async () => {
    const source = uiSource({ clock: new ManualClock(), maxItems: 3 })
    const items = source.items(new AbortController().signal)[Symbol.asyncIterator]()
    for (let n = 0; n < 5; n++) source.action({ request: request(), control: `key-${n}` })
    expect((await items.next()).value).toMatchObject({ record: { payload: { control: 'key-0' } } })
    source.action({ request: request(), control: 'key-5' })
    source.end()
    const left: unknown[] = []
    for (let next = await items.next(); !next.done; next = await items.next()) left.push(next.value)
    expect(left).toMatchObject([
      { record: { payload: { control: 'key-1' } } },
      { record: { payload: { control: 'key-2' } } },
      { kind: 'status', status: { kind: 'overflow', missed: 2 } },
      { record: { payload: { control: 'key-5' } } },
    ])
  })

  it('hands out what it has when it is told to stop', async () => {
    const source = uiSource({ clock: new ManualClock() })
    source.action({ request: request(), control: 'buy-button' })
    const stop = new AbortController()
    stop.abort()
    const items: unknown[] = []
    for await (const item of source.items(stop.signal)) items.push(item)
    expect(items).toHaveLength(1)
  })

  it('one id ties the click to its request, the ack and the effects on the wire', async () => {
    const clock = systemClock()
    const random = systemRandom()
    await using simulator = await startSimulator({ seed: 'ui', paused: true, bots: 0 })
    await simulator.control.waitFor('presale')
    await using gateway = directOrders({ url: simulator.url, token: 'sim:ann', clock, random, answerWithinMs: 30_000 })
    const actions = uiSource({ clock })
    const sink = new MemorySink()
    const stop = new AbortController()
    const running = [actions, gateway.source].map((source) =>
      createPipeline({ source, sink: shared(sink), clock, random }).run(stop.signal),
    )
    while (!gateway.control.status().ready) await new Promise((resolve) => setImmediate(resolve))
    gateway.control.arm()
    const { gameId, tick } = simulator.control.state()
    const order = request({ id: sessionIdAt(clock.now(), random), amount: '0.007', shown: { gameId, tick, price: '1' } })
    actions.action({ request: order, control: 'buy-button' })
    actions.order(await gateway.place(order))
    stop.abort()
    await Promise.all(running)
    const trace = order.id.replaceAll('-', '')
    const tied = sink.events.filter(({ trace_id }) => trace_id === trace)
    const names = tied.map(({ event_name }) => event_name)
    expect(names).toEqual(expect.arrayContaining(['ui_action', 'buyOrder', 'ack:buyOrder', 'standard/newTrade', 'ui_order']))
    expect(new Set(tied.map(({ _session_id }) => _session_id)).size).toBe(2)
    const find = (name: string): EventEnvelope | undefined => tied.find(({ event_name }) => event_name === name)
    expect(find('ack:buyOrder')?.acked?.seq).toBe(find('buyOrder')?._seq)
    const last = find('ui_order')?.payload as { phase: string; sent_at: number; reflected_at: number }
    expect(last.phase).toBe('reflected')
    // The account state has no trace on this protocol: the order names the moment of its frame.
    const account = sink.events.find(({ event_name, _ts }) => event_name === 'playerUpdate' && _ts === last.reflected_at)
    expect(account?.payload).toMatchObject({ positionQty: 0.007 })
    expect(find('buyOrder')?._ts).toBe(last.sent_at)
  })
})

/** One sink for two pipelines: their appends take turns. */
function shared(sink: MemorySink) {
  let last: Promise<void> = Promise.resolve()
  return {
    openSession: sink.openSession.bind(sink),
    endSession: sink.endSession.bind(sink),
    append(batch: readonly EventEnvelope[]) {
      last = turns.get(sink)?.then(() => sink.append(batch)) ?? sink.append(batch)
      turns.set(sink, last)
      return last
    },
  }
}
const turns = new WeakMap<MemorySink, Promise<void>>()
