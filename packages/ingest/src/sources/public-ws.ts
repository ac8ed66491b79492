import type { Clock, Random } from '@vectra/schemas'
import type { BackoffOptions } from '../backoff.ts'
import { plainAddress } from '../redact.ts'
import type { Source } from '../source.ts'
import { PublicWsSession } from './public-ws-session.ts'

/** What {@link publicWsSource} needs. */
export interface PublicWsOptions {
  /** Socket.IO URL, e.g. `https://backend.rugs.fun`. */
  readonly url: string
  readonly clock: Clock
  readonly random: Random
  /** Default `/socket.io`. */
  readonly path?: string
  /** Query of the handshake. Default `{ 'frontend-version': '1.0' }`. */
  readonly query?: Readonly<Record<string, string>>
  /** Extra headers of the handshake, e.g. `Origin`. */
  readonly headers?: Readonly<Record<string, string>>
  /** An open connection without a message for this long is closed and made anew. Heartbeats do not count. Default 30,000 ms. */
  readonly staleMs?: number
  /** From opening to the server's CONNECT packet. Default 20,000 ms. */
  readonly connectTimeoutMs?: number
  /** Waits between attempts, which never end by themselves. Default 250 ms doubling to 5 s, ± 50 %. */
  readonly backoff?: BackoffOptions
  /** End with `INGEST_SOURCE_UNAVAILABLE` after this long without a message. Default null: never. */
  readonly giveUpAfterMs?: number | null
  /** A disconnect packet from the server: connect again, or take it as the end of the feed. Default `reconnect`. */
  readonly onServerDisconnect?: 'reconnect' | 'end'
  /** Items held while nobody pulls; beyond it the socket is paused. Default 4,096 items and 32 MiB. */
  readonly buffer?: { readonly maxItems?: number; readonly maxBytes?: number }
  /** Also yield Engine.IO pings and pongs as frames. Default false. */
  readonly heartbeats?: boolean
}

/**
 * The public feed: listens, never emits.
 *
 * Yields the exact text of every packet in both directions and a status for every change of the connection. It reconnects
 * for ever with the same Socket.IO session, so that a server with connection state recovery can replay what was missed.
 *
 * @throws TypeError when the URL is none
 */
export function publicWsSource(options: PublicWsOptions): Source {
  const url = new URL(options.url)
  if (!/^(https?|wss?):$/.test(url.protocol)) throw new TypeError(`url must be http(s) or ws(s), not ${url.protocol}`)
  return {
    name: 'public_ws',
    origin: null,
    meta: { url: plainAddress(options.url), path: options.path ?? '/socket.io' },
    async *items(signal) {
      if (signal.aborted) return
      const session = new PublicWsSession(options)
      const stop = (): void => session.stop()
      signal.addEventListener('abort', stop, { once: true })
      try {
        session.start()
        yield* session.items()
      } finally {
        signal.removeEventListener('abort', stop)
        session.stop()
      }
    },
  }
}
