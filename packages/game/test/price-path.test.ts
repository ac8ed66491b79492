import { describe, expect, it } from 'vitest'
import {
  GameError,
  priceParameters,
  pricePath,
  RUG_FACTOR,
  regenerate,
  rugPrice,
  serverSeedHash,
  walkPrices,
} from '../src/index.ts'
import { arc4 } from './arc4.ts'

// The example the site itself published in July 2025.
const SEED = 'fedde170f25570df546c5c16de6f571b8253221f9307e977c4f5354a5aa078a4'
const GAME = '20250701-55b97a42871f441f'

describe('published example', () => {
  it('commits to the ASCII text of the seed', () => {
    expect(serverSeedHash(SEED)).toBe('eda505784c52cba72256771a21db61b4313749fb2675d14d3641bf5de589da42')
  })

  it.each([
    ['v1', '3.8475'],
    ['v2', '3.8475'],
    ['v3', '4.3808'],
  ])('%s peaks at %s', (version, peak) => {
    const peaks = [0.005, 0.011].map((rugProbability) => regenerate(SEED, GAME, version, { rugProbability }).peak.toFixed(4))
    expect(peaks).toContain(peak)
  })
})

describe('order of draws', () => {
  /** Counts how many numbers the path takes by replaying the description with a counter. */
  it('v3 takes five numbers a tick without a big move, four with one, and one for the rug', () => {
    const parameters = priceParameters('v3')
    const path = pricePath(SEED, GAME, parameters)
    const draw = arc4(`${SEED}-${GAME}`)
    let price = 1
    const prices = [1]
    while (draw() >= 0.005) {
      if (draw() < 0.00001 && price <= 100) price *= 10
      else if (draw() < 0.125) {
        const size = 0.15 + draw() * (0.25 - 0.15)
        price *= 1 + (draw() > 0.5 ? size : -size)
      } else {
        const drift = -0.02 + draw() * (0.03 - -0.02)
        const volatility = 0.005 * Math.min(10, Math.sqrt(price))
        price *= 1 + (drift + volatility * (2 * draw() - 1))
      }
      prices.push(price)
    }
    expect(path.prices).toEqual([...prices, Math.min(...prices) * (1 - 0.98)])
    expect(path.rugTick).toBe(prices.length)
  })

  it('v1 and v2 differ only above price 100, where the cap begins', () => {
    const [v1, v2] = [regenerate(SEED, GAME, 'v1').prices, regenerate(SEED, GAME, 'v2').prices]
    expect(v1).toEqual(v2)
    const capped = pricePath(SEED, GAME, priceParameters('v2', { volatilityCap: 1, rugProbability: 0.0001 })).prices
    const free = pricePath(SEED, GAME, priceParameters('v1', { rugProbability: 0.0001 })).prices
    const first = free.findIndex((price, tick) => price !== capped[tick])
    expect(free[first - 1]).toBeGreaterThan(1)
  })

  it('a god candle multiplies by ten, at most from price 100, and is reported', () => {
    const often = priceParameters('v3', { godCandle: { chance: 0.2, factor: 10, maxPrice: 100 } })
    const path = pricePath(SEED, GAME, often)
    expect(path.godCandles.length).toBeGreaterThan(0)
    for (const { tick, before, after } of path.godCandles) {
      expect([path.prices[tick - 1], path.prices[tick]]).toEqual([before, after])
      expect(after).toBe(before * 10)
      expect(before).toBeLessThanOrEqual(100)
    }
  })
})

describe('the end of a game', () => {
  it('rugs at 0.02 (as a double) of the lowest price, the 1 of tick 0 included', () => {
    expect(RUG_FACTOR).toBe(0.020000000000000018)
    expect(rugPrice([1, 1.5, 2])).toBe(0.020000000000000018)
    expect(rugPrice([1, 0.5, 3])).toBe(0.5 * (1 - 0.98))
    expect(() => rugPrice([])).toThrow(TypeError)
  })

  it('stops after maxTicks whatever is drawn, and says so', () => {
    const path = pricePath(SEED, GAME, priceParameters('v3', { rugProbability: 0, maxTicks: 50 }))
    expect([path.rugTick, path.prices.length, path.cutOff]).toEqual([51, 52, true])
    expect(pricePath(SEED, GAME, priceParameters('v3')).cutOff).toBe(false)
  })

  it('a walk can be rugged early or kept alive, and stays at its end', () => {
    const natural = pricePath(SEED, GAME, priceParameters('v3')).rugTick
    const walk = walkPrices(SEED, GAME, priceParameters('v3'))
    const early = [walk.next(), walk.next(), walk.next({ rugNow: true })]
    expect(early.map((step) => step.rugged)).toEqual([false, false, true])
    expect(walk.next()).toBe(early[2])
    const kept = walkPrices(SEED, GAME, priceParameters('v3'))
    for (let tick = 1; tick <= natural; tick += 1) expect(kept.next({ keepAlive: true })).toMatchObject({ tick, rugged: false })
  })
})

it('regenerated games are marked as derived', () => {
  expect(regenerate(SEED, GAME)).toMatchObject({
    derived: true,
    origin: 'derived:seed',
    gameId: GAME,
    parameters: { version: 'v3', rugProbability: 0.005 },
  })
})

it('refuses a version nobody knows, by code', () => {
  expect(() => regenerate(SEED, GAME, 'v9')).toThrow(GameError)
  expect(() => regenerate(SEED, GAME, 'v9')).toThrow(expect.objectContaining({ code: 'GAME_VERSION_UNKNOWN' }))
})
