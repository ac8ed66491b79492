import type { Coin } from './limits.ts'
import { averageCost, type Lot, quantityOf } from './lots.ts'
import { floor9, type Money, ZERO } from './money.ts'
import type { Short } from './short.ts'
import type { Sidebet } from './sidebet.ts'

/** One player at a table. Balances outlive a game, the rest belongs to the current one. */
export interface Seat {
  readonly playerId: string
  cash: Record<Coin, Money>
  /** Coin of this game, fixed by the first stake. */
  coin: Coin | null
  lots: readonly Lot[]
  /** All stakes of this game; never reduced. */
  invested: Money
  bought: Money
  sold: Money
  sidebetPnl: Money
  shortPaid: Money
  shortReturned: Money
  sidebet: Sidebet | null
  short: Short | null
  /** Rises with every change, so that an unchanged seat is viewed once. */
  version: number
  viewed: { readonly version: number; readonly mark: Money; readonly view: SeatView } | null
}

/** What the feed shows of a player: the fields of a leaderboard entry and of `playerUpdate`. */
export interface SeatView {
  readonly playerId: string
  readonly coin: Coin
  readonly cash: Money
  readonly positionQty: Money
  readonly avgCost: Money
  readonly totalInvested: Money
  /** Realised plus unrealised at the mark price. */
  readonly regularPnl: Money
  /** Settled bets only: an open one counts nothing. */
  readonly sidebetPnl: Money
  readonly shortPnl: Money
  readonly pnl: Money
  /** `pnl / totalInvested × 100`; 0 when nothing was staked. */
  readonly pnlPercent: Money
  readonly sidebet: Sidebet | null
  readonly short: Short | null
  /** Whether the player staked anything in this game. */
  readonly active: boolean
}

/** A seat with balances and nothing played. */
export function openSeat(playerId: string, cash: Record<Coin, Money>): Seat {
  return { playerId, cash, version: 0, viewed: null, ...freshGame() }
}

/** Forgets the game that ended; balances stay. */
export function clearSeat(seat: Seat): void {
  Object.assign(seat, freshGame())
  seat.version += 1
}

/**
 * What the feed shows at a mark price (in tick frames that is the price of the tick before).
 *
 * The same object as before when nothing changed: a seat without position and short does not depend on the price.
 */
export function viewSeat(seat: Seat, mark: Money): SeatView {
  const known = seat.viewed
  if (known?.version === seat.version && (known.mark === mark || (seat.lots.length === 0 && seat.short === null)))
    return known.view
  const view = computeView(seat, mark)
  seat.viewed = { version: seat.version, mark, view }
  return view
}

function computeView(seat: Seat, mark: Money): SeatView {
  const qty = quantityOf(seat.lots)
  const regularPnl = seat.sold.add(floor9(qty.mul(mark))).sub(seat.bought)
  const shortPnl = seat.shortReturned.add(seat.short?.value ?? ZERO).sub(seat.shortPaid)
  const pnl = regularPnl.add(seat.sidebetPnl).add(shortPnl)
  const coin = seat.coin ?? 'solana'
  return {
    playerId: seat.playerId,
    coin,
    cash: seat.cash[coin],
    positionQty: qty,
    avgCost: averageCost(seat.lots),
    totalInvested: seat.invested,
    regularPnl,
    sidebetPnl: seat.sidebetPnl,
    shortPnl,
    pnl,
    pnlPercent: seat.invested.isZero() ? ZERO : pnl.div(seat.invested).mul(100),
    sidebet: seat.sidebet,
    short: seat.short,
    active: seat.coin !== null,
  }
}

function freshGame(): Omit<Seat, 'playerId' | 'cash' | 'version' | 'viewed'> {
  return {
    coin: null,
    lots: [],
    invested: ZERO,
    bought: ZERO,
    sold: ZERO,
    sidebetPnl: ZERO,
    shortPaid: ZERO,
    shortReturned: ZERO,
    sidebet: null,
    short: null,
  }
}
