import type { Coin } from './limits.ts'
import { type Money, ZERO } from './money.ts'

/** Ticks a sidebet is open: `end = start + 40`. */
export const SIDEBET_TICKS = 40
/** Total return of a win, stake included: a profit of four stakes. */
export const SIDEBET_TOTAL_RETURN = 5
/** Decimals a sidebet amount may have. */
export const SIDEBET_PLACES = 3

/** A bet that the game rugs at tick `endTick` or before. */
export interface Sidebet {
  readonly amount: Money
  readonly coin: Coin
  readonly startTick: number
  readonly endTick: number
  /** Price when it was placed; 1 in the presale. */
  readonly price: Money
}

/** A settled bet. */
export interface SidebetResult {
  readonly bet: Sidebet
  readonly won: boolean
  /** Five stakes or nothing. */
  readonly payout: Money
  /** Four stakes, or minus the stake. */
  readonly profit: Money
  /** As the feed has it: the rug's tick for a win, the bet's **start** for a loss. */
  readonly tickIndex: number
}

/** A bet placed at `tick` (0 in the presale). */
export function openSidebet(amount: Money, coin: Coin, tick: number, price: Money): Sidebet {
  return { amount, coin, startTick: tick, endTick: tick + SIDEBET_TICKS, price }
}

/**
 * What a tick does to a bet: a rug up to and including `endTick` wins, a tick from `endTick` on without one loses.
 *
 * @returns null while the bet is open
 */
export function settleSidebet(bet: Sidebet, tick: number, rugged: boolean): SidebetResult | null {
  if (rugged && tick <= bet.endTick) {
    const payout = bet.amount.mul(SIDEBET_TOTAL_RETURN)
    return { bet, won: true, payout, profit: payout.sub(bet.amount), tickIndex: tick }
  }
  if (rugged || tick >= bet.endTick) return { bet, won: false, payout: ZERO, profit: bet.amount.neg(), tickIndex: bet.startTick }
  return null
}
