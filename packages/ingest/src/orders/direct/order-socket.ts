import type { CancelTimer, Clock, Random } from '@vectra/schemas'
import { Manager, type Socket } from 'socket.io-client'
import { type BackoffOptions, backoffDelay } from '../../backoff.ts'
import type { ConnectionStatus, RawFrame } from '../../source.ts'
import { gatedParser } from '../../sources/tap-parser.ts'

/** What {@link OrderSocket} needs. */
export interface OrderSocketOptions {
  readonly url: string
  readonly path?: string
  readonly query?: Readonly<Record<string, string>>
  readonly headers?: Readonly<Record<string, string>>
  /** Sent in the handshake; never logged, and cut out of recorded frames. */
  readonly token: string
  readonly backoff?: BackoffOptions
  readonly clock: Clock
  readonly random: Random
  onFrame(frame: RawFrame): void
  onStatus(status: ConnectionStatus): void
}

/** A logged-in socket that connects for ever and sends an event only when told to, at once or not at all. */
export class OrderSocket {
  readonly #options: OrderSocketOptions
  readonly #manager: Manager
  readonly #socket: Socket
  readonly #gate = { open: false }
  #generation = 0
  #attempt = 0
  #opened = false
  #announced = false
  #closed = false
  #lastError: string | null = null
  #retry: CancelTimer = () => {}

  constructor(options: OrderSocketOptions) {
    this.#options = options
    this.#manager = new Manager(options.url, {
      autoConnect: false,
      reconnection: false,
      transports: ['websocket'],
      path: options.path ?? '/socket.io',
      query: { ...(options.query ?? { 'frontend-version': '1.0' }) },
      ...(options.headers && { extraHeaders: { ...options.headers } }),
      parser: gatedParser(
        {
          received: (message) => this.#onMessage('received', message),
          sent: (message) => this.#onMessage('sent', message),
        },
        this.#gate,
      ),
    })
    this.#socket = this.#manager.socket('/', { auth: { token: options.token } })
    this.#socket.on('connect', () => this.#empty())
    this.#socket.on('connect_error', (error) => this.#onConnectError(error.message))
    this.#socket.on('disconnect', (reason) => this.#onDisconnect(reason))
  }

  start(): void {
    this.#generation += 1
    this.#socket.connect()
  }

  /** Why nothing can leave now; null when it can. */
  obstacle(): string | null {
    if (this.#socket.connected && this.#announced) return null
    return this.#lastError === null ? 'not connected' : `not connected: ${this.#lastError}`
  }

  /** Emits with an ack id. @returns whether a frame was handed to the open connection */
  emit(name: string, ...args: readonly unknown[]): boolean {
    if (this.obstacle() !== null) return false
    const before = this.#sentFrames
    this.#gate.open = true
    try {
      this.#socket.emit(name, ...args, () => {})
    } finally {
      this.#gate.open = false
      this.#empty()
    }
    return this.#sentFrames > before
  }

  /** Resolves when the socket is closed. Idempotent. */
  close(): void {
    if (this.#closed) return
    this.#closed = true
    this.#retry()
    if (this.#announced) this.#down('closed', true)
    this.#manager._close()
  }

  #sentFrames = 0

  get #connection(): string {
    return `order-${this.#generation}`
  }

  /** Nothing may wait for the next connection. */
  #empty(): void {
    this.#socket.sendBuffer = []
  }

  #onMessage(direction: 'received' | 'sent', message: string | Uint8Array): void {
    if (this.#closed) return
    if (direction === 'sent') this.#sentFrames += 1
    const text = typeof message === 'string' ? `4${message}` : message
    this.#options.onFrame({ text, direction, at: this.#options.clock.now(), connection: this.#connection })
    if (direction === 'received' && typeof message === 'string' && /^0(?:\{|$)/.test(message)) this.#onConnectPacket()
  }

  /** Read here and not from the client's `connect` event, which comes a tick later, after events of the same segment. */
  #onConnectPacket(): void {
    if (this.#announced) return
    this.#announced = true
    this.#attempt = 0
    this.#lastError = null
    const connection = this.#connection
    this.#options.onStatus(this.#opened ? { kind: 'reconnect', connection, recovered: false } : { kind: 'connect', connection })
    this.#opened = true
  }

  #onConnectError(message: string): void {
    if (this.#closed) return
    this.#lastError = message
    this.#options.onStatus({
      kind: 'connect_error',
      connection: this.#connection,
      message,
      details: { attempt: this.#attempt + 1 },
    })
    this.#later()
  }

  #onDisconnect(reason: string): void {
    this.#empty()
    if (this.#closed || !this.#announced) return
    this.#down(reason, false)
    this.#later()
  }

  #down(reason: string, final: boolean): void {
    this.#announced = false
    this.#options.onStatus({ kind: 'disconnect', connection: this.#connection, reason, final })
  }

  #later(): void {
    this.#manager._close()
    const delay = backoffDelay(this.#attempt, this.#options.random.float(), this.#options.backoff)
    this.#attempt += 1
    this.#retry()
    this.#retry = this.#options.clock.timer(delay, () => this.start(), { keepAlive: true })
  }
}
