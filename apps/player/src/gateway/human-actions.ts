import type { OrderState, Source, SourceItem } from '@vectra/ingest'
import type { Clock } from '@vectra/schemas'
import type { HumanAction } from './page-orders.ts'

/** What a human did at the page, as a source to be recorded beside the feed. */
export interface HumanActions {
  /** Name `ui`; rows `ui_action` and `ui_order`, tied by the order's id. */
  readonly source: Source
  /** The click, before anything is sent because of it. */
  action(action: HumanAction): void
  /** What became of it, at every change. */
  order(state: OrderState): void
}

/** Held until the recorder takes them; a human makes a few a minute. */
const MAX_WAITING = 10_000

/** Collects actions for one reader. */
export function humanActions(clock: Clock): HumanActions {
  const waiting: SourceItem[] = []
  let wake: () => void = () => undefined

  const put = (eventName: string, gameId: string | null, payload: object): void => {
    if (waiting.length >= MAX_WAITING) waiting.shift()
    const text = JSON.stringify(payload)
    waiting.push({
      kind: 'record',
      record: { docType: 'system_event', eventName, at: clock.now(), gameId, text, payload: JSON.parse(text) },
    })
    wake()
  }

  return {
    source: {
      name: 'ui',
      origin: null,
      meta: { via: 'page' },
      // It connects to nothing: no time limit for a first connection.
      unhurried: true,
      async *items(signal) {
        const stop = (): void => wake()
        signal.addEventListener('abort', stop, { once: true })
        try {
          for (;;) {
            yield* waiting.splice(0)
            if (signal.aborted) return
            const { promise, resolve } = Promise.withResolvers<void>()
            wake = resolve
            if (waiting.length === 0 && !signal.aborted) await promise
          }
        } finally {
          signal.removeEventListener('abort', stop)
        }
      },
    },
    action({ request, control }) {
      const { id, kind, amount, percentage, shown, clientTime } = request
      put('ui_action', shown.gameId === '' ? null : shown.gameId, {
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
      put('ui_order', request.shown.gameId === '' ? null : request.shown.gameId, {
        id,
        phase,
        sent_at: sentAt,
        accepted_at: acceptedAt,
        reflected_at: reflectedAt,
        code,
        reason,
      })
    },
  }
}
