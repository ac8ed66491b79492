import { createServer, type Server as HttpServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Server, type Socket } from 'socket.io'

/** A page with a game feed: numbered ticks, acked orders, and the ways a real page may hold its socket. */
export class Site implements AsyncDisposable {
  readonly #http: HttpServer
  readonly #io: Server
  readonly origin: string
  /** Same server under a name that is another site to the browser. */
  readonly otherOrigin: string
  /** Texts of the ticks sent so far. */
  readonly sent: string[] = []
  readonly orders: unknown[] = []
  /** Everything that pages handed over: logins, headers, addresses, events. */
  readonly heard: unknown[] = []
  readonly port: number

  private constructor(http: HttpServer, io: Server, port: number) {
    this.#http = http
    this.#io = io
    this.port = port
    this.origin = `http://127.0.0.1:${port}`
    this.otherOrigin = `http://localhost:${port}`
    io.on('connection', (socket) => {
      const { auth, headers, url } = socket.handshake
      this.heard.push(auth, headers, url)
      socket.onAny((...event: unknown[]) =>
        this.heard.push(...event.map((part) => (Buffer.isBuffer(part) ? part.toString() : part))),
      )
      socket.emit('usernameStatus', { id: 'did:privy:cm1', username: 'ann' })
      socket.on('buyOrder', (order: unknown, ack: (result: object) => void) => {
        this.orders.push(order)
        ack({ success: true })
      })
    })
  }

  static async start(): Promise<Site> {
    const http = createServer((request, response) => {
      const { pathname, searchParams } = new URL(request.url ?? '/', 'http://x')
      const script = pathname.endsWith('.js')
      response.setHeader('content-type', script ? 'text/javascript' : 'text/html')
      response.end(script ? (SCRIPTS[pathname] ?? '') : page(pathname, searchParams))
    })
    const io = new Server(http, { cors: { origin: '*' }, pingInterval: 60_000 })
    await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve))
    return new Site(http, io, (http.address() as AddressInfo).port)
  }

  get clients(): number {
    return this.#io.of('/').sockets.size
  }

  /** The next client that connects. */
  connection(): Promise<Socket> {
    return new Promise((resolve) => this.#io.once('connection', resolve))
  }

  /** The next client that joins the namespace `/feed`. */
  feedConnection(): Promise<Socket> {
    return new Promise((resolve) => this.#io.of('/feed').once('connection', resolve))
  }

  /** Lets go of clients whose pages are closed: one that was still polling would not say so for minutes. */
  empty(): void {
    this.#io.disconnectSockets(true)
    this.#io.of('/feed').disconnectSockets(true)
  }

  /** Sends the next numbered ticks to everybody. */
  tick(count: number, more: object = {}): void {
    for (let n = 0; n < count; n++) {
      const tick = { gameId: '20251212-6114b2ff44ef4b71', n: this.sent.length, price: 1.0625, ...more }
      this.sent.push(`42["tick",${JSON.stringify(tick)}]`)
      this.#io.emit('tick', tick)
    }
  }

  /** The same in the namespace `/feed`. */
  feedTick(count: number): void {
    for (let n = 0; n < count; n++) {
      const tick = { gameId: '20251212-6114b2ff44ef4b71', n: this.sent.length }
      this.sent.push(`42/feed,["tick",${JSON.stringify(tick)}]`)
      this.#io.of('/feed').emit('tick', tick)
    }
  }

  /** Ticks that keep coming until the result is disposed. */
  ticking(everyMs: number): Disposable {
    const timer = setInterval(() => this.tick(1), everyMs)
    return { [Symbol.dispose]: () => clearInterval(timer) }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = this.#io.close()
    this.#http.closeAllConnections()
    await closed
  }
}

const SOCKET = `importScripts('/socket.io/socket.io.js'); self.socket = io({ transports: ['websocket'] })`

/** Every way in which a page may hand over what nobody else may know. */
const SECRET_PAGE = `<script src="/socket.io/socket.io.js"></script><script>
document.cookie = 'session=cookie-s3cret'
window.socket = io({
  auth: { token: 'auth-s3cret-1', ticket: 'auth-s3cret-2', nested: { any: 'auth-s3cret-3' } },
  query: { access_token: 'query-s3cret' },
  extraHeaders: { Authorization: 'Bearer header-s3cret' },
})
socket.once('usernameStatus', () => {
  socket.emit('authenticate', 'bare-s3cret', { token: 'tok-s3cret' })
  socket.emit('blob', new TextEncoder().encode('{"token":"binary-s3cret"}'))
  socket.emit('note', { url: 'https://site/?token=url-s3cret', key: '${'5'.repeat(88)}', odds: 1.1 })
})
</script>`

const SCRIPTS: Readonly<Record<string, string>> = {
  '/worker.js': SOCKET,
  '/shared.js': SOCKET,
  '/service.js': `${SOCKET}; self.addEventListener('activate', (event) => event.waitUntil(self.clients.claim()))`,
}

function page(path: string, query: URLSearchParams): string {
  if (path === '/blank') return ''
  if (path === '/frame') return `<iframe src="${query.get('src')}"></iframe>`
  if (path === '/worker') return `<script>new Worker('/worker.js')</script>`
  if (path === '/shared') return `<script>window.shared = new SharedWorker('/shared.js')</script>`
  if (path === '/service') return `<script>navigator.serviceWorker.register('/service.js')</script>`
  if (path === '/secrets') return SECRET_PAGE
  const options =
    query.get('transports') === null ? '{}' : `{ transports: ${JSON.stringify(query.get('transports')?.split(','))} }`
  const namespace = query.get('namespace') ?? '/'
  return `<script src="/socket.io/socket.io.js"></script><script>window.socket = io('${namespace}', ${options})</script>`
}
