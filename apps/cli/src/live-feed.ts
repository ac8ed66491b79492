import type { EventStore } from '@vectra/event-store'
import { type OrderGateway, systemClock } from '@vectra/ingest'
import { type GatewayFeed, humanActions, type RecordingNews } from '@vectra/player'
import type { Recorder, SourceConfig } from '@vectra/recorder'
import type { EventEnvelope } from '@vectra/schemas'

/** A source that is recorded and shown, with the orders that go beside it. */
export interface LiveFeed {
  /** To be recorded: the feed, and what the human does. */
  readonly sources: readonly [SourceConfig, ...SourceConfig[]]
  readonly feed: GatewayFeed
  /** The recording runs: the feed begins. */
  started(recorder: Recorder, store: EventStore): void
  /** What the store waits out by itself; null: it writes again. */
  fault(message: string | null): void
}

/** Envelopes held for a page's gateway that does not keep up; older ones go. */
const CAPACITY = 4_096

/**
 * Ties a recording and a page together: the page is fed by what the recorder reads from `sources[shown]`.
 *
 * @param shown place of the source that feeds the page
 */
export function liveFeed(options: {
  readonly label: string
  readonly url: string | null
  readonly sources: readonly [SourceConfig, ...SourceConfig[]]
  readonly shown: number
  readonly orders?: OrderGateway | undefined
}): LiveFeed {
  const { sources, shown, orders } = options
  const begun = Promise.withResolvers<AsyncIterable<EventEnvelope>>()
  const actions = humanActions(systemClock())
  const what = sources[shown]
  let running: { recorder: Recorder; store: EventStore } | undefined
  let fault: string | null = null

  async function* events(): AsyncGenerator<EventEnvelope> {
    yield* await begun.promise
  }
  const recording = (): RecordingNews => {
    const { events: received = 0, stored = 0, gaps = 0 } = running?.recorder.status() ?? {}
    return { recording: running !== undefined, events: received, stored, gaps, fault }
  }
  return {
    sources:
      orders === undefined ? sources : [...sources, { kind: 'ready', name: 'actions at the page', source: actions.source }],
    feed: {
      label: options.label,
      source: what === undefined || what.kind === 'ready' ? 'ui' : what.kind,
      url: options.url,
      events: events(),
      ...(orders === undefined ? {} : { orders, actions }),
      recording,
    },
    started(recorder, store) {
      running = { recorder, store }
      begun.resolve(recorder.subscribe(shown, { policy: 'lossy', capacity: CAPACITY }))
    },
    fault: (message) => {
      fault = message
    },
  }
}
