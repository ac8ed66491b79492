/**
 * The trading rules a second time, in integers: lamports as bigint, prices as bigint with 30 decimals, no Decimal anywhere.
 * Deliberately naive; the property test holds the engine against it after every action.
 */
const SCALE = 10n ** 30n
const LAMPORT = 10n ** 9n

/** A price's text as an integer with 30 decimals. */
function scaled(text: string): bigint {
  const [whole = '0', fraction = ''] = text.split('.')
  return BigInt(whole) * SCALE + BigInt(fraction.padEnd(30, '0'))
}

/** An amount's text in lamports. */
export function lamports(text: string): bigint {
  const negative = text.startsWith('-')
  const [whole = '0', fraction = ''] = text.replace('-', '').split('.')
  const value = BigInt(whole) * LAMPORT + BigInt(fraction.padEnd(9, '0'))
  return negative ? -value : value
}

/** One player's money and bets in the naive model. */
export interface ModelSeat {
  cash: bigint
  lots: { qty: bigint; price: bigint }[]
  bet: { amount: bigint; end: number } | null
  short: bigint | null
}

/** A fresh seat. */
export function modelSeat(cash: string): ModelSeat {
  return { cash: lamports(cash), lots: [], bet: null, short: null }
}

/** Buys for `amount` lamports. */
export function modelBuy(seat: ModelSeat, amount: bigint, price: string): void {
  seat.cash -= amount
  seat.lots.push({ qty: (amount * SCALE) / scaled(price), price: scaled(price) })
}

/** Sells a percentage, oldest lots first. */
export function modelSell(seat: ModelSeat, percentage: bigint, price: string): void {
  let left = (seat.lots.reduce((sum, lot) => sum + lot.qty, 0n) * percentage) / 100n
  while (left > 0n) {
    const lot = seat.lots[0]!
    const taken = lot.qty < left ? lot.qty : left
    seat.cash += (taken * scaled(price)) / SCALE
    lot.qty -= taken
    left -= taken
    if (lot.qty === 0n) seat.lots.shift()
  }
}

/** A tick: shorts move, bets lose at their end or win by the rug, the rug sells all. */
export function modelTick(seat: ModelSeat, tick: number, before: string, after: string, rugged: boolean): void {
  if (seat.short !== null) {
    const value = (seat.short * (2n * scaled(before) - scaled(after))) / scaled(before)
    seat.short = value < 0n ? 0n : value
  }
  if (seat.bet !== null && rugged && tick <= seat.bet.end) {
    seat.cash += seat.bet.amount * 5n
    seat.bet = null
  } else if (seat.bet !== null && (rugged || tick >= seat.bet.end)) seat.bet = null
  if (!rugged) return
  modelSell(seat, 100n, after)
  seat.lots = []
  seat.cash += seat.short ?? 0n
  seat.short = null
}
