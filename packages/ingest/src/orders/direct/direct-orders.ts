import type { Clock, Random } from '@vectra/schemas'
import type { BackoffOptions } from '../../backoff.ts'
import { redactRaw } from '../../redact.ts'
import type { Source } from '../../source.ts'
import { OrderDesk } from '../desk.ts'
import type { OrderGateway, OrderLimits } from '../order-gateway.ts'
import { ORDER_EVENTS, payloadOfOrder, traceOfOrder } from '../order-request.ts'
import { LiveFrames } from './live-frames.ts'
import { OrderSocket } from './order-socket.ts'

/** What {@link directOrders} needs. */
export interface DirectOrdersOptions extends OrderLimits {
  /** Socket.IO URL of a server that accepts a token, e.g. a simulator's. */
  readonly url: string
  /** Sent in the handshake as `auth.token`. Never logged, and cut out of the frames of `source`. */
  readonly token: string
  readonly clock: Clock
  readonly random: Random
  /** Default `/socket.io`. */
  readonly path?: string
  /** Query of the handshake. Default `{ 'frontend-version': '1.0' }`. */
  readonly query?: Readonly<Record<string, string>>
  /** Extra headers of the handshake, e.g. `Origin`. */
  readonly headers?: Readonly<Record<string, string>>
  /** Waits between connections, which never end by themselves. Default 250 ms doubling to 5 s, ± 50 %. */
  readonly backoff?: BackoffOptions
  /** An order without an ack for so long is unknown. Default 2,000 ms. */
  readonly answerWithinMs?: number
  /** How long `place` waits for the account state after an ack. Default 2,000 ms. */
  readonly reflectWithinMs?: number
}

/** A gateway with a socket of its own. */
export interface DirectOrders extends OrderGateway {
  /**
   * What its socket carries, both ways, secrets cut out: to record it, or to feed a screen. The first call of `items` begins
   * with the first connection, later ones with the present moment. A slow reader loses frames, counted as overflow.
   */
  readonly source: Source
  /** Why no order can leave now; null when one can. */
  obstacle(): string | null
}

/**
 * Orders over a socket of our own, logged in with a token.
 *
 * The socket reconnects for ever, but nothing waits for it: an order that cannot leave at once is rejected as `offline`.
 *
 * @throws TypeError when the URL is none or a limit is no amount
 */
export function directOrders(options: DirectOrdersOptions): DirectOrders {
  const url = new URL(options.url)
  if (!/^(https?|wss?):$/.test(url.protocol)) throw new TypeError(`url must be http(s) or ws(s), not ${url.protocol}`)
  const { clock, random } = options
  const frames = new LiveFrames(clock)
  const socket: OrderSocket = new OrderSocket({
    ...options,
    onFrame(frame) {
      desk.frame(frame)
      frames.frame(redactRaw(frame))
    },
    onStatus(status) {
      if (status.kind === 'disconnect') desk.down(status.connection, `the connection was lost (${status.reason})`)
      frames.status(status)
    },
  })
  const desk: OrderDesk = new OrderDesk(
    {
      obstacle: () => socket.obstacle(),
      send(request) {
        const left = socket.emit(ORDER_EVENTS[request.kind], trace(request.id, random), payloadOfOrder(request))
        return left ? { kind: 'sent' } : { kind: 'refused', code: 'offline', reason: 'the connection is not open' }
      },
    },
    options,
  )
  const close = async (): Promise<void> => {
    desk.close()
    socket.close()
    frames.close()
  }
  socket.start()
  return {
    place: (request) => desk.place(request),
    updates: (signal) => desk.updates(signal),
    control: desk,
    obstacle: () => socket.obstacle(),
    source: {
      name: 'ui',
      origin: null,
      meta: { via: 'direct', url: url.origin + url.pathname },
      items: (signal) => frames.items(signal),
    },
    close,
    [Symbol.asyncDispose]: close,
  }
}

/** Ties the order to everything the server emits because of it: the order's id is the id of the trace. */
function trace(id: string, random: Random): object {
  const span = Array.from(random.bytes(8), (byte) => byte.toString(16).padStart(2, '0')).join('')
  return { __trace: true, traceparent: `00-${traceOfOrder(id)}-${span}-01` }
}
