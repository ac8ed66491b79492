import { Money, type MoneyInput, money } from './money.ts'

/** What the table plays with: real SOL, or the practice token. One player uses one of them in a game. */
export const COINS = ['solana', 'practice'] as const
export type Coin = (typeof COINS)[number]

/** Smallest and largest amounts of one order. */
export interface AmountLimits {
  readonly min: Money
  readonly max: Money
}

/** Published limits: 0.001 to 5 SOL, practice up to 10,000. */
export const AMOUNT_LIMITS: Readonly<Record<Coin, AmountLimits>> = {
  solana: { min: new Money('0.001'), max: new Money(5) },
  practice: { min: new Money('0.001'), max: new Money(10_000) },
}

/** Why an order was refused. Codes are stable. */
export type RefusalCode =
  | 'AMOUNT_INVALID'
  | 'AMOUNT_TOO_SMALL'
  | 'AMOUNT_TOO_LARGE'
  | 'PERCENTAGE_INVALID'
  | 'FUNDS'
  | 'PHASE'
  | 'PRESALE_IRREVOCABLE'
  | 'NO_POSITION'
  | 'NOTHING_TO_SELL'
  | 'SIDEBET_ACTIVE'
  | 'SHORT_ACTIVE'
  | 'NO_SHORT'
  | 'COIN_MIXED'
  | 'PLAYER_UNKNOWN'

/** A refused order changed nothing. */
export interface Refusal {
  readonly ok: false
  readonly code: RefusalCode
  readonly message: string
}

/** Shorthand for a refusal. */
export function refuse(code: RefusalCode, message: string): Refusal {
  return { ok: false, code, message }
}

/** An amount that may be staked: a number of at most `places` decimals within the limits. */
export function checkAmount(input: MoneyInput, coin: Coin, places: number): { ok: true; amount: Money } | Refusal {
  let amount: Money
  try {
    amount = money(input)
  } catch {
    return refuse('AMOUNT_INVALID', `${String(input)} is not an amount`)
  }
  const limits = AMOUNT_LIMITS[coin]
  if (!amount.isFinite() || amount.decimalPlaces() > places)
    return refuse('AMOUNT_INVALID', `an amount has at most ${places} decimals`)
  if (amount.lt(limits.min)) return refuse('AMOUNT_TOO_SMALL', `the smallest amount is ${limits.min.toFixed()}`)
  if (amount.gt(limits.max)) return refuse('AMOUNT_TOO_LARGE', `the largest amount is ${limits.max.toFixed()}`)
  return { ok: true, amount }
}

/** A share of the position: a whole number of per cent from 1 to 100. */
export function checkPercentage(input: unknown): { ok: true; percentage: number } | Refusal {
  if (typeof input === 'number' && Number.isInteger(input) && input >= 1 && input <= 100) return { ok: true, percentage: input }
  return refuse('PERCENTAGE_INVALID', 'percentage is a whole number from 1 to 100')
}
