import type { EventEnvelope } from '@vectra/schemas'
import { describe, expect, it } from 'vitest'
import { FeedSequence } from '../src/feed-sequence.ts'

type State = Record<string, unknown>
const A = '20251212-6114b2ff44ef4b71'
const B = '20251212-25dcb17086a24ad7'

const waiting = (timer: number, gameId = A): State => ({ gameId, cooldownTimer: timer, allowPreRoundBuys: timer <= 10_000 })
const tick = (n: number, gameId = A): State => ({
  gameId,
  cooldownTimer: 0,
  active: true,
  rugged: false,
  tickCount: n,
  price: 1,
  tradeCount: 3,
})
const rug = (n: number): State => ({ ...tick(n), rugged: true })
const repeated = (n: number, shown: number): State => ({
  ...rug(shown),
  gameHistory: [],
  partialPrices: { startTick: 0, endTick: n, values: {} },
})
const full = (state: State): State => ({ ...state, gameHistory: [] })

/** Missing frames before each state. */
function gaps(...states: State[]): (number | null)[] {
  const sequence = new FeedSequence('public_ws')
  return states.map(
    (payload, index) =>
      sequence.onFrame({
        event_name: 'gameStateUpdate',
        direction: 'received',
        payload,
        _ts: index * 1000,
      } as unknown as EventEnvelope)?.est_missing ?? null,
  )
}

/** A whole round as the server sends it, oddities included. */
const ROUND: State[] = [
  waiting(14_900),
  waiting(14_800),
  full({ ...waiting(15_000), active: false }),
  ...Array.from({ length: 47 }, (_, k) => waiting(14_700 - k * 100)),
  { ...waiting(10_000), tradeCount: 9 },
  ...Array.from({ length: 100 }, (_, k) => waiting(10_000 - k * 100)),
  tick(0),
  full(tick(0)),
  tick(1),
  tick(2),
  tick(3),
  rug(4),
  repeated(4, 6),
  full({ ...waiting(15_000, B), active: false }),
  waiting(14_900, B),
]

describe('no gap', () => {
  it.each([
    ['in a whole round with the late 15000 frame, two frames of tick 0 and the inflated second rug frame', ROUND],
    ['when the second rug frame comes behind the next game', [rug(4), waiting(14_900, B), repeated(4, 6), waiting(14_800, B)]],
    ['when the 15000 frame is lost', [rug(4), repeated(4, 5), waiting(14_900, B), waiting(14_800, B)]],
    ['when the full state on connecting is older than the frame before it', [tick(129), full(tick(128)), tick(130)]],
    ['on the first frame, wherever it is', [tick(70), tick(71)]],
    ['when a frame comes twice or three times', [tick(5), tick(5), tick(5), tick(6)]],
    ['for states that are none of the known ones', [tick(5), { gameId: A, odd: true }, {}, tick(6)]],
  ])('%s', (_name, states) => {
    expect(gaps(...states).filter((missing) => missing !== null)).toEqual([])
  })
})

describe('a gap', () => {
  it.each([
    ['of ticks', [tick(5), tick(9)], 3],
    ['of countdown steps', [waiting(9000), waiting(8500)], 4],
    ['of the start', [waiting(100), tick(1)], 1],
    ['from the countdown into the game', [waiting(300), tick(2)], 4],
    ['of the rug frame, when its repetition shows it', [tick(5), repeated(6, 8)], 1],
    ['of ticks and the rug frame', [tick(5), rug(8)], 2],
    ['of both rug frames', [tick(7), waiting(14_900, B)], 1],
    ['of the first steps of the next game', [rug(8), repeated(8, 9), waiting(14_500, B)], 4],
    ['of a whole countdown', [rug(8), repeated(8, 9), tick(0, B)], 149],
  ])('%s', (_name, states, missing) => {
    expect(gaps(...states).at(-1)).toBe(missing)
  })

  it('tells when, and is forgotten with the connection', () => {
    const sequence = new FeedSequence('public_ws')
    const see = (payload: State, at: number): unknown =>
      sequence.onFrame({ event_name: 'gameStateUpdate', direction: 'received', payload, _ts: at } as unknown as EventEnvelope)
    see(tick(5), 1_000)
    expect(see(tick(8), 9_000)).toEqual({
      from: 1_000,
      to: 9_000,
      cause: 'feed',
      source: 'public_ws',
      est_missing: 2,
      recovered_by: null,
      gameId: A,
      from_tick: 6,
      to_tick: 7,
    })
    sequence.reset()
    expect(see(tick(50), 20_000)).toBeNull()
  })

  it('is told for each dropped frame of a round, wherever it is', () => {
    const silent: number[] = []
    for (const [index] of ROUND.entries()) {
      if (index === 0 || index === ROUND.length - 1) continue
      if (gaps(...ROUND.toSpliced(index, 1)).every((missing) => missing === null)) silent.push(index)
    }
    // Full frames beside the count (rug repeated, 15000, tick 0 and its double) and the double 10000 leave no trace.
    const traceless = ROUND.flatMap((state, index) =>
      'gameHistory' in state || state.cooldownTimer === 10_000 || state.tickCount === 0 ? [index] : [],
    )
    expect(silent.filter((index) => !traceless.includes(index))).toEqual([])
  })
})
