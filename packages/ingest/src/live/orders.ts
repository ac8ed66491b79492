import type { EventEnvelope, Micros } from '@vectra/schemas'
import { isOwnRequest } from './requests.ts'
import { exactOf, serverNumber } from './server-number.ts'
import { type LiveOrder, type LiveState, ORDERS_KEPT } from './state.ts'

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
    if (reason !== null) return { ...order, status: 'rejected', ackedAt: event._ts, reason }
    return { ...order, status: order.reflectedAt === null ? 'accepted' : 'reflected', ackedAt: event._ts, reason: null }
  })
}

/** The server told the player's state: what was ordered before is in it, or will not be. */
export function reflect(state: LiveState, event: EventEnvelope): LiveState {
  return mapOrders(state, (order) => {
    if (order.reflectedAt !== null || order.status === 'rejected' || order.sessionId !== event._session_id) return order
    return { ...order, reflectedAt: event._ts, status: order.status === 'accepted' ? 'reflected' : order.status }
  })
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
