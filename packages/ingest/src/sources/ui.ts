import type { Clock, Micros } from '@vectra/schemas'
import type { OrderRequest, OrderState } from '../orders/order-gateway.ts'
import { traceOfOrder } from '../orders/order-request.ts'
import { BoundedQueue } from '../queue.ts'
import type { Source, SourceItem } from '../source.ts'

/** One thing a human did. */
export interface UiAction {
  readonly request: OrderRequest
  /** The control that was used: `buy-button`, `key-b`. */
  readonly control: string
}

/** What {@link uiSource} needs. */
export interface UiSourceOptions {
  readonly clock: Clock
  /** Items held until the recorder takes them; beyond it new ones are dropped, counted, and a gap row. Default 10,000. */
  readonly maxItems?: number
}

/** A human's actions as a source to be recorded beside the feed. */
export interface UiSource extends Source {
  /** The click, before anything is sent because of it: row `ui_action`. */
  action(action: UiAction): void
  /** What became of it, at every change: row `ui_order`. */
  order(state: OrderState): void
  /** No more will come: the recording of it ends. */
  end(): void
}

/**
 * Records what a human did, as opposed to what the wire says of it: which control, the amount as text, the tick and the price
 * that were on the screen, and when by the clock of the screen.
 *
 * Every row carries the order's id, and as `trace_id` the id that the request's frame, its ack and the server's effects carry too
 * when the order left through our own socket. One reader; items wait for it.
 */
export function uiSource({ clock, maxItems = 10_000 }: UiSourceOptions): UiSource {
  const queue = new BoundedQueue<SourceItem>({ maxItems, maxWeight: Number.POSITIVE_INFINITY, weigh: () => 1 })
  let dropped: { from: Micros; missed: number } | null = null

  const put = (eventName: string, request: OrderRequest, payload: object): void => {
    const at = clock.now()
    if (queue.full) {
      dropped ??= { from: at, missed: 0 }
      dropped.missed += 1
      return
    }
    if (dropped !== null) {
      const { from, missed } = dropped
      dropped = null
      queue.push({ kind: 'status', status: { kind: 'overflow', connection: 'ui', from, missed }, at })
    }
    const text = JSON.stringify(payload)
    const gameId = request.shown.gameId === '' ? null : request.shown.gameId
    queue.push({
      kind: 'record',
      record: {
        docType: 'system_event',
        eventName,
        at,
        gameId,
        text,
        payload: JSON.parse(text),
        traceId: traceOfOrder(request.id),
      },
    })
  }

  return {
    name: 'ui',
    origin: null,
    meta: { via: 'page' },
    unhurried: true,
    async *items(signal) {
      const stop = (): void => queue.end()
      signal.addEventListener('abort', stop, { once: true })
      if (signal.aborted) stop()
      try {
        for (;;) {
          const next = await queue.next()
          if (next.done) return
          yield next.value
        }
      } finally {
        signal.removeEventListener('abort', stop)
      }
    },
    action({ request, control }) {
      const { id, kind, amount, percentage, shown, clientTime } = request
      put('ui_action', request, {
        id,
        control,
        kind,
        amount: amount ?? null,
        percentage: percentage ?? null,
        shown_tick: shown.tick,
        shown_price: shown.price,
        client_time: clientTime,
      })
    },
    order({ id, request, phase, sentAt, acceptedAt, reflectedAt, code, reason }) {
      put('ui_order', request, {
        id,
        phase,
        sent_at: sentAt,
        accepted_at: acceptedAt,
        reflected_at: reflectedAt,
        code,
        reason,
      })
    },
    end: () => queue.end(),
  }
}
