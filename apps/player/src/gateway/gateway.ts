import { emptyLiveState, type LiveState, type OrderGateway, reduceLiveState } from '@vectra/ingest'
import type { CancelTimer, Clock, EventEnvelope, EventSource } from '@vectra/schemas'
import type { Server, Socket } from 'socket.io'
import {
  type ControlRequest,
  EXTRA,
  FEED_ENDED,
  type Hello,
  type Link,
  type OrderAck,
  type PlayerMode,
  PROTOCOL,
  type RecordingNews,
} from '../protocol/messages.ts'
import type { HumanActions } from './human-actions.ts'
import { ackOf, controlOf, newsOf, ORDER_EVENTS, parseOrder } from './page-orders.ts'
import { openRelay } from './relay.ts'
import { linkOf, snapshotOf, truthOf } from './snapshot.ts'

/** What feeds the Live screen. */
export interface GatewayFeed {
  /** For the header: `simulator`, `public feed`, `browser`, `replay`. */
  readonly label: string
  readonly source: EventSource
  readonly url: string | null
  /** Every envelope in order, e.g. a subscription of a pipeline's bus. The gateway reads it to its end. */
  readonly events: AsyncIterable<EventEnvelope>
  /** Where clicks go; absent: the page watches only. */
  readonly orders?: OrderGateway | undefined
  /** Told of every action of the human before it is carried out, and of what became of it. */
  readonly actions?: Pick<HumanActions, 'action' | 'order'> | undefined
  /** How the recording goes. */
  readonly recording?: (() => RecordingNews) | undefined
}

/** The way between feed and pages. */
export interface Gateway {
  readonly pages: number
  close(): Promise<void>
}

const NO_LINK: Link = { state: 'none', since: null, reason: null }
const RECORDING_EVERY_MS = 2_000

/** Relays the feed to every page, answers late ones with what they missed, and carries orders the other way. */
export function openGateway(options: {
  readonly io: Server
  readonly mode: PlayerMode
  readonly version: string
  readonly runId: string
  readonly feed: GatewayFeed | undefined
  readonly clock: Clock
}): Gateway {
  const { io, feed, clock } = options
  const pages = new Set<Socket>()
  const closing = new AbortController()
  const relay = openRelay()
  let state: LiveState = emptyLiveState
  let connections = 0
  let cancelTimer: CancelTimer | undefined

  const write = (text: string): void => {
    for (const page of pages) page.conn.write(text)
  }
  const tell = (name: string, message: unknown): void => {
    for (const page of pages) page.emit(name, message)
  }

  /** The switches as the pages know them. What turns them (a login, a lost connection, a loss) comes with the feed. */
  let told = ''
  const tellControl = (orders: OrderGateway): void => {
    const control = controlOf(orders)
    told = JSON.stringify(control)
    tell(EXTRA.control, control)
  }

  async function readFeed(events: AsyncIterable<EventEnvelope>): Promise<void> {
    for await (const event of events) {
      if (closing.signal.aborted) return
      const before = state
      state = reduceLiveState(state, event)
      const { texts, finished } = relay.take(event)
      for (const text of texts) write(text)
      if (finished.length > 0) tell(EXTRA.finished, finished)
      if (state.me !== before.me) tell(EXTRA.truth, truthOf(state))
      if (state.connection !== before.connection || (before.game === null && state.game !== null)) tell(EXTRA.link, linkOf(state))
      if (feed?.orders && JSON.stringify(controlOf(feed.orders)) !== told) tellControl(feed.orders)
    }
  }

  function feedEnded(): void {
    if (closing.signal.aborted) return
    state = { ...state, connection: { state: 'disconnected', since: clock.now(), reason: FEED_ENDED } }
    tell(EXTRA.link, linkOf(state))
  }

  async function readOrders(orders: OrderGateway): Promise<void> {
    for await (const order of orders.updates(closing.signal)) {
      feed?.actions?.order(order)
      tell(EXTRA.order, newsOf(order))
      tellControl(orders)
    }
  }

  function listenTo(page: Socket, connection: string, orders: OrderGateway): void {
    for (const event of ORDER_EVENTS) {
      page.on(event, async (...args: unknown[]) => {
        const reply = args.at(-1)
        const ack = typeof reply === 'function' ? (reply as (answer: OrderAck) => void) : () => undefined
        const parsed = parseOrder(event, typeof reply === 'function' ? args.slice(0, -1) : args, {
          connection,
          now: clock.now() / 1_000,
          game: state.game,
        })
        if ('refused' in parsed) return ack(parsed.refused)
        feed?.actions?.action(parsed.action)
        ack(ackOf(await orders.place(parsed.action.request)))
      })
    }
    page.on(EXTRA.control, (request: ControlRequest | undefined, ack?: (answer: unknown) => void) => {
      const { control } = orders
      if (request?.do === 'arm') control.arm()
      if (request?.do === 'disarm') control.disarm()
      if (request?.do === 'kill')
        control.kill(typeof request.reason === 'string' ? request.reason.slice(0, 200) : 'by the player')
      tellControl(orders)
      if (typeof ack === 'function') ack(controlOf(orders))
    })
  }

  function welcome(page: Socket): void {
    const connection = `${options.runId}-${++connections}`
    const hello: Hello = {
      protocol: PROTOCOL,
      version: options.version,
      mode: options.mode,
      runId: options.runId,
      connection,
      feed: feed === undefined ? null : { label: feed.label, source: feed.source, url: feed.url },
      orders: feed?.orders !== undefined,
      now: clock.now() / 1_000,
    }
    page.emit(EXTRA.hello, hello)
    page.emit(EXTRA.link, feed === undefined ? NO_LINK : linkOf(state))
    if (feed?.orders) {
      page.emit(EXTRA.control, controlOf(feed.orders))
      listenTo(page, connection, feed.orders)
    }
    if (feed?.recording) page.emit(EXTRA.recording, feed.recording())
    page.emit(EXTRA.snapshot, snapshotOf(state, relay.history))
    for (const text of relay.present()) page.conn.write(text)
    const truth = truthOf(state)
    if (truth !== null) page.emit(EXTRA.truth, truth)
    page.on(EXTRA.clock, (ack: unknown) => {
      if (typeof ack === 'function') ack(clock.now() / 1_000)
    })
    pages.add(page)
    page.on('disconnect', () => pages.delete(page))
  }

  function reportRecording(): void {
    cancelTimer = clock.timer(RECORDING_EVERY_MS, () => {
      if (pages.size > 0 && feed?.recording) tell(EXTRA.recording, feed.recording())
      reportRecording()
    })
  }

  io.on('connection', welcome)
  if (feed !== undefined) {
    // Whoever records the feed says why it broke; to the pages it is over either way.
    void readFeed(feed.events).then(feedEnded, feedEnded)
    if (feed.orders) void readOrders(feed.orders)
    if (feed.recording) reportRecording()
  }
  return {
    get pages() {
      return pages.size
    },
    async close() {
      closing.abort()
      cancelTimer?.()
    },
  }
}
