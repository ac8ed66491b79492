import type { Decimal, ExactView, Micros, PlayerUpdate } from '@vectra/schemas'

/** What a player owns, by the server's word; undefined where it said nothing. */
export interface Holdings {
  readonly cash: Decimal | undefined
  readonly totalInvested: Decimal | undefined
  readonly positionQty: Decimal | undefined
}

/** The player's account as one `playerUpdate` told it. */
export interface Account extends Holdings {
  readonly at: Micros
  /** The socket it came on. */
  readonly connection: string
  readonly authenticated: boolean
}

/** Reads a `playerUpdate`. */
export function accountOf(update: PlayerUpdate, exact: ExactView, at: Micros, connection: string): Account {
  return {
    at,
    connection,
    authenticated: update.authenticated !== false,
    cash: exact.decimal(['cash']),
    totalInvested: exact.decimal(['totalInvested']),
    positionQty: exact.decimal(['positionQty']),
  }
}

/** Sums the server made carry float noise (`0.012000000000000002`); a thousandth of a lamport is above it. */
const NOISE = '0.000000000001'

/**
 * Could the change between two account states be the order's doing, and nothing else's that the server says yes to? For an order
 * that was alone on its way: with its ack this proves that the second state contains it.
 *
 * The server tells the account before it acks, but it also tells it for other reasons: a state that came after the order left
 * may still be without it.
 *
 * @param stake SOL of a buy or sidebet; null for a sell
 * @see domain/events.md sections 5.1, 5.7
 */
export function proves(before: Holdings, after: Holdings, stake: Decimal | null): boolean {
  if (stake === null) return less(after.positionQty, before.positionQty) && !less(after.cash, before.cash)
  if (before.totalInvested === undefined || after.totalInvested === undefined) return false
  return after.totalInvested.minus(before.totalInvested).minus(stake).abs().lte(NOISE)
}

function less(now: Decimal | undefined, then: Decimal | undefined): boolean {
  return now !== undefined && then !== undefined && now.lt(then)
}
