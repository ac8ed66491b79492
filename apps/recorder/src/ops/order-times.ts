import { emptyLiveState, type LiveOrder, type LiveState, reduceLiveState } from '@vectra/ingest'
import type { EventEnvelope } from '@vectra/schemas'

/** How long the server took with orders that a batch settled, in seconds from the moment they left. */
export interface SettledOrders {
  /** Until the ack, yes or no. */
  readonly acks: readonly number[]
  /** Until the first account state that contains the order. Of accepted orders only. */
  readonly reflections: readonly number[]
}

/** Events that say something about orders beside requests and their acks. */
const EFFECTS: ReadonlySet<string> = new Set(['playerUpdate', 'standard/newTrade', 'currentSidebet'])

/** Follows the orders of each session, by the live state's own rules. Costs nothing where nobody orders. */
export class OrderTimes {
  readonly #states = new Map<string, LiveState>()

  /** @param batch events of one session, in order */
  take(batch: readonly EventEnvelope[]): SettledOrders {
    const acks: number[] = []
    const reflections: number[] = []
    for (const event of batch) {
      const before = this.#states.get(event._session_id) ?? emptyLiveState
      if (!matters(event, before)) continue
      const after = reduceLiveState(before, event)
      this.#states.set(event._session_id, after)
      for (const order of after.orders) {
        const known = before.orders.find(({ seq }) => seq === order.seq)
        if (known === order) continue
        if (order.ackedAt !== null && known?.ackedAt == null) acks.push((order.ackedAt - order.sentAt) / 1e6)
        if (isReflected(order) && (known === undefined || !isReflected(known)))
          reflections.push((order.reflectedAt - order.sentAt) / 1e6)
      }
    }
    return { acks, reflections }
  }

  /** The session ended. */
  forget(sessionId: string): void {
    this.#states.delete(sessionId)
  }
}

function matters({ direction, acked, event_name: name }: EventEnvelope, { orders }: LiveState): boolean {
  if (direction === 'sent' || acked !== null) return true
  return direction === 'received' && EFFECTS.has(name) && (orders.length > 0 || name === 'playerUpdate')
}

function isReflected(order: LiveOrder): order is LiveOrder & { readonly reflectedAt: number } {
  return order.status === 'reflected' && order.reflectedAt !== null
}
