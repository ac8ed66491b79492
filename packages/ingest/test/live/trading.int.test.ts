import type { EventEnvelope, PlayerUpdate } from '@vectra/schemas'
import { startSimulator } from '@vectra/simulator'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import {
  createPipeline,
  directOrders,
  type LiveState,
  liveState,
  type OrderRequest,
  sessionIdAt,
  systemClock,
  systemRandom,
} from '../../src/index.ts'
import { MemorySink } from '../support/memory-sink.ts'

const clock = systemClock()
const random = systemRandom()
const TOKEN = 'sim:ann'
const FIELDS = [
  'cash',
  'bonusBalance',
  'positionQty',
  'avgCost',
  'cumulativePnL',
  'pnlPercent',
  'totalInvested',
  'sidebetPnl',
  'autosellPrice',
] as const

/** What stands in the frame, told by the JSON parser itself: nothing of ours reads the number. */
function literals(event: EventEnvelope): Record<string, string> {
  const found: Record<string, string> = {}
  JSON.parse(event.raw_json, function (this: unknown, key, value, context?: { source: string }) {
    if (typeof value === 'number' && (FIELDS as readonly string[]).includes(key) && typeof this === 'object')
      found[key] ??= context?.source ?? ''
    return value
  })
  return found
}

/** Follows the live state of a recording, and holds it to the frames. */
class Follower {
  updates = 0
  games = 0
  settled = 0
  state: LiveState | null = null
  last: { readonly event: EventEnvelope; readonly literals: Record<string, string> } | null = null
  readonly #ticks = new Map<string, number>()
  readonly #over = new Set<string>()
  readonly #waiting: { readonly test: (state: LiveState) => boolean; readonly resolve: () => void }[] = []

  async follow(events: AsyncIterable<EventEnvelope>): Promise<void> {
    for await (const { state, event } of liveState(events)) {
      const before = this.state
      this.state = state
      if (event.event_name === 'playerUpdate') {
        this.last = { event, literals: literals(event) }
        this.updates += 1
      }
      this.#checkPlayer(state)
      this.#checkGame(state, before)
      for (const one of this.#waiting.splice(0)) {
        if (one.test(state)) one.resolve()
        else this.#waiting.push(one)
      }
    }
  }

  until(test: (state: LiveState) => boolean): Promise<void> {
    if (this.state && test(this.state)) return Promise.resolve()
    return new Promise((resolve) => this.#waiting.push({ test, resolve }))
  }

  #checkPlayer({ me, asOf }: LiveState): void {
    if (!this.last) return expect(me).toBeNull()
    const { event, literals } = this.last
    expect(me).toMatchObject({ asOf: event._ts, seq: event._seq, source: 'ui', sessionId: event._session_id })
    expect(asOf).toBeGreaterThanOrEqual(event._ts)
    for (const name of FIELDS) expect(me?.[name]?.literal, name).toBe(literals[name])
    expect(me?.sideBet).toEqual((event.payload as PlayerUpdate).sideBet ?? null)
  }

  #checkGame(state: LiveState, before: LiveState | null): void {
    const { game, finished } = state
    if (!game) return
    expect(this.#over, 'a game that was over is back').not.toContain(game.gameId)
    expect(game.tick ?? -1).toBeGreaterThanOrEqual(this.#ticks.get(game.gameId) ?? -1)
    this.#ticks.set(game.gameId, game.tick ?? -1)
    const left = before?.game
    if (left && left.gameId !== game.gameId) {
      this.games += 1
      this.#over.add(left.gameId)
      expect(finished?.gameId, 'the finished game is kept').toBe(left.gameId)
      expect(finished?.rugged).toBe(true)
    }
    // Kept through the settlement, until the next round runs.
    if (before?.finished && !finished) expect(game.phase).toBe('active')
    if (finished?.record && !before?.finished?.record) this.settled += 1
  }
}

it('1,000 random trading steps: the shown account equals the last frame, digit for digit, at every event', async () => {
  await using sim = await startSimulator({ seed: 'live', paused: true, bots: 5, rugTicks: [30, 6, 50, 12, 80, 3, 40, 25, 60, 9] })
  const limits = { maxBet: '0.5', lossLimit: '1000', answerWithinMs: 30_000 }
  await using orders = directOrders({ url: sim.url, token: TOKEN, clock, random, ...limits })
  const sink = new MemorySink()
  const stop = new AbortController()
  const pipeline = createPipeline({ source: orders.source, sink, clock, random })
  const follower = new Follower()
  const following = follower.follow(pipeline.bus.subscribe())
  const running = pipeline.run(stop.signal)
  await follower.until(({ me }) => me !== null)
  orders.control.arm()

  const amount = fc.integer({ min: 1_000_000, max: 50_000_000 }).map((lamports) => (lamports / 1e9).toFixed(9).replace(/0+$/, ''))
  const step = fc.oneof(
    { weight: 4, arbitrary: fc.record({ kind: fc.constantFrom('buy' as const, 'sidebet' as const), amount }) },
    { weight: 4, arbitrary: fc.record({ kind: fc.constant('sell' as const), percentage: fc.constantFrom(10, 25, 50, 100) }) },
    { weight: 6, arbitrary: fc.constant('tick' as const) },
    { weight: 1, arbitrary: fc.constant('later' as const) },
  )
  let rejected = 0
  let reflected = 0
  for (const one of fc.sample(step, { numRuns: 1_850, seed: 20_251_215 })) {
    const { phase } = sim.control.state()
    if (one === 'tick' && (phase === 'active' || phase === 'rugged')) await sim.control.step()
    else if (one === 'tick' || one === 'later') await sim.control.advance(2_500)
    else {
      if (Number(sim.control.player(TOKEN).cash) < 0.1) sim.control.setBalance(TOKEN, { solana: '1.234567891' })
      const { phase } = await orders.place(order(one as Partial<OrderRequest>))
      expect(['reflected', 'rejected']).toContain(phase)
      if (phase === 'rejected') rejected += 1
      else reflected += 1
    }
  }
  const { gameId } = await sim.control.step()
  await follower.until(({ game }) => game?.gameId === gameId)
  stop.abort()
  const summary = await running
  await following
  expect(summary.closes).toBe(true)
  expect(pipeline.bus.stats()).toEqual([])
  expect(reflected + rejected).toBeGreaterThanOrEqual(1_000)
  expect(reflected).toBeGreaterThan(400)
  expect(rejected).toBeGreaterThan(20)
  expect(follower.updates).toBeGreaterThan(400)
  expect(follower.games).toBeGreaterThan(4)
  expect(follower.settled).toBeGreaterThan(4)
  expect(follower.state?.me?.cash?.value.toFixed()).toBe(sim.control.player(TOKEN).cash)
}, 120_000)

function order(more: Partial<OrderRequest>): OrderRequest {
  const shown = { gameId: '20251212-6114b2ff44ef4b71', tick: 0, price: '1' }
  return { id: sessionIdAt(clock.now(), random), kind: 'buy', shown, clientTime: clock.now(), ...more }
}
