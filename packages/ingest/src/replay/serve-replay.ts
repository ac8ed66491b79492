import { createServer, type Server as HttpServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Clock } from '@vectra/schemas'
import { Server, type Socket } from 'socket.io'
import { nextTurn } from '../env.ts'
import { IngestError, messageOf } from '../errors.ts'
import type { ReplayControl } from './control.ts'
import { checkSpeed, type Speed } from './pace.ts'
import { play } from './player.ts'
import { isRepeatable, type ReplayRecords } from './records.ts'

/** What {@link serveReplay} needs. */
export interface ServeReplayOptions {
  readonly records: ReplayRecords
  readonly clock: Clock
  /** Default 0: any free port. */
  readonly port?: number
  /** Default `127.0.0.1`. Another address makes the recording readable from the network. */
  readonly host?: string
  /** Default 1: as recorded. `max` is as fast as each client reads. */
  readonly speed?: Speed
  /** Pause, single steps and speed for all clients: they share the replay, and `speed` is the control's. */
  readonly control?: ReplayControl
  /** Start again at the end. Default false. */
  readonly loop?: boolean
  /** When the recording starts: for each client as it connects, or once for all with the first client. Default `connect`; with a control `shared`. */
  readonly start?: 'connect' | 'shared'
  /** Leave clients connected after the end. Default false: they get a disconnect packet, then the socket is closed. */
  readonly keepOpen?: boolean
  /** Socket.IO path. Default `/socket.io`. */
  readonly path?: string
}

/** A running replay server. */
export interface ReplayServer extends AsyncDisposable {
  readonly url: string
  readonly host: string
  readonly port: number
  /** Clients connected now. */
  readonly clients: number
  /** Events written to clients so far. */
  readonly sent: number
  /** Resolves when a client has been sent the whole recording (`shared`: all present clients), or the server is closed. */
  readonly done: Promise<void>
  /** Hangs up and frees the port. Calling it twice is fine. */
  close(): Promise<void>
}

/** On their way to one client before the next event waits: enough to fill a pipe, little enough to stay responsive. */
const WINDOW_BYTES = 1024 * 1024
const WINDOW_MESSAGES = 256
/** Messages written before others get a turn: the kernel may take megabytes without ever making the writer wait. */
const TURN_MESSAGES = 64
/** A client of a shared replay that is this far behind is disconnected instead of filling memory. */
const LAG_BYTES = 64 * 1024 * 1024

/**
 * Serves a recording as a live Socket.IO feed, so that any client can connect to it.
 *
 * Every received event is written with its recorded text, byte for byte: messages go to the Engine.IO connection below the
 * Socket.IO encoder, which would parse and print them anew. Requests from clients are ignored.
 *
 * @throws IngestError `INGEST_PORT_IN_USE`, `INGEST_LISTEN_FAILED`
 * @throws TypeError for a speed that is none, records that can be read once only, or a control over clients that start by themselves
 */
export async function serveReplay(options: ServeReplayOptions): Promise<ReplayServer> {
  const { records, clock, control, port = 0, host = '127.0.0.1', speed = 1, loop = false, keepOpen = false } = options
  const { start = control === undefined ? 'connect' : 'shared' } = options
  checkSpeed(speed)
  if (control !== undefined && start !== 'shared')
    throw new TypeError('a control takes all clients through the replay: start is "shared"')
  if (!isRepeatable(records)) throw new TypeError('records must be readable again for every client: give an array or a function')
  const http = createServer()
  const io = new Server(http, { serveClient: false, perMessageDeflate: false, path: options.path ?? '/socket.io' })
  const closing = new AbortController()
  const finished = Promise.withResolvers<void>()
  const lines = new Map<string, ClientLine>()
  let sent = 0
  let sharing = false

  async function playTo(line: ClientLine): Promise<void> {
    const signal = AbortSignal.any([closing.signal, line.gone])
    await play(records, (message) => count(line.write(message)), { clock, speed, loop, signal })
    await line.flushed()
    if (signal.aborted) return
    if (!keepOpen) line.end()
    finished.resolve()
  }

  async function playToAll(): Promise<void> {
    const write = async (message: string | Uint8Array): Promise<void> => {
      const waits = [...lines.values()].map((line) => count(line.write(message)))
      // At max speed the slowest client sets the pace; on a clock it must not hold up the others.
      if ((control?.speed ?? speed) === 'max') await Promise.all(waits)
      for (const line of lines.values()) if (line.pendingBytes > LAG_BYTES) line.end()
    }
    await play(records, write, { clock, speed, control, loop, signal: closing.signal })
    await Promise.all([...lines.values()].map((line) => line.flushed()))
    if (!keepOpen) for (const line of lines.values()) line.end()
    finished.resolve()
  }

  function count(writing: Promise<void>): Promise<void> {
    sent += 1
    return writing
  }

  io.on('connection', (socket) => {
    const line = new ClientLine(socket)
    lines.set(socket.id, line)
    socket.on('disconnect', () => lines.delete(socket.id))
    if (start === 'connect') void playTo(line).catch(finished.reject)
    else if (!sharing) {
      sharing = true
      void playToAll().catch(finished.reject)
    }
  })
  finished.promise.catch(() => {})
  await listen(http, port, host)
  const address = http.address() as AddressInfo
  let closed: Promise<void> | null = null
  const close = (): Promise<void> => {
    closed ??= (async () => {
      closing.abort()
      const ended = io.close()
      http.closeAllConnections()
      await ended
      finished.resolve()
    })()
    return closed
  }
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${address.port}`,
    host,
    port: address.port,
    done: finished.promise,
    get clients() {
      return lines.size
    },
    get sent() {
      return sent
    },
    close,
    [Symbol.asyncDispose]: close,
  }
}

/** The way to one client: raw messages, with a window of bytes on their way. */
class ClientLine {
  readonly #socket: Socket
  readonly #gone = new AbortController()
  #pendingBytes = 0
  #pendingMessages = 0
  #written = 0
  #waiters: (() => void)[] = []

  constructor(socket: Socket) {
    this.#socket = socket
    socket.conn.on('close', () => {
      this.#gone.abort()
      this.#pendingBytes = 0
      this.#pendingMessages = 0
      this.#wake()
    })
  }

  /** Aborts when the client is gone. */
  get gone(): AbortSignal {
    return this.#gone.signal
  }

  get pendingBytes(): number {
    return this.#pendingBytes
  }

  /** Writes a message as it stands; resolves when the window has room for the next. */
  async write(message: string | Uint8Array): Promise<void> {
    if (this.#gone.signal.aborted) return
    const sizeBytes = typeof message === 'string' ? Buffer.byteLength(message) : message.length
    this.#pendingBytes += sizeBytes
    this.#pendingMessages += 1
    const data = typeof message === 'string' ? message : Buffer.from(message)
    this.#socket.conn.write(data, { compress: false }, () => {
      if (this.#gone.signal.aborted) return
      this.#pendingBytes -= sizeBytes
      this.#pendingMessages -= 1
      this.#wake()
    })
    this.#written += 1
    if (this.#written % TURN_MESSAGES === 0) await nextTurn()
    while (this.#pendingBytes > WINDOW_BYTES || this.#pendingMessages > WINDOW_MESSAGES)
      await new Promise<void>((resolve) => this.#waiters.push(resolve))
  }

  /** Resolves when everything was handed to the network, or the client is gone. */
  async flushed(): Promise<void> {
    while (this.#pendingMessages > 0) await new Promise<void>((resolve) => this.#waiters.push(resolve))
  }

  /** Disconnect packet, then the socket is closed. */
  end(): void {
    this.#socket.disconnect(true)
  }

  #wake(): void {
    for (const resolve of this.#waiters.splice(0)) resolve()
  }
}

function listen(http: HttpServer, port: number, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    http.once('error', (error: NodeJS.ErrnoException) => {
      const context = { host, port }
      if (error.code === 'EADDRINUSE') {
        reject(
          new IngestError('INGEST_PORT_IN_USE', `port ${port} on ${host} is in use; stop what uses it or choose another port`, {
            cause: error,
            context,
          }),
        )
      } else
        reject(
          new IngestError('INGEST_LISTEN_FAILED', `could not listen on ${host}:${port}: ${messageOf(error)}`, {
            cause: error,
            context,
          }),
        )
    })
    http.listen(port, host, () => resolve())
  })
}
