import { describe, expect, it } from 'vitest'
import { type GameRecord, regenerate, serverSeedHash, verifyGame } from '../src/index.ts'

const SEED = '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08'
const GAME = '20260101-0123456789abcdef'
const path = regenerate(SEED, GAME)
const whole: GameRecord = {
  gameId: GAME,
  serverSeed: SEED,
  serverSeedHash: serverSeedHash(SEED),
  version: 'v3',
  prices: path.prices,
  peakMultiplier: path.peak,
  rugTick: path.rugTick,
  rugPrice: path.rugPrice,
}

describe('verifyGame', () => {
  it('finds a faithful record fair and tells what was compared', () => {
    expect(verifyGame(whole)).toMatchObject({
      verdict: 'fair',
      faults: [],
      hash: { status: 'ok' },
      peak: { status: 'ok' },
      rugTick: { status: 'ok' },
      rugPrice: { status: 'ok' },
      rugRule: { status: 'ok' },
      ticks: { compared: path.prices.length, equal: path.prices.length, firstDifference: null },
      parameters: { rugProbability: 0.005 },
    })
  })

  it.each([0.011, 0.01])('tries the published rug probabilities and reports the one that fits: %s', (rugProbability) => {
    const other = regenerate(SEED, GAME, 'v3', { rugProbability })
    const report = verifyGame({ gameId: GAME, serverSeed: SEED, prices: other.prices })
    expect(report.verdict).toBe('fair')
    expect(report.parameters?.rugProbability).toBeGreaterThanOrEqual(0.01)
    expect(regenerate(SEED, GAME, 'v3', { rugProbability: report.parameters?.rugProbability ?? 0 }).prices).toEqual(other.prices)
  })

  it('uses given parameters alone', () => {
    const odd = regenerate(SEED, GAME, 'v2', { rugProbability: 0.05, bigMoveChance: 0.5 })
    expect(verifyGame({ gameId: GAME, serverSeed: SEED, prices: odd.prices }, { parameters: odd.parameters }).verdict).toBe(
      'fair',
    )
    expect(verifyGame({ gameId: GAME, serverSeed: SEED, prices: odd.prices }).verdict).toBe('mismatch')
  })

  it('without a seed nothing is proven, though a rug price against the rule is still a mismatch', () => {
    expect(verifyGame({ gameId: GAME }).verdict).toBe('unverifiable')
    expect(verifyGame({ gameId: GAME, prices: path.prices })).toMatchObject({
      verdict: 'unverifiable',
      rugRule: { status: 'ok' },
    })
    expect(verifyGame({ gameId: GAME, prices: [1, 0.5, 0.02] })).toMatchObject({
      verdict: 'mismatch',
      faults: [{ field: 'rugPrice' }],
    })
  })

  it('live ticks without a hole stand for the path in that rule', () => {
    const ticks = new Map(path.prices.map((price, tick) => [tick, price]))
    expect(verifyGame({ gameId: GAME, ticks, rugTick: path.rugTick }).rugRule.status).toBe('ok')
    ticks.delete(1)
    expect(verifyGame({ gameId: GAME, ticks, rugTick: path.rugTick }).rugRule.status).toBe('absent')
  })

  it('a seed with its hash but no outcome proves nothing about the game', () => {
    expect(verifyGame({ gameId: GAME, serverSeed: SEED, serverSeedHash: serverSeedHash(SEED) }).verdict).toBe('unverifiable')
  })

  it('a version nobody knows is unverifiable, not unfair', () => {
    expect(verifyGame({ ...whole, version: 'v9' })).toMatchObject({ verdict: 'unverifiable', parameters: null })
  })

  it('a price missing at the end, or one too many, is a wrong length', () => {
    const short = verifyGame({ ...whole, prices: path.prices.slice(0, -1), rugTick: undefined, rugPrice: undefined })
    expect(short).toMatchObject({ verdict: 'mismatch' })
    expect(short.faults.map((fault) => fault.field)).toContain('rugTick')
    const long = verifyGame({ ...whole, prices: [...path.prices, 0.001] })
    expect(long.ticks.firstDifference).toEqual({ tick: path.prices.length, recorded: '0.001', computed: null })
  })

  it('live ticks with holes are compared where they are', () => {
    const ticks = new Map([
      [1, path.prices[1]!],
      [3, path.prices[3]! + 1e-9],
    ])
    expect(verifyGame({ gameId: GAME, serverSeed: SEED, ticks })).toMatchObject({
      verdict: 'mismatch',
      ticks: { compared: 2, equal: 1, firstDifference: { tick: 3 } },
    })
  })

  it('literals that are the same double but not the same digits differ', () => {
    const literal = String(path.prices[2])
    const other = `${literal.slice(0, -1)}${literal.endsWith('1') ? '2' : '1'}`
    const same = Number(other) === path.prices[2]
    const report = verifyGame({ gameId: GAME, serverSeed: SEED, ticks: new Map([[2, { text: other }]]) })
    expect([report.verdict, typeof same]).toEqual(['mismatch', 'boolean'])
    expect(
      verifyGame({
        gameId: GAME,
        serverSeed: SEED,
        ticks: new Map([
          [0, '1.0'],
          [2, `${literal}0`],
        ]),
      }).verdict,
    ).toBe('fair')
    expect(verifyGame({ gameId: GAME, serverSeed: SEED, ticks: new Map([[0, '']]) }).verdict).toBe('mismatch')
  })
})
