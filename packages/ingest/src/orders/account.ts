import type { Decimal, ExactView, Micros, PlayerUpdate } from '@vectra/schemas'
import type { OrderRequest } from './order-gateway.ts'
import { stakeOf } from './order-request.ts'

/** The player's account as one `playerUpdate` told it. */
export interface Account {
  readonly at: Micros
  /** The socket it came on. */
  readonly connection: string
  readonly authenticated: boolean
  readonly cash: Decimal | undefined
  readonly totalInvested: Decimal | undefined
  readonly positionQty: Decimal | undefined
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
 * Does the change between two account states prove that the order is in the second? For an order that was alone on its way.
 *
 * The server tells the account before it acks, but it also tells it for other reasons: a state that came after the order left
 * may still be without it.
 *
 * @see domain/events.md sections 5.1, 5.7
 */
export function proves(before: Account, after: Account, request: OrderRequest): boolean {
  if (before.connection !== after.connection) return false
  if (request.kind === 'sell') return less(after.positionQty, before.positionQty) && !less(after.cash, before.cash)
  if (before.totalInvested === undefined || after.totalInvested === undefined) return false
  return after.totalInvested.minus(before.totalInvested).minus(stakeOf(request)).abs().lte(NOISE)
}

function less(now: Decimal | undefined, then: Decimal | undefined): boolean {
  return now !== undefined && then !== undefined && now.lt(then)
}
