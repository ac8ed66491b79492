import type { EventSink } from '@vectra/ingest'
import type { Clock, EventEnvelope, Micros } from '@vectra/schemas'
import { OrderTimes, type SettledOrders } from './order-times.ts'

/** What one durable batch held, summed up. */
export interface AckedRows {
  readonly session: string
  readonly source: string
  /** From handing the batch to the store until it was fsynced. */
  readonly seconds: number
  /** Frames by event name. */
  readonly events: ReadonlyMap<string, number>
  readonly gaps: readonly { readonly cause: string; readonly missing: number }[]
  /** Connections that ended, by reason in a word. */
  readonly disconnects: readonly string[]
  /** Code of the first issue of each frame that has some. */
  readonly issues: readonly string[]
  /** Receive times of the first and last frame that carries data; null without one. */
  readonly firstFrameAt: Micros | null
  readonly lastFrameAt: Micros | null
  /** Orders that the server answered, or showed in the account. */
  readonly orders: SettledOrders
}

/** The same sink, telling what became durable and how long that took. Rows of a refused batch are not told. */
export function tellDurable(
  sink: EventSink,
  clock: Clock,
  tell: (rows: AckedRows, batch: readonly EventEnvelope[]) => void,
): EventSink {
  const orders = new OrderTimes()
  return {
    openSession: (info) => sink.openSession(info),
    endSession(sessionId, summary) {
      orders.forget(sessionId)
      return summary === undefined ? sink.endSession(sessionId) : sink.endSession(sessionId, summary)
    },
    async append(batch) {
      const begun = clock.monotonic()
      await sink.append(batch)
      const seconds = (clock.monotonic() - begun) / 1_000
      if (batch[0] !== undefined) tell({ ...sumUp(batch[0], batch, seconds), orders: orders.take(batch) }, batch)
    },
  }
}

/** Does this row hold a frame of the feed? Handshakes and heartbeats say nothing about it. */
export function carriesData({ packet, direction, doc_type }: EventEnvelope): boolean {
  return doc_type === 'ws_event' && direction === 'received' && /^(?:4[2356]|b)/.test(packet)
}

function sumUp(first: EventEnvelope, batch: readonly EventEnvelope[], seconds: number): Omit<AckedRows, 'orders'> {
  const events = new Map<string, number>()
  const gaps: { cause: string; missing: number }[] = []
  const disconnects: string[] = []
  const issues: string[] = []
  let firstFrameAt: Micros | null = null
  let lastFrameAt: Micros | null = null
  for (const event of batch) {
    if (event.doc_type === 'ws_event') events.set(event.event_name, (events.get(event.event_name) ?? 0) + 1)
    const issue = event.issues?.[0]
    if (issue !== undefined) issues.push(issue.code)
    if (carriesData(event)) {
      firstFrameAt ??= event._ts
      lastFrameAt = event._ts
    }
    if (event.doc_type !== 'system_event') continue
    if (event.event_name === 'gap') gaps.push(gapOf(event.payload))
    else if (event.event_name === 'disconnect' || event.event_name === 'stale' || event.event_name === 'connect_error')
      disconnects.push(reasonOf(event))
  }
  return {
    session: first._session_id,
    source: first._source,
    seconds,
    events,
    gaps,
    disconnects,
    issues,
    firstFrameAt,
    lastFrameAt,
  }
}

function gapOf(payload: unknown): { cause: string; missing: number } {
  const { cause, est_missing: missing } = (payload ?? {}) as { cause?: unknown; est_missing?: unknown }
  return { cause: typeof cause === 'string' ? cause : 'unknown', missing: typeof missing === 'number' ? Math.max(0, missing) : 0 }
}

/** Reasons of a socket are few and fixed; anything else is a word of the server's, and no label. */
const REASONS: ReadonlySet<string> = new Set([
  'io server disconnect',
  'io client disconnect',
  'ping timeout',
  'transport close',
  'transport error',
])

function reasonOf({ event_name: name, payload }: EventEnvelope): string {
  const { reason } = (payload ?? {}) as { reason?: unknown }
  if (name !== 'disconnect') return name
  return typeof reason === 'string' && REASONS.has(reason) ? reason : 'other'
}
