import { Decimal } from 'decimal.js'

/** Decimal places of SOL amounts, quantities and average costs: one lamport. */
export const LAMPORT_PLACES = 9

/**
 * This package's own Decimal: enough digits that no product or quotient of wire values is rounded before it is truncated,
 * and independent of what anybody sets on the shared constructor.
 */
export const Money = Decimal.clone({
  precision: 100,
  rounding: Decimal.ROUND_HALF_EVEN,
  toExpNeg: -100,
  toExpPos: 100,
  defaults: true,
})
export type Money = Decimal

/** Anything exact that can become `Money`. Numbers are taken by their shortest decimal text. */
export type MoneyInput = Decimal | string | number

/** No money. */
export const ZERO: Money = new Money(0)

/** Exact value of an input. */
export function money(input: MoneyInput): Money {
  return new Money(Decimal.isDecimal(input) ? input.toFixed() : input)
}

/** Truncates to lamports, as the server does everywhere: never rounds up, never away from zero. */
export function floor9(value: Money): Money {
  return value.toDecimalPlaces(LAMPORT_PLACES, Decimal.ROUND_DOWN)
}
