import type { CancelTimer, Micros } from '@vectra/schemas'
import { Manager, type Socket } from 'socket.io-client'
import {
  type ConnectionEffect,
  type ConnectionInput,
  type ConnectionPolicy,
  type ConnectionState,
  IDLE,
  step,
} from '../connection.ts'
import { IngestError, messageOf } from '../errors.ts'
import { BoundedQueue } from '../queue.ts'
import { plainAddress } from '../redact.ts'
import type { ConnectionStatus, GapCause, SourceItem } from '../source.ts'
import type { PublicWsOptions } from './public-ws.ts'
import { listenOnlyParser } from './tap-parser.ts'

/** The part of the `ws` socket below engine.io-client that is needed to hold the server back and to hang up. */
interface LowSocket {
  readonly readyState?: number
  once?(event: 'close', listener: () => void): void
  pause?(): void
  resume?(): void
  terminate?(): void
}

/** An Engine.IO packet as engine.io-client announces it, before it acts on it. */
interface EnginePacket {
  type: string
  data?: unknown
}

const ENGINE_DIGITS: Readonly<Record<string, string>> = { open: '0', close: '1', ping: '2', pong: '3', upgrade: '5', noop: '6' }

/** `readyState` of a WebSocket that is gone. */
const CLOSED = 3

/** Close handshakes that the peer does not answer are cut after this long. */
const CLOSE_GRACE_MS = 1_000

/** One run of the public source: a Socket.IO client driven by the pure state machine of connection.ts. */
export class PublicWsSession {
  readonly #options: PublicWsOptions
  readonly #policy: ConnectionPolicy
  readonly #queue: BoundedQueue<SourceItem>
  readonly #manager: Manager
  readonly #socket: Socket
  readonly #staleMs: number
  #state: ConnectionState = IDLE
  /** Number of the present socket: callbacks of an older one are ignored. */
  #generation = 0
  #timers = new Set<CancelTimer>()
  #lastMessage = 0
  /** Private session id of connection state recovery; null without it. */
  #pid: string | null = null
  #paused = false
  /** Why the WebSocket of the present attempt failed: what polling says after it is less telling. */
  #refused: string | null = null
  #overflow: { from: Micros; missed: number } | null = null

  constructor(options: PublicWsOptions) {
    this.#options = options
    this.#staleMs = options.staleMs ?? 30_000
    this.#policy = {
      backoff: options.backoff ?? {},
      giveUpAfterMs: options.giveUpAfterMs ?? null,
      onServerDisconnect: options.onServerDisconnect ?? 'reconnect',
    }
    this.#queue = new BoundedQueue({
      maxItems: options.buffer?.maxItems ?? 4_096,
      maxWeight: options.buffer?.maxBytes ?? 32 * 1024 * 1024,
      weigh: (item) => (item.kind === 'frame' ? item.frame.text.length + 128 : 128),
    })
    this.#manager = new Manager(options.url, {
      autoConnect: false,
      reconnection: false,
      timeout: false as unknown as number, // typed as a number; `false` is the documented way to switch it off
      // A server or proxy that refuses WebSocket is polled; each new attempt asks for the WebSocket first.
      transports: ['websocket', 'polling'],
      tryAllTransports: true,
      path: options.path ?? '/socket.io',
      query: { ...(options.query ?? { 'frontend-version': '1.0' }) },
      ...(options.headers && { extraHeaders: { ...options.headers } }),
      parser: listenOnlyParser({
        received: (message) => this.#onMessage('received', message),
        sent: (message) => this.#onMessage('sent', message),
      }),
    })
    this.#socket = this.#manager.socket('/')
    this.#socket.on('connect_error', (error) => this.#onConnectError(this.#refused ?? reasonOf(error)))
    this.#socket.on('disconnect', (reason) => this.#onDisconnect(reason))
  }

  start(): void {
    this.#feed({ kind: 'start', at: this.#options.clock.monotonic() })
  }

  /** Hangs up; what was received is still handed out. Calling it again does nothing. */
  stop(): void {
    this.#feed({ kind: 'stop', at: this.#options.clock.monotonic() })
  }

  async *items(): AsyncGenerator<SourceItem, void, undefined> {
    for (;;) {
      const next = await this.#queue.next()
      if (next.done) return
      yield next.value
      this.#makeRoom()
    }
  }

  get #connection(): string {
    return `ws-${this.#generation}`
  }

  #feed(input: ConnectionInput): void {
    const { state, effects } = step(this.#state, input, this.#policy, this.#options.random.float())
    this.#state = state
    for (const effect of effects) this.#apply(effect)
  }

  #apply(effect: ConnectionEffect): void {
    switch (effect.do) {
      case 'open':
        this.#open()
        return
      case 'close':
        this.#close()
        return
      case 'wait':
        this.#after(effect.delayMs, () => this.#feed({ kind: 'retry', at: this.#options.clock.monotonic() }))
        return
      case 'end':
        this.#reportOverflow()
        this.#queue.end()
        return
      case 'give-up': {
        this.#reportOverflow()
        const seconds = Math.round(effect.downMs / 100) / 10
        const url = plainAddress(this.#options.url)
        const message = `no connection to ${url} for ${seconds} s (${effect.message}); check the URL and the network`
        this.#queue.fail(new IngestError('INGEST_SOURCE_UNAVAILABLE', message, { context: { url, downMs: effect.downMs } }))
      }
    }
  }

  #open(): void {
    this.#generation += 1
    this.#paused = false
    this.#refused = null
    const generation = this.#generation
    this.#socket.connect()
    this.#firstTransport()?.once('error', (error) => {
      if (generation === this.#generation) this.#refused = reasonOf(error)
    })
    this.#manager.engine.on('packet', (packet: EnginePacket) => {
      if (generation === this.#generation) this.#onEnginePacket('received', packet)
    })
    this.#manager.engine.on('packetCreate', (packet: EnginePacket) => {
      if (generation === this.#generation) this.#onEnginePacket('sent', packet)
    })
    this.#after(this.#options.connectTimeoutMs ?? 20_000, () => {
      if (generation === this.#generation && this.#state.phase === 'connecting') this.#onConnectError('timeout')
    })
  }

  #close(): void {
    for (const cancel of this.#timers) cancel()
    this.#timers.clear()
    const low = this.#low()
    this.#manager._close()
    if (!low || low.readyState === CLOSED) return
    if (this.#paused) {
      low.terminate?.()
      return
    }
    const cancel = this.#options.clock.timer(CLOSE_GRACE_MS, () => low.terminate?.())
    low.once?.('close', cancel)
  }

  /**
   * The server's CONNECT packet. Read here and not from the client's `connect` event, which comes a tick later and so after
   * events of the same TCP segment.
   */
  #onConnectPacket(message: string): void {
    if (this.#state.phase !== 'connecting') return
    const { sid, pid } = connectData(message)
    if (sid === null) return
    this.#refused = null
    const { opened: reconnect, attempt } = this.#state
    const recovered = pid !== null && pid === this.#pid
    this.#pid = pid
    this.#feed({ kind: 'opened', at: this.#options.clock.monotonic() })
    const details = { socketId: sid, transport: this.#manager.engine.transport.name, attempt }
    const connection = this.#connection
    if (reconnect) this.#status({ kind: 'reconnect', connection, recovered, details })
    else this.#status({ kind: 'connect', connection, details })
    this.#lastMessage = this.#options.clock.monotonic()
    this.#watch(this.#staleMs)
  }

  #onConnectError(message: string): void {
    if (this.#state.phase !== 'connecting') return
    const { attempt } = this.#state
    this.#status({ kind: 'connect_error', connection: this.#connection, message, details: { attempt: attempt + 1 } })
    this.#feed({ kind: 'failed', at: this.#options.clock.monotonic(), message })
  }

  #onDisconnect(reason: string): void {
    if (this.#state.phase !== 'open') return
    const byServer = reason === 'io server disconnect'
    const final = byServer && this.#policy.onServerDisconnect === 'end'
    this.#status({
      kind: 'disconnect',
      connection: this.#connection,
      reason,
      final,
      ...(this.#paused && { cause: 'backpressure' satisfies GapCause }),
    })
    this.#feed({ kind: 'closed', at: this.#options.clock.monotonic(), byServer })
  }

  /** Checks for silence, and again when the next moment has come at which it could be one. */
  #watch(delayMs: number): void {
    const generation = this.#generation
    this.#after(delayMs, () => {
      if (generation !== this.#generation || this.#state.phase !== 'open') return
      const now = this.#options.clock.monotonic()
      const silentMs = now - this.#lastMessage
      if (this.#paused) return this.#watch(this.#staleMs)
      if (silentMs < this.#staleMs) return this.#watch(this.#staleMs - silentMs)
      this.#status({ kind: 'stale', connection: this.#connection, silentMs: Math.round(silentMs) })
      this.#feed({ kind: 'stale', at: now })
    })
  }

  #onMessage(direction: 'received' | 'sent', message: string | Uint8Array): void {
    if (this.#state.phase === 'ended') return
    this.#frame(direction, typeof message === 'string' ? `4${message}` : message)
    if (direction === 'received' && typeof message === 'string' && message.startsWith('0')) this.#onConnectPacket(message)
    if (direction === 'sent' || (typeof message === 'string' && !/^[2356]/.test(message))) return
    this.#lastMessage = this.#options.clock.monotonic()
    if (this.#state.attempt > 0 || this.#state.downSince !== null) this.#feed({ kind: 'message', at: this.#lastMessage })
  }

  #onEnginePacket(direction: 'received' | 'sent', packet: EnginePacket): void {
    const digit = ENGINE_DIGITS[packet.type]
    if (digit === undefined) return
    if (this.#options.heartbeats || (packet.type !== 'ping' && packet.type !== 'pong')) {
      this.#frame(direction, digit + (typeof packet.data === 'string' ? packet.data : ''))
    }
    if (packet.type !== 'open' || direction === 'sent' || isHandshake(packet.data)) return
    // The client would throw on it, outside any try: take the packet away from it and hang up.
    packet.type = 'noop'
    this.#onConnectError('the server sent a malformed handshake')
  }

  #frame(direction: 'received' | 'sent', text: string | Uint8Array): void {
    const at = this.#options.clock.now()
    const { maxItems = 4_096, maxBytes = 32 * 1024 * 1024 } = this.#options.buffer ?? {}
    // A paused socket still hands over the rest of its segment, which is kept; only one that cannot be paused is cut.
    if (!this.#paused && (this.#queue.size >= 2 * maxItems || this.#queue.weight >= 2 * maxBytes)) {
      this.#overflow ??= { from: at, missed: 0 }
      this.#overflow.missed += 1
      return
    }
    this.#queue.push({ kind: 'frame', frame: { text, direction, at, connection: this.#connection } })
    if (!this.#queue.full || this.#paused) return
    const low = this.#low()
    if (!low?.pause) return
    low.pause()
    this.#paused = true
  }

  #makeRoom(): void {
    if (!this.#queue.full) this.#reportOverflow()
    if (!this.#paused || this.#queue.size > (this.#options.buffer?.maxItems ?? 4_096) / 2 || this.#queue.full) return
    this.#paused = false
    this.#lastMessage = this.#options.clock.monotonic()
    this.#low()?.resume?.()
  }

  #reportOverflow(): void {
    if (!this.#overflow) return
    const { from, missed } = this.#overflow
    this.#overflow = null
    this.#status({ kind: 'overflow', connection: this.#connection, from, missed })
  }

  #status(status: ConnectionStatus): void {
    this.#queue.push({ kind: 'status', status, at: this.#options.clock.now() })
  }

  #after(delayMs: number, fire: () => void): void {
    const cancel = this.#options.clock.timer(
      delayMs,
      () => {
        this.#timers.delete(cancel)
        fire()
      },
      { keepAlive: true },
    )
    this.#timers.add(cancel)
  }

  #firstTransport(): { once(event: 'error', listener: (error: Error) => void): void } | null {
    const engine = this.#manager.engine as unknown as {
      transport?: { once(event: 'error', listener: (error: Error) => void): void }
    }
    return engine.transport ?? null
  }

  #low(): LowSocket | null {
    const engine = this.#manager.engine as { transport?: { ws?: LowSocket | null } } | undefined
    return engine?.transport?.ws ?? null
  }
}

/** `0{"sid":…,"pid":…}` of the main namespace. */
function connectData(message: string): { sid: string | null; pid: string | null } {
  const data = parsed(message.slice(1)) as { sid?: unknown; pid?: unknown } | null
  return { sid: typeof data?.sid === 'string' ? data.sid : null, pid: typeof data?.pid === 'string' ? data.pid : null }
}

function isHandshake(data: unknown): boolean {
  const handshake = parsed(String(data)) as { sid?: unknown } | null
  return typeof handshake?.sid === 'string'
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

/** engine.io-client says only "websocket error"; what the network said (`connect ECONNREFUSED …`) stands in the event it wraps. */
function reasonOf(error: Error): string {
  const event: unknown = 'description' in error ? error.description : undefined
  const network =
    typeof event === 'object' && event !== null && 'message' in event && typeof event.message === 'string' ? event.message : ''
  return network === '' ? messageOf(error) : `${messageOf(error)}: ${network}`
}
