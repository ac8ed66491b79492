import { expect, it } from 'vitest'
import { createWorld } from '../src/index.ts'

/** One state frame and the simulated moment it was sent. */
interface Sent {
  readonly at: number
  readonly payload: Record<string, unknown>
}

function quantile(values: readonly number[], at: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(at * sorted.length))] ?? Number.NaN
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}

/** Intervals between neighbouring frames that pass. */
function gaps(frames: readonly Sent[], pass: (a: Sent, b: Sent) => boolean): number[] {
  return frames.flatMap((frame, index) => {
    const before = frames[index - 1]
    return before !== undefined && pass(before, frame) ? [frame.at - before.at] : []
  })
}

it('ticks, cooldown steps, starts and rug gaps have the measured distributions within 10 %, on a virtual clock', {
  timeout: 120_000,
}, () => {
  const frames: Sent[] = []
  const world = createWorld({ seed: 'timings', bots: 0, quirks: false }, ({ event }) => {
    if (event.name === 'gameStateUpdate') frames.push({ at: world.now(), payload: event.args[0] as Record<string, unknown> })
  })
  while (world.games().length < 300) world.step()
  const ticks = gaps(
    frames,
    (a, b) =>
      typeof a.payload.tradeCount === 'number' &&
      typeof b.payload.tradeCount === 'number' &&
      a.payload.active === true &&
      b.payload.active === true &&
      a.payload.gameId === b.payload.gameId,
  )
  const steps = gaps(frames, (a, b) => Number(a.payload.cooldownTimer) - Number(b.payload.cooldownTimer) === 100)
  const starts = gaps(frames, (a, b) => a.payload.cooldownTimer === 100 && b.payload.active === true)
  const repeats = gaps(frames, (a, b) => a.payload.rugged === true && b.payload.rugged === true)
  const reveals = gaps(frames, (a, b) => a.payload.rugged === true && b.payload.cooldownTimer === 15_000)
  expect([ticks.length > 40_000, steps.length > 40_000, starts.length, repeats.length, reveals.length]).toEqual([
    true,
    true,
    300,
    300,
    300,
  ])

  const measured: Record<string, readonly [actual: number, published: number]> = {
    'tick mean': [mean(ticks), 251.2],
    'tick median': [quantile(ticks, 0.5), 250.3],
    'tick p5': [quantile(ticks, 0.05), 147],
    'tick p95': [quantile(ticks, 0.95), 334],
    'tick p99': [quantile(ticks, 0.99), 531],
    'step mean': [mean(steps), 100],
    'step median': [quantile(steps, 0.5), 100.2],
    'step p95': [quantile(steps, 0.95), 148],
    'start median': [quantile(starts, 0.5), 138],
    'start p95': [quantile(starts, 0.95), 247],
    'repeat median': [quantile(repeats, 0.5), 620],
    'repeat p95': [quantile(repeats, 0.95), 1800],
    'reveal median': [quantile(reveals, 0.5), 300],
  }
  for (const [name, [actual, published]] of Object.entries(measured))
    expect(Math.abs(actual / published - 1), `${name}: ${actual.toFixed(1)} ms, measured ${published}`).toBeLessThan(0.1)
})

it('quirks come about as often as in reality', { timeout: 120_000 }, () => {
  let reveals = 0
  let late = 0
  let doubled = 0
  let trades = 0
  let counted = 0
  let lastTimer = 0
  const inflated: number[] = []
  const starts = new Set<string>()
  const world = createWorld({ seed: 'quirks' }, ({ event }) => {
    if (event.name === 'standard/newTrade') trades += 1
    if (event.name !== 'gameStateUpdate') return
    const state = event.args[0] as {
      cooldownTimer: number
      active?: boolean
      rugged?: boolean
      tickCount?: number
      gameId: string
      tradeCount?: number
      gameHistory?: object[]
      partialPrices?: { endTick: number }
    }
    if (state.cooldownTimer === 15_000) {
      reveals += 1
      if (lastTimer > 0 && lastTimer < 15_000) late += 1
    }
    if (state.active === true && state.tickCount === 0) {
      if (starts.has(state.gameId)) doubled += 1
      starts.add(state.gameId)
    }
    if (state.rugged === true && state.tradeCount !== undefined) counted += state.tradeCount
    if (state.rugged === true && state.gameHistory !== undefined)
      inflated.push((state.tickCount ?? 0) - (state.partialPrices?.endTick ?? 0))
    lastTimer = state.cooldownTimer
  })
  while (world.games().length < 60) world.step()
  expect(reveals / 60).toBeGreaterThan(0.7)
  expect(reveals / 60).toBeLessThan(0.97)
  expect(late).toBeGreaterThan(10)
  expect(doubled).toBeGreaterThan(15)
  expect(new Set(inflated)).toEqual(new Set([0, 1, 2, 3]))
  expect(trades / counted).toBeGreaterThan(0.05)
  expect(trades / counted).toBeLessThan(0.3)
})
