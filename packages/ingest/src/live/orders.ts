import type { EventEnvelope, Micros } from '@vectra/schemas'
import { type Holdings, proves } from '../orders/account.ts'
import { isOwnRequest } from './requests.ts'
import { exactOf, serverNumber } from './server-number.ts'
import { type LiveOrder, type LivePlayer, type LiveState, ORDERS_KEPT } from './state.ts'

/** An order without an ack for so long is of unknown fate. A late ack still settles it. */
export const UNKNOWN_AFTER_US = 2_000_000

/** A request of our own left. */
export function applyRequest(state: LiveState, event: EventEnvelope): LiveState {
  if (event.direction !== 'sent' || !isOwnRequest(event.event_name)) return state
  const exact = exactOf(event)
  const order: LiveOrder = {
    seq: event._seq,
    sessionId: event._session_id,
    request: event.event_name,
    gameId: event._game_id,
    amount: serverNumber(exact, ['amount']),
    percentage: serverNumber(exact, ['percentage']),
    traceId: event.trace_id,
    sentAt: event._ts,
    status: 'pending',
    ackedAt: null,
    effectAt: null,
    reflectedAt: null,
    reason: null,
  }
  return { ...state, orders: [...state.orders, order].slice(-ORDERS_KEPT) }
}

/** The answer to one. */
export function applyAck(state: LiveState, event: EventEnvelope): LiveState {
  const { acked } = event
  if (acked === null) return state
  return mapOrders(state, (order) => {
    if (order.seq !== acked.seq || order.sessionId !== event._session_id) return order
    const reason = refusalOf(event.payload)
    if (reason !== null) return { ...order, status: 'rejected', ackedAt: event._ts, reflectedAt: null, reason }
    return { ...order, status: order.reflectedAt === null ? 'accepted' : 'reflected', ackedAt: event._ts, reason: null }
  })
}

/** A trade or bet came: one with the trace of an order is its effect. */
export function applyEffect(state: LiveState, event: EventEnvelope): LiveState {
  if (event.trace_id === null) return state
  return mapOrders(state, (order) =>
    order.traceId === event.trace_id && order.sessionId === event._session_id && order.effectAt === null
      ? { ...order, effectAt: event._ts }
      : order,
  )
}

/**
 * The server told the player's state. It does so for many reasons: what was ordered before is in it when the order's ack or
 * effect came first, or when the change is exactly the order's and no other order is open.
 *
 * @param before the player before this event
 */
export function reflect(state: LiveState, event: EventEnvelope, before: LivePlayer | null): LiveState {
  const open = state.orders.filter((order) => order.reflectedAt === null && order.status !== 'rejected')
  return mapOrders(state, (order) => {
    if (order.reflectedAt !== null || order.status === 'rejected' || order.sessionId !== event._session_id) return order
    const shown = order.ackedAt !== null || order.effectAt !== null || (open.length === 1 && isChangeOf(order, before, state.me))
    if (!shown) return order
    return { ...order, reflectedAt: event._ts, status: order.status === 'accepted' ? 'reflected' : order.status }
  })
}

function isChangeOf(order: LiveOrder, before: LivePlayer | null, after: LivePlayer | null): boolean {
  if (before === null || after === null || before.sessionId !== after.sessionId) return false
  const stake = order.request === 'sellOrder' ? null : order.amount?.value
  return stake !== undefined && proves(holdingsOf(before), holdingsOf(after), stake)
}

function holdingsOf({ cash, totalInvested, positionQty }: LivePlayer): Holdings {
  return { cash: cash?.value, totalInvested: totalInvested?.value, positionQty: positionQty?.value }
}

/** The connection is gone: what was not acked will not be. */
export function orphan(state: LiveState, reason: string): LiveState {
  return mapOrders(state, (order) => (order.status === 'pending' ? { ...order, status: 'unknown', reason } : order))
}

/** Time passed. */
export function expire(state: LiveState, now: Micros): LiveState {
  return mapOrders(state, (order) =>
    order.status === 'pending' && now - order.sentAt > UNKNOWN_AFTER_US
      ? { ...order, status: 'unknown', reason: 'no answer in 2 s; check the position' }
      : order,
  )
}

function mapOrders(state: LiveState, change: (order: LiveOrder) => LiveOrder): LiveState {
  let changed = false
  const orders = state.orders.map((order) => {
    const next = change(order)
    changed ||= next !== order
    return next
  })
  return changed ? { ...state, orders } : state
}

/** Null when the ack accepts; the shape of a refusal is not captured, so every known form is read. */
function refusalOf(payload: unknown): string | null {
  if (typeof payload !== 'object' || payload === null || !('success' in payload) || payload.success !== false) return null
  for (const key of ['error', 'message', 'reason']) {
    const text = Object.hasOwn(payload, key) ? (payload as Record<string, unknown>)[key] : undefined
    if (typeof text === 'string' && text !== '') return text
  }
  return 'refused without a reason'
}
