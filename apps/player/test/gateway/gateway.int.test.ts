import type { OrderControlStatus, OrderGateway } from '@vectra/ingest'
import type { EventEnvelope } from '@vectra/schemas'
import { io } from 'socket.io-client'
import { expect, it } from 'vitest'
import { type GatewayFeed, type Player, startPlayer } from '../../src/index.ts'

/** A frame of the feed. */
function frame(seq: number): EventEnvelope {
  const payload = { gameId: 'g', active: true, rugged: false, price: 1, tickCount: seq }
  return {
    _ts: seq,
    _seq: seq,
    _source: 'public_ws',
    _session_id: 's',
    _game_id: 'g',
    doc_type: 'ws_event',
    direction: 'received',
    event_name: 'gameStateUpdate',
    ack_id: null,
    trace_id: null,
    packet: '42',
    raw_json: JSON.stringify(['gameStateUpdate', payload]),
    payload_index: 1,
    payload,
    issues: null,
    acked: null,
    origin: null,
  }
}

/** A feed that is read once, as a pipeline's bus is; it goes on when the test says so. */
function feedByHand(): { readonly feed: GatewayFeed; readonly go: () => void; readonly fail: (error: Error) => void } {
  let seq = 0
  let next = Promise.withResolvers<void>()
  async function* events(): AsyncGenerator<EventEnvelope> {
    for (;;) {
      await next.promise
      next = Promise.withResolvers()
      yield frame(++seq)
    }
  }
  const feed: GatewayFeed = { label: 'by hand', source: 'public_ws', url: null, events: events() }
  return { feed, go: () => next.resolve(), fail: (error) => next.reject(error) }
}

/** What a page hears. */
async function pageAt(player: Player): Promise<{ readonly heard: (name: string) => readonly unknown[] } & Disposable> {
  const page = io(player.origin, { auth: { token: player.token }, transports: ['websocket'], reconnection: false })
  const heard: (readonly [string, unknown])[] = []
  page.onAny((name: string, message: unknown) => heard.push([name, message]))
  await new Promise((resolve) => page.once('vectra:snapshot', resolve))
  return {
    heard: (name) => heard.filter(([one]) => one === name).map(([, message]) => message),
    [Symbol.dispose]: () => void page.close(),
  }
}

it('a feed that was offered on a taken port is whole on the next one', async () => {
  await using first = await startPlayer({ mode: 'serve' })
  const { feed, go } = feedByHand()
  await expect(startPlayer({ mode: 'play', feed, port: first.port })).rejects.toMatchObject({ code: 'PLAYER_PORT_IN_USE' })
  await using player = await startPlayer({ mode: 'play', feed })
  using page = await pageAt(player)
  for (let ticks = 1; ticks <= 3; ticks += 1) {
    go()
    await expect.poll(() => page.heard('gameStateUpdate')).toHaveLength(ticks)
  }
  // Nothing connects here, as in a replay: its first game says that it is there.
  expect(page.heard('vectra:link').map((link) => (link as { state: string }).state)).toEqual(['waiting', 'connected'])
  expect(page.heard('vectra:link')).not.toContainEqual(expect.objectContaining({ reason: 'the feed has ended' }))
})

it('a page that came before the login hears that orders can leave now, and what was lost since', async () => {
  const { feed, go } = feedByHand()
  let status: OrderControlStatus = {
    armed: true,
    killed: null,
    ready: false,
    maxBet: '1',
    sessionLoss: null,
    lossLimit: '10',
  }
  const orders: OrderGateway = {
    place: () => Promise.reject(new Error('nothing is ordered here')),
    updates: async function* () {},
    control: { arm: () => true, disarm: () => undefined, kill: () => undefined, status: () => status },
    close: async () => undefined,
    [Symbol.asyncDispose]: async () => undefined,
  }
  await using player = await startPlayer({ mode: 'play', feed: { ...feed, orders } })
  using page = await pageAt(player)
  expect(page.heard('vectra:control').at(-1)).toMatchObject({ ready: false })
  status = { ...status, ready: true, sessionLoss: '0' }
  go()
  await expect.poll(() => page.heard('vectra:control').at(-1)).toMatchObject({ ready: true, sessionLoss: '0' })
  const told = page.heard('vectra:control').length
  go()
  await expect.poll(() => page.heard('gameStateUpdate')).toHaveLength(2)
  status = { ...status, sessionLoss: '0.5' }
  go()
  await expect.poll(() => page.heard('vectra:control').at(-1)).toMatchObject({ sessionLoss: '0.5' })
  expect(page.heard('vectra:control')).toHaveLength(told + 1)
})

it('a feed that breaks ends for the pages, and the gateway stays', async () => {
  const { feed, fail } = feedByHand()
  await using player = await startPlayer({ mode: 'play', feed })
  using page = await pageAt(player)
  fail(new Error('the pipe broke'))
  await expect.poll(() => page.heard('vectra:link').at(-1)).toMatchObject({ state: 'disconnected', reason: 'the feed has ended' })
})
