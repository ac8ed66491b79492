import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { OrderRequest, OrderState } from '../../src/index.ts'
import { OrderDesk } from '../../src/orders/desk.ts'
import { ManualClock } from '../support/manual-clock.ts'
import { type Behaviour, ModelServer, orderId } from './model-server.ts'

const MAX_BET = '0.02'
const LOSS_LIMIT = '0.05'

type Step =
  | {
      readonly do: 'place'
      readonly kind: 'buy' | 'sell' | 'sidebet'
      readonly amount: string
      readonly again: boolean
      readonly lineFails: boolean
    }
  | { readonly do: 'process'; readonly behaviour: Behaviour }
  | { readonly do: 'deliver'; readonly count: number; readonly twice: boolean; readonly lose: boolean }
  | { readonly do: 'wait'; readonly ms: number }
  | { readonly do: 'disconnect' | 'connect' | 'rug' | 'account' | 'disarm' | 'arm' }
  | { readonly do: 'win'; readonly amount: string }

const amount = fc.constantFrom('0.001', '0.001', '0.003', '0.007', '0.02', '0.020000001', '0.000000001')
const behaviour: fc.Arbitrary<Behaviour> = fc.record({
  verdict: fc.constantFrom('execute', 'execute', 'execute', 'refuse'),
  sends: fc.oneof(
    fc.constant(['trade', 'account', 'ack'] as const),
    fc.constant(['account', 'trade', 'ack'] as const),
    fc.array(fc.constantFrom('trade', 'account', 'ack', 'unclear', 'rug'), { maxLength: 5 }),
  ),
})
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('place' as const),
      kind: fc.constantFrom('buy', 'sell', 'sidebet'),
      amount,
      again: fc.boolean(),
      lineFails: fc.integer({ max: 9, min: 0 }).map((n) => n === 0),
    }),
  },
  { weight: 6, arbitrary: fc.record({ do: fc.constant('process' as const), behaviour }) },
  {
    weight: 8,
    arbitrary: fc.record({
      do: fc.constant('deliver' as const),
      count: fc.integer({ min: 1, max: 4 }),
      twice: fc.integer({ max: 5, min: 0 }).map((n) => n === 0),
      lose: fc.integer({ max: 5, min: 0 }).map((n) => n === 0),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('wait' as const), ms: fc.constantFrom(100, 1_999, 2_000, 5_000) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constantFrom('disconnect' as const, 'connect' as const, 'connect' as const) }) },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constantFrom('rug' as const, 'account' as const, 'disarm' as const, 'arm' as const, 'arm' as const),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('win' as const), amount: fc.constantFrom('0.004', '0.1') }) },
)

describe('P12: an order never leaves twice, and the shown phase is true', () => {
  it('whatever server and network do', async () => {
    const seen = { reflected: 0, accepted: 0, rejected: 0, unknown: 0, late: 0 }
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 10, maxLength: 60 }), async (steps) => {
        const run = new Run()
        for (const one of steps) await run.step(one)
        run.check()
        run.count(seen)
        await run.close()
      }),
      { numRuns: 5_000 },
    )
    // The generator reaches every ending.
    expect(Math.min(...Object.values(seen))).toBeGreaterThan(20)
  }, 60_000)
})

/** One desk, its line and the server at the other end. */
class Run {
  readonly #server = new ModelServer()
  readonly #clock = new ManualClock()
  readonly #desk: OrderDesk
  readonly #states = new Map<string, OrderState>()
  readonly #history = new Map<string, string[]>()
  readonly #placed: OrderRequest[] = []
  readonly #reading: Promise<void>
  #lineFails = false
  #firstCash: string | null = null
  /** What each account state that was told contains, by its time. */
  readonly #contains = new Map<number, readonly string[]>()

  constructor() {
    const server = this.#server
    this.#desk = new OrderDesk(
      {
        obstacle: () => (server.connected ? null : 'not connected'),
        send: (request) => {
          if (this.#lineFails) return { kind: 'refused', code: 'offline', reason: 'the connection is not open' }
          const text = server.take(request)
          this.#desk.frame({ text, direction: 'sent', at: this.#clock.now(), connection: server.name })
          return { kind: 'sent' }
        },
      },
      { clock: this.#clock, maxBet: MAX_BET, lossLimit: LOSS_LIMIT },
    )
    this.#desk.arm()
    server.connect()
    this.#reading = this.#read()
  }

  async step(step: Step): Promise<void> {
    const server = this.#server
    switch (step.do) {
      case 'place': {
        this.#lineFails = step.lineFails
        const old = this.#placed.at(-1)
        const request = step.again && old ? old : this.#request(step)
        if (!this.#placed.includes(request)) this.#placed.push(request)
        void this.#desk.place(request)
        break
      }
      case 'process':
        server.process(step.behaviour)
        break
      case 'deliver':
        for (let n = 0; n < step.count; n++) {
          const text = server.downlink.shift()
          if (text === undefined || step.lose) continue
          this.#receive(text)
          if (step.twice) this.#receive(text)
        }
        break
      case 'wait':
        this.#clock.advance(step.ms)
        break
      case 'disconnect':
        if (server.connected) {
          const { name } = server
          server.disconnect()
          this.#desk.down(name, 'gone')
        }
        break
      case 'connect':
        if (!server.connected) server.connect()
        break
      case 'rug':
        server.rug()
        break
      case 'account':
        server.account()
        break
      case 'win':
        server.win(step.amount)
        break
      case 'arm':
        this.#desk.arm()
        break
      case 'disarm':
        this.#desk.disarm()
    }
    await new Promise<void>((resolve) => setImmediate(resolve))
    this.check()
  }

  check(): void {
    for (const request of this.#placed) {
      expect(this.#server.left.get(request.id) ?? 0, 'frames of one order').toBeLessThanOrEqual(1)
      const state = this.#states.get(request.id)
      if (!state) continue
      const executed = this.#server.executed.has(request.id)
      if (state.phase === 'accepted' || state.phase === 'reflected')
        expect(executed, `${state.phase} but not executed`).toBe(true)
      if (state.phase === 'rejected') {
        expect(executed, 'rejected but executed').toBe(false)
        expect(
          this.#server.uplink.some(({ id }) => id === request.id),
          'rejected but on its way',
        ).toBe(false)
      }
      if (state.reflectedAt !== null)
        expect(this.#contains.get(state.reflectedAt), 'reflected in a state without it').toContain(request.id)
      if (state.phase === 'reflected') expect(state.reflectedAt).not.toBeNull()
      if (state.phase !== 'rejected' || state.code === 'server') expect(state.sentAt).not.toBeNull()
      if (state.sentAt !== null && request.kind !== 'sell') expect(Number(request.amount)).toBeLessThanOrEqual(Number(MAX_BET))
    }
    if (this.#firstCash !== null) {
      const loss = Number(this.#firstCash) - this.#server.cash.toNumber()
      expect(loss, 'loss limit').toBeLessThanOrEqual(Number(LOSS_LIMIT) + 1e-12)
    }
  }

  count(seen: Record<'reflected' | 'accepted' | 'rejected' | 'unknown' | 'late', number>): void {
    for (const [id, phases] of this.#history) {
      const last = phases.at(-1) as OrderState['phase']
      if (last !== 'pending') seen[last] += 1
      if (phases.includes('unknown') && last !== 'unknown') seen.late += 1
      expect(this.#states.get(id)?.phase).toBe(last)
    }
  }

  async close(): Promise<void> {
    this.#desk.close()
    await this.#reading
    for (const state of this.#states.values()) expect(state.phase).not.toBe('pending')
  }

  async #read(): Promise<void> {
    for await (const state of this.#desk.updates()) {
      this.#states.set(state.id, state)
      const phases = this.#history.get(state.id) ?? []
      phases.push(state.phase)
      this.#history.set(state.id, phases)
    }
  }

  #receive(text: string): void {
    this.#clock.advance(0.001)
    const contains = /"contains":(\[.*?\])/.exec(text)?.[1]
    if (contains) this.#contains.set(this.#clock.now(), JSON.parse(contains) as string[])
    this.#desk.frame({ text, direction: 'received', at: this.#clock.now(), connection: this.#server.name })
    if (text.includes('playerUpdate')) this.#firstCash ??= /"cash":([\d.]+)/.exec(text)?.[1] ?? null
  }

  #request({ kind, amount }: Extract<Step, { do: 'place' }>): OrderRequest {
    return {
      id: orderId(this.#placed.length + 1),
      kind,
      ...(kind === 'sell' ? { percentage: 50 } : { amount }),
      shown: { gameId: '20251212-6114b2ff44ef4b71', tick: 5, price: '1.1' },
      clientTime: this.#clock.now(),
    }
  }
}
