import { createGenerator, type Generator } from './generator.ts'
import type { PriceParameters } from './parameters.ts'
import { RUG_FACTOR } from './rug-price.ts'
import { generatorSeed } from './seed.ts'

/** A ×10 jump. */
export interface GodCandle {
  readonly tick: number
  readonly before: number
  readonly after: number
}

/** One step of a game. */
export interface PriceStep {
  /** From 1: tick 0 is the start price and needs no step. */
  readonly tick: number
  /** The rug price when `rugged`. */
  readonly price: number
  readonly rugged: boolean
  readonly godCandle: GodCandle | null
}

/** A whole game, from the start price to the rug price. */
export interface PricePath {
  /** `prices[k]` is the price after tick k; the last one is the rug price. */
  readonly prices: readonly number[]
  /** Tick of the rug, `prices.length - 1`. */
  readonly rugTick: number
  readonly rugPrice: number
  /** Highest price before the rug, at least 1: the feed's `peakMultiplier`. */
  readonly peak: number
  readonly peakTick: number
  /** Lowest price before the rug, at most 1. */
  readonly lowest: number
  readonly godCandles: readonly GodCandle[]
  /** True when the game ended at `maxTicks` without drawing a rug (one game in 10^11; never seen). */
  readonly cutOff: boolean
}

/**
 * A game played tick by tick. After the step that rugs, `next()` keeps returning it.
 *
 * `rugNow` ends the game at the next step whatever the seed says; a game ended that way no longer verifies.
 */
export interface PriceWalk {
  next(options?: { rugNow?: boolean; keepAlive?: boolean }): PriceStep
}

/** Starts a walk at tick 0 and price 1. Deterministic: the same three arguments give the same doubles everywhere. */
export function walkPrices(serverSeed: string, gameId: string, parameters: PriceParameters): PriceWalk {
  const draw = createGenerator(generatorSeed(serverSeed, gameId))
  let tick = 0
  let price = 1
  let lowest = 1
  let end: PriceStep | null = null
  return {
    next({ rugNow = false, keepAlive = false } = {}) {
      if (end !== null) return end
      const drawn = tick >= parameters.maxTicks || draw() < parameters.rugProbability
      tick += 1
      if (rugNow || (drawn && !keepAlive)) {
        end = { tick, price: lowest * RUG_FACTOR, rugged: true, godCandle: null }
        return end
      }
      const before = price
      const jumped = isGodCandle(draw, price, parameters)
      price = jumped ? price * (parameters.godCandle?.factor ?? 1) : drift(draw, price, parameters)
      if (price < lowest) lowest = price
      return { tick, price, rugged: false, godCandle: jumped ? { tick, before, after: price } : null }
    },
  }
}

/** The whole path of a game at once. */
export function pricePath(serverSeed: string, gameId: string, parameters: PriceParameters): PricePath {
  const walk = walkPrices(serverSeed, gameId, parameters)
  const prices = [1]
  const godCandles: GodCandle[] = []
  let peak = 1
  let peakTick = 0
  let lowest = 1
  for (;;) {
    const step = walk.next()
    prices.push(step.price)
    if (step.rugged) {
      return {
        prices,
        rugTick: step.tick,
        rugPrice: step.price,
        peak,
        peakTick,
        lowest,
        godCandles,
        cutOff: step.tick > parameters.maxTicks,
      }
    }
    if (step.godCandle !== null) godCandles.push(step.godCandle)
    if (step.price < lowest) lowest = step.price
    if (step.price > peak) {
      peak = step.price
      peakTick = step.tick
    }
  }
}

/** v3 always draws, so that the sequence of numbers does not depend on the price. */
function isGodCandle(draw: Generator, price: number, { godCandle }: PriceParameters): boolean {
  return godCandle !== null && draw() < godCandle.chance && price <= godCandle.maxPrice
}

/** The order of these double operations is the protocol: another grouping gives other last bits. */
function drift(draw: Generator, price: number, p: PriceParameters): number {
  let change: number
  if (draw() < p.bigMoveChance) {
    const size = p.bigMoveMin + draw() * (p.bigMoveMax - p.bigMoveMin)
    change = draw() > 0.5 ? size : -size
  } else {
    const base = p.driftMin + draw() * (p.driftMax - p.driftMin)
    const volatility = p.volatility * Math.min(p.volatilityCap, Math.sqrt(price))
    change = base + volatility * (2 * draw() - 1)
  }
  const next = price * (1 + change)
  return next < 0 ? 0 : next
}
