import type { Coin } from './limits.ts'
import { floor9, type Money, ZERO } from './money.ts'

/**
 * An open short. Its value compounds tick by tick with the negative of the price change.
 *
 * Only one short of the real server was seen from open to close; this model fits it in kind (path dependent, not linear), not to the lamport.
 */
export interface Short {
  readonly amount: Money
  readonly coin: Coin
  readonly entryPrice: Money
  readonly entryTick: number
  readonly value: Money
}

/** A short of `amount` opened now. */
export function openShort(amount: Money, coin: Coin, price: Money, tick: number): Short {
  return { amount, coin, entryPrice: price, entryTick: tick, value: amount }
}

/** The short after the price went from `before` to `after`; never worth less than nothing. */
export function moveShort(short: Short, before: Money, after: Money): Short {
  // value × (1 − (after − before) / before), with the division last so that an exact lamport stays exact.
  const value = floor9(short.value.mul(before.mul(2).sub(after)).div(before))
  return { ...short, value: value.lt(0) ? ZERO : value }
}
