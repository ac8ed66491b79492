import { expect, it } from 'vitest'
import { createGameCollector, regenerate, serverSeedHash, verifyGame } from '../src/index.ts'

const SEED = '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08'
const GAME = '20260101-0123456789abcdef'
const NEXT = '20260101-fedcba9876543210'
const path = regenerate(SEED, GAME)
const fairness = { serverSeedHash: serverSeedHash(SEED), version: 'v3' }
const entry = {
  id: GAME,
  timestamp: 1_767_225_600_000,
  peakMultiplier: path.peak,
  prices: path.prices,
  gameVersion: 'v3',
  globalSidebets: [],
  provablyFair: { serverSeed: SEED, serverSeedHash: serverSeedHash(SEED) },
}
const tick = (k: number): object => ({
  gameId: GAME,
  active: true,
  rugged: false,
  tickCount: k,
  price: path.prices[k],
  tradeCount: 1,
  provablyFair: fairness,
})

it('back-fills a game that was never seen live from any later history, once', () => {
  const collector = createGameCollector()
  collector.add({ gameId: NEXT, cooldownTimer: 15_000, active: false, gameHistory: [entry] })
  collector.add({ gameId: NEXT, active: true, tickCount: 0, price: 1, gameHistory: [entry] })
  const games = collector.games()
  expect(games.map(({ gameId, provenance }) => [gameId, provenance])).toEqual([
    [NEXT, 'live'],
    [GAME, 'history'],
  ])
  expect(games[1]).toMatchObject({ serverSeed: SEED, endedAt: 1_767_225_600_000, conflicts: [] })
  expect(verifyGame(games[1]!).verdict).toBe('fair')
})

it('joins live ticks, price windows and history of one game, whatever the order', () => {
  const frames = [
    tick(1),
    tick(2),
    { gameId: NEXT, gameHistory: [entry] },
    { ...tick(3), partialPrices: { startTick: 0, endTick: 3, values: { '0': 1, '3': path.prices[3] } } },
  ]
  for (const order of [frames, frames.toReversed()]) {
    const collector = createGameCollector()
    order.forEach((frame) => collector.add(frame))
    const game = collector.games().find((one) => one.gameId === GAME)
    expect(game).toMatchObject({ provenance: 'both', conflicts: [] })
    expect([...(game?.ticks.keys() ?? [])].sort()).toEqual([0, 1, 2, 3])
    expect(verifyGame(game!)).toMatchObject({ verdict: 'fair', ticks: { compared: path.prices.length + 4 } })
  }
})

it('does not take the inflated tick of the repeated rug frame for a tick', () => {
  const collector = createGameCollector()
  const rug = {
    gameId: GAME,
    active: true,
    rugged: true,
    price: path.rugPrice,
    partialPrices: { startTick: path.rugTick, endTick: path.rugTick, values: { [path.rugTick]: path.rugPrice } },
  }
  collector.add({ ...rug, tickCount: path.rugTick, tradeCount: 9 })
  collector.add({ ...rug, tickCount: path.rugTick + 2, gameHistory: [] })
  expect(collector.games()[0]).toMatchObject({ rugTick: path.rugTick, rugPrice: path.rugPrice, conflicts: [] })
  expect(collector.games()[0]?.ticks.size).toBe(1)
})

it('reads rug tick and price from a won sidebet, and never from a lost one', () => {
  const bets = [
    { type: 'payout', payout: 0, tickIndex: 3, betAmount: 1 },
    { type: 'payout', payout: 5, tickIndex: path.rugTick, price: path.rugPrice },
  ]
  const collector = createGameCollector()
  collector.add({ gameId: NEXT, gameHistory: [{ ...entry, prices: undefined, globalSidebets: bets }] })
  expect(verifyGame(collector.games()[1]!)).toMatchObject({
    verdict: 'fair',
    rugTick: { status: 'ok' },
    rugPrice: { status: 'ok' },
    ticks: { status: 'absent' },
  })
})

it('two recordings that disagree are a mismatch with the place, even when the seed fits one of them', () => {
  const collector = createGameCollector()
  collector.add({ gameId: NEXT, gameHistory: [entry] })
  collector.add({ gameId: NEXT, gameHistory: [{ ...entry, prices: path.prices.with(2, 1.5) }] })
  collector.add({ ...tick(1), price: 2 })
  collector.add({ ...tick(1), provablyFair: { serverSeedHash: 'f'.repeat(64), version: 'v3' } })
  const report = verifyGame(collector.games().find((one) => one.gameId === GAME)!)
  expect(report.verdict).toBe('mismatch')
  expect(report.faults.map(({ field, tick: at }) => [field, at])).toEqual(
    expect.arrayContaining([
      ['price', 2],
      ['price', 1],
      ['serverSeedHash', null],
    ]),
  )
})

it('ignores everything that is no game state', () => {
  const collector = createGameCollector()
  for (const odd of [null, 5, 'x', [], {}, { gameId: 7 }, { gameHistory: 'no' }, { gameHistory: [null, 5, { id: 1 }] }])
    collector.add(odd)
  expect(collector.games()).toEqual([])
})

it('takes ticks of recorded-game files, without the repeated rug and without cooldown lines', () => {
  const collector = createGameCollector()
  const line = (at: number, more: object = {}): object => ({
    type: 'tick',
    game_id: GAME,
    tick: at,
    price: path.prices[at],
    phase: 'ACTIVE_GAMEPLAY',
    active: true,
    rugged: false,
    ...more,
  })
  collector.addRecordedTick({ ...line(0), active: false, phase: 'PRESALE' })
  for (let at = 0; at < path.rugTick; at += 1) collector.addRecordedTick(line(at))
  collector.addRecordedTick(line(path.rugTick, { rugged: true }))
  collector.addRecordedTick(line(path.rugTick + 2, { price: path.rugPrice, rugged: true, phase: 'RUG_EVENT_1' }))
  for (const odd of [null, {}, { game_id: GAME }, { ...line(1), price: 'x' }]) collector.addRecordedTick(odd)
  collector.add({ gameId: NEXT, gameHistory: [{ ...entry, prices: undefined }] })
  const game = collector.games().find((one) => one.gameId === GAME)
  expect(game).toMatchObject({ rugTick: path.rugTick, conflicts: [], provenance: 'both' })
  expect(verifyGame(game!)).toMatchObject({ verdict: 'fair', ticks: { compared: path.rugTick + 1 } })
})
