import { createServer } from 'node:http'
import type { AddressInfo, Socket as TcpSocket } from 'node:net'
import { Server, type ServerOptions, type Socket } from 'socket.io'

/** A real Socket.IO server on loopback that a test can kick, silence and restart. */
export interface FeedServer extends AsyncDisposable {
  readonly url: string
  readonly port: number
  readonly io: Server
  /** The next client that connects. */
  next(): Promise<Socket>
  /** Resolves when nobody is connected any more. */
  empty(): Promise<void>
  /** Everything that clients sent as events. */
  readonly heard: unknown[][]
  close(): Promise<void>
}

/** Starts one. */
export async function feedServer(options: Partial<ServerOptions> & { port?: number } = {}): Promise<FeedServer> {
  const { port = 0, ...rest } = options
  const http = createServer()
  const tcp = new Set<TcpSocket>()
  http.on('connection', (socket) => {
    tcp.add(socket)
    socket.on('close', () => {
      tcp.delete(socket)
      if (tcp.size === 0) for (const resolve of emptyWaiters.splice(0)) resolve()
    })
  })
  const io = new Server(http, { serveClient: false, ...rest })
  const arrived: Socket[] = []
  const waiters: ((socket: Socket) => void)[] = []
  const emptyWaiters: (() => void)[] = []
  const heard: unknown[][] = []
  io.on('connection', (socket) => {
    socket.onAny((...event: unknown[]) => heard.push(event))
    const waiter = waiters.shift()
    if (waiter) waiter(socket)
    else arrived.push(socket)
  })
  await new Promise<void>((resolve) => http.listen(port, '127.0.0.1', resolve))
  const address = http.address() as AddressInfo
  let closed: Promise<void> | undefined
  const close = (): Promise<void> => {
    closed ??= (async () => {
      const ended = io.close()
      http.closeAllConnections()
      for (const socket of tcp) socket.destroy()
      await ended
    })()
    return closed
  }
  return {
    url: `http://127.0.0.1:${address.port}`,
    port: address.port,
    io,
    heard,
    next: () => new Promise((resolve) => (arrived.length > 0 ? resolve(arrived.shift() as Socket) : waiters.push(resolve))),
    empty: () => new Promise((resolve) => (tcp.size === 0 ? resolve() : emptyWaiters.push(resolve))),
    close,
    [Symbol.asyncDispose]: close,
  }
}
