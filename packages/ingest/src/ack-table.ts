import type { AckedRequest, Micros } from '@vectra/schemas'

interface Pending {
  readonly seq: number
  readonly event: string
  readonly at: Micros
  readonly traceId: string | null
}

/** The request that an ack answers, and the trace they share. */
export interface Answered {
  readonly acked: AckedRequest
  readonly traceId: string | null
}

/** Requests kept per connection while their ack is out; the oldest is forgotten beyond it. */
const MAX_PENDING = 4_096

/**
 * Ties acks to their requests inside one connection.
 *
 * Ids count up per socket and are shared by all requests of one side, so (side, namespace, id) names a request. An ack
 * answers once; an id that is used again replaces the older request.
 *
 * @see domain/events.md section 2.2
 */
export class AckTable {
  readonly #pending = new Map<string, Pending>()

  /** Notes a request that carries an ack id. */
  request(direction: 'received' | 'sent', namespace: string, id: number, request: Pending): void {
    const key = keyOf(direction, namespace, id)
    this.#pending.delete(key)
    this.#pending.set(key, request)
    if (this.#pending.size <= MAX_PENDING) return
    const oldest = this.#pending.keys().next().value
    if (oldest !== undefined) this.#pending.delete(oldest)
  }

  /** The request that an ack seen in `direction` answers; null when it was not seen, or is answered already. */
  answer(direction: 'received' | 'sent', namespace: string, id: number, at: Micros): Answered | null {
    const key = keyOf(direction === 'received' ? 'sent' : 'received', namespace, id)
    const request = this.#pending.get(key)
    if (!request) return null
    this.#pending.delete(key)
    const acked = { seq: request.seq, event_name: request.event, latency_us: at - request.at }
    return { acked, traceId: request.traceId }
  }
}

function keyOf(direction: string, namespace: string, id: number): string {
  return `${direction} ${id} ${namespace}`
}
