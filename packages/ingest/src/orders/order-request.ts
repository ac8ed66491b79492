import { type Decimal, toDecimal } from '@vectra/schemas'
import type { OrderKind, OrderRequest } from './order-gateway.ts'

/** Name of the frame that carries an order. */
export const ORDER_EVENTS: Readonly<Record<OrderKind, string>> = {
  buy: 'buyOrder',
  sell: 'sellOrder',
  sidebet: 'requestSidebet',
}

/** Address of SOL itself: a sidebet names its coin. */
const SOL_ADDRESS = 'So11111111111111111111111111111111111111112'

const UUID_V7 = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/
/** At most a lamport fine and a million SOL large: such a number survives a JSON double digit for digit. */
const AMOUNT = /^(?:0|[1-9]\d{0,5})(?:\.\d{1,9})?$/
const PRICE = /^\d{1,20}(?:\.\d{1,40})?$/

/** What makes a request no order; null when it is one. Requests come from a screen, so nothing about them is taken for granted. */
export function faultOf(request: OrderRequest): string | null {
  if (typeof request !== 'object' || request === null) return 'the order is no object'
  const { id, kind, amount, percentage, shown, clientTime } = request
  if (typeof id !== 'string' || !UUID_V7.test(id)) return 'the id is no UUIDv7'
  if (kind !== 'buy' && kind !== 'sell' && kind !== 'sidebet') return 'the kind is buy, sell or sidebet'
  if (kind === 'sell') {
    if (amount !== undefined) return 'a sell takes a percentage, no amount'
    if (percentage !== 10 && percentage !== 25 && percentage !== 50 && percentage !== 100)
      return 'the percentage is 10, 25, 50 or 100'
  } else {
    if (percentage !== undefined) return `a ${kind} takes an amount, no percentage`
    if (typeof amount !== 'string' || !AMOUNT.test(amount)) return 'the amount is SOL as text with at most 9 decimals, e.g. 0.001'
    if (toDecimal(amount).lte(0)) return 'the amount is above 0'
  }
  if (typeof shown !== 'object' || shown === null || typeof shown.gameId !== 'string' || typeof shown.price !== 'string')
    return 'what was shown is missing: gameId, tick, price'
  if (!Number.isSafeInteger(shown.tick) || shown.tick < 0 || !PRICE.test(shown.price)) return 'the tick or price shown is none'
  if (!Number.isSafeInteger(clientTime)) return 'clientTime is whole microseconds'
  return null
}

/** Trace id of an order's frames, 32 hex digits: its own id without dashes. */
export function traceOfOrder(id: string): string {
  return id.replaceAll('-', '')
}

/** SOL that the order stakes; 0 for a sell. */
export function stakeOf(request: OrderRequest): Decimal {
  return toDecimal(request.amount ?? '0')
}

/** The frame's payload. The amount is a JSON number that prints the same value. */
export function payloadOfOrder(request: OrderRequest): Readonly<Record<string, unknown>> {
  if (request.kind === 'sell') return { percentage: request.percentage }
  const amount = Number(request.amount)
  return request.kind === 'buy' ? { amount } : { amount, coinAddress: SOL_ADDRESS, xPayout: 5 }
}

/** Does a frame that left say what was asked for? */
export function saysTheSame(request: OrderRequest, exact: (key: string) => Decimal | undefined): boolean {
  if (request.kind === 'sell') return exact('percentage')?.eq(request.percentage ?? -1) === true
  return exact('amount')?.eq(stakeOf(request)) === true
}
