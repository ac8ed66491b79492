import { describe, expect, it } from 'vitest'
import type { OrderRequest, OrderState } from '../../src/index.ts'
import { type DeskOptions, OrderDesk, type SendOutcome } from '../../src/orders/desk.ts'
import { ManualClock } from '../support/manual-clock.ts'
import { ModelServer, orderId } from './model-server.ts'

/** A desk, armed and told its account, with a server that answers when asked. */
function desk(options: Partial<DeskOptions> & { send?: (request: OrderRequest) => SendOutcome | Promise<SendOutcome> } = {}) {
  const server = new ModelServer()
  const clock = new ManualClock()
  let count = 0
  const one: OrderDesk = new OrderDesk(
    {
      obstacle: () => (server.connected ? null : 'not connected'),
      send:
        options.send ??
        ((request) => {
          one.frame({ text: server.take(request), direction: 'sent', at: clock.now(), connection: server.name })
          return { kind: 'sent' }
        }),
    },
    { clock, maxBet: '0.02', lossLimit: '0.05', ...options },
  )
  const deliver = (): void => {
    for (const text of server.downlink.splice(0)) {
      clock.advance(1)
      one.frame({ text, direction: 'received', at: clock.now(), connection: server.name })
    }
  }
  server.connect()
  deliver()
  one.arm()
  const request = (more: Partial<OrderRequest> = { amount: '0.01' }): OrderRequest => ({
    id: orderId(++count),
    kind: 'buy',
    shown: { gameId: 'g', tick: 1, price: '1' },
    clientTime: clock.now(),
    ...more,
  })
  return { desk: one, server, clock, deliver, request }
}

const USUAL = { verdict: 'execute', sends: ['trade', 'account', 'ack'] } as const

describe('the switches', () => {
  it('killed while an order is on its way: that one is watched to its end, no other leaves, nothing brings it back', async () => {
    const { desk: one, server, deliver, request } = desk()
    const placed = one.place(request())
    one.kill('the human pulled it')
    one.kill('again')
    expect(one.arm()).toBe(false)
    server.process(USUAL)
    deliver()
    expect(await placed).toMatchObject({ phase: 'reflected' })
    expect(await one.place(request())).toMatchObject({
      phase: 'rejected',
      code: 'killed',
      reason: expect.stringContaining('the human pulled it'),
    })
    expect(one.status()).toMatchObject({ armed: false, killed: 'the human pulled it' })
  })

  it('a sell is never refused for the loss limit, a stake that could pass it is', async () => {
    const { desk: one, server, deliver, request } = desk({ lossLimit: '0.02' })
    for (const amount of ['0.01', '0.01']) {
      const placed = one.place(request({ amount }))
      server.process(USUAL)
      deliver()
      await placed
    }
    expect(one.status()).toMatchObject({ sessionLoss: '0.02', lossLimit: '0.02', maxBet: '0.02' })
    expect(await one.place(request({ amount: '0.000000001' }))).toMatchObject({ code: 'loss_limit', sentAt: null })
    const sold = one.place(request({ kind: 'sell', percentage: 100 }))
    server.process(USUAL)
    deliver()
    expect(await sold).toMatchObject({ phase: 'reflected' })
    expect(one.status().sessionLoss).toBe('0.002')
    const again = one.place(request({ amount: '0.01' }))
    server.process(USUAL)
    deliver()
    expect(await again).toMatchObject({ phase: 'reflected' })
  })

  it('the stake of an order of unknown fate stays counted', async () => {
    const { desk: one, clock, request } = desk({ lossLimit: '0.03' })
    const lost = one.place(request({ amount: '0.02' }))
    clock.advance(2_000)
    expect(await lost).toMatchObject({ phase: 'unknown', code: 'no_answer' })
    expect(await one.place(request({ amount: '0.02' }))).toMatchObject({ code: 'loss_limit' })
    expect(one.status().sessionLoss).toBe('0')
  })

  it.each(['', '-1', '1e3', '0.1234567891', 'x'])('a limit of %j is none', (maxBet) => {
    expect(() => desk({ maxBet })).toThrow(TypeError)
  })
})

describe('one order at a time', () => {
  it('another is refused while one has no answer, and may go when it has', async () => {
    const { desk: one, server, deliver, request } = desk()
    const first = one.place(request())
    expect(await one.place(request())).toMatchObject({ phase: 'rejected', code: 'busy', sentAt: null })
    server.process({ verdict: 'execute', sends: ['ack'] })
    deliver()
    const second = one.place(request())
    server.process(USUAL)
    deliver()
    expect(await second).toMatchObject({ phase: 'reflected' })
    expect(await first).toMatchObject({ phase: 'reflected' })
  })

  it('accepted without an account state in time is handed back as accepted', async () => {
    const { desk: one, server, clock, deliver, request } = desk()
    const placed = one.place(request())
    server.process({ verdict: 'execute', sends: ['ack'] })
    deliver()
    clock.advance(2_000)
    expect(await placed).toMatchObject({ phase: 'accepted', reflectedAt: null })
  })
})

describe('what a line says', () => {
  it.each<[string, SendOutcome, Partial<OrderState>]>([
    ['refused', { kind: 'refused', code: 'page', reason: 'no BUY' }, { phase: 'rejected', code: 'page', reason: 'no BUY' }],
    ['unsure', { kind: 'unsure', reason: 'clicked' }, { phase: 'unknown', code: 'no_answer', reason: 'clicked' }],
    ['sent, but no frame was seen', { kind: 'sent' }, { phase: 'rejected', code: 'offline' }],
  ])('%s', async (_name, outcome, state) => {
    const { desk: one, request } = desk({ send: () => outcome })
    expect(await one.place(request())).toMatchObject({ ...state, sentAt: null })
  })

  it('that fails is unsure: nobody knows how far it came', async () => {
    const { desk: one, request } = desk({ send: () => Promise.reject(new Error('pipe broke')) })
    expect(await one.place(request())).toMatchObject({ phase: 'unknown', reason: 'pipe broke' })
  })
})

it('a slow reader gets the newest state of each order, once', async () => {
  const { desk: one, server, deliver, request } = desk()
  const states = one.updates()
  const placed = one.place(request())
  server.process(USUAL)
  deliver()
  await placed
  one.close()
  const seen: OrderState[] = []
  for await (const state of states) seen.push(state)
  expect(seen.map(({ phase }) => phase)).toEqual(['reflected'])
})

it('an answer that says neither yes nor no leaves the order unknown', async () => {
  const { desk: one, server, deliver, request } = desk()
  const placed = one.place(request())
  server.process({ verdict: 'execute', sends: ['unclear'] })
  deliver()
  expect(await placed).toMatchObject({
    phase: 'unknown',
    code: 'no_answer',
    reason: expect.stringContaining('neither yes nor no'),
  })
})
