import { Decimal } from 'decimal.js'
import { floor9, type Money, ZERO } from './money.ts'

/** What one buy left in a position. Lots are sold oldest first. */
export interface Lot {
  readonly qty: Money
  /** Price it was bought at: 1 in the presale. */
  readonly price: Money
}

/** Quantity that an amount buys: `floor9(amount / price)`, no fee. */
export function quantityFor(amount: Money, price: Money): Money {
  return floor9(amount.div(price))
}

/** Total quantity of a position. */
export function quantityOf(lots: readonly Lot[]): Money {
  return lots.reduce((sum, lot) => sum.add(lot.qty), ZERO)
}

/**
 * `avgCost` as the feed shows it: the price truncated for one lot; for several the lamport costs over the quantity, truncated; 0 for none.
 *
 * With several lots the server's own value can differ by some 3e-7: it is authoritative.
 */
export function averageCost(lots: readonly Lot[]): Money {
  const [first, second] = lots
  if (first === undefined) return ZERO
  if (second === undefined) return floor9(first.price)
  return floor9(costOf(lots).div(quantityOf(lots)))
}

/** Lamport cost of a position. */
export function costOf(lots: readonly Lot[]): Money {
  return lots.reduce((sum, lot) => sum.add(floor9(lot.qty.mul(lot.price))), ZERO)
}

/** What a sell took out of a position. */
export interface Sale {
  readonly qty: Money
  /** Sum over the lots of `floor9(qty × price)`: up to one lamport per lot below the exact product. */
  readonly proceeds: Money
  readonly rest: readonly Lot[]
}

/** Sells `qty` at `price`, first in first out. `qty` is at most the position. */
export function sellLots(lots: readonly Lot[], qty: Money, price: Money): Sale {
  const rest: Lot[] = []
  let left = qty
  let proceeds = ZERO
  for (const lot of lots) {
    const taken = Decimal.min(left, lot.qty)
    if (taken.gt(0)) proceeds = proceeds.add(floor9(taken.mul(price)))
    if (taken.lt(lot.qty)) rest.push({ qty: lot.qty.sub(taken), price: lot.price })
    left = left.sub(taken)
  }
  return { qty: qty.sub(left), proceeds, rest }
}

/** Quantity of a percentage of the position, truncated; all of it at 100. */
export function shareOf(lots: readonly Lot[], percentage: number): Money {
  const all = quantityOf(lots)
  return percentage === 100 ? all : floor9(all.mul(percentage).div(100))
}
