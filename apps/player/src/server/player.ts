import { readFileSync } from 'node:fs'
import { createServer, type Server as HttpServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { getRequestListener } from '@hono/node-server'
import { systemClock, systemRandom } from '@vectra/ingest'
import type { Clock, Random } from '@vectra/schemas'
import { Server } from 'socket.io'
import { PlayerError } from '../errors.ts'
import { type GatewayFeed, openGateway } from '../gateway/gateway.ts'
import type { PlayerMode } from '../protocol/messages.ts'
import { application } from './application.ts'
import { refusal, tokenIs } from './guard.ts'
import type { RecordedPorts } from './recorded/ports.ts'
import { recordedStore } from './recorded/recorded-store.ts'
import { defaultWebDir, readStaticFiles } from './static-files.ts'

/** What {@link startPlayer} needs. */
export interface PlayerOptions {
  readonly mode: PlayerMode
  /** What feeds the Live screen; absent: there is none, recorded data only. */
  readonly feed?: GatewayFeed | undefined
  /** Data directory for the Replay and Data screens. */
  readonly dataDir?: string | undefined
  /** What Replay and Data can do besides reading the store. */
  readonly ports?: RecordedPorts | undefined
  /** Default 0: any free port. */
  readonly port?: number | undefined
  /** Default: a new one per run. Give one to let open pages survive a restart of the gateway. */
  readonly token?: string | undefined
  /** Default: the page built with this package. */
  readonly webDir?: string | undefined
  readonly clock?: Clock | undefined
  readonly random?: Random | undefined
}

/** A running player. */
export interface Player extends AsyncDisposable {
  /** What to open: carries the token in its fragment, which browsers send to nobody. */
  readonly url: string
  /** `http://127.0.0.1:<port>`. */
  readonly origin: string
  readonly port: number
  readonly token: string
  /** Pages connected now. */
  readonly pages: number
  /** Ends all connections and frees the port. Calling it twice is fine. */
  close(): Promise<void>
}

const HOST = '127.0.0.1'

/** Version of this package, from its own package.json: the same file from source and from the build. */
function packageVersion(): string {
  for (const path of ['../package.json', '../../package.json']) {
    try {
      const manifest = JSON.parse(readFileSync(new URL(path, import.meta.url), 'utf8')) as { name?: string; version?: string }
      if (manifest.name === '@vectra/player') return manifest.version ?? 'unknown'
    } catch {
      // The other place has it.
    }
  }
  return 'unknown'
}

/**
 * Serves the page, its API and its live feed on one port of this machine.
 *
 * Reached from loopback alone, with this server's own name, by pages of its own origin; API and feed also want the token.
 *
 * @throws PlayerError `PLAYER_PORT_IN_USE`, `PLAYER_LISTEN`
 */
export async function startPlayer(options: PlayerOptions): Promise<Player> {
  const { clock = systemClock(), random = systemRandom() } = options
  const token = options.token ?? Buffer.from(random.bytes(24)).toString('base64url')
  const runId = Buffer.from(random.bytes(8)).toString('hex')
  const version = packageVersion()
  const closing = new AbortController()
  const recorded = recordedStore(options.dataDir ?? null)
  const app = application({
    token,
    files: readStaticFiles(options.webDir ?? defaultWebDir()),
    api: {
      mode: options.mode,
      version,
      runId,
      dataDir: options.dataDir ?? null,
      recorded,
      ports: options.ports ?? {},
      clock,
      signal: closing.signal,
    },
  })
  const listener = getRequestListener(app.fetch)
  let port = 0
  const http = createServer((request, response) => {
    const refused = refusal(request, port)
    if (refused === null) return void listener(request, response)
    response.writeHead(refused.status, { 'Content-Type': 'text/plain; charset=utf-8' }).end(`${refused.message}\n`)
  })
  const io = new Server(http, {
    serveClient: false,
    perMessageDeflate: false,
    maxHttpBufferSize: 64 * 1024,
    pingInterval: 10_000,
    pingTimeout: 10_000,
    allowRequest: (request, allow) => allow(null, refusal(request, port) === null),
  })
  io.use((socket, next) => {
    if (tokenIs(token, socket.handshake.auth.token)) return next()
    const message = socket.handshake.auth.token === undefined ? 'no token' : 'token of an earlier run'
    next(Object.assign(new Error(message), { data: { code: 'PLAYER_TOKEN' } }))
  })
  try {
    port = await listen(http, options.port ?? 0)
  } catch (error) {
    await io.close()
    throw error
  }
  // A feed is read once and by one: whoever tries another port after a taken one still has all of it.
  const gateway = openGateway({ io, mode: options.mode, version, runId, feed: options.feed, clock })
  let closed: Promise<void> | undefined
  const close = (): Promise<void> => {
    closed ??= (async () => {
      closing.abort()
      await gateway.close()
      const ended = io.close()
      http.closeAllConnections()
      await ended
      await recorded.close()
      await options.ports?.close?.()
    })()
    return closed
  }
  const origin = `http://${HOST}:${port}`
  return {
    url: `${origin}/#token=${token}`,
    origin,
    port,
    token,
    get pages() {
      return gateway.pages
    },
    close,
    [Symbol.asyncDispose]: close,
  }
}

function listen(http: HttpServer, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    http.once('error', (cause: NodeJS.ErrnoException) => {
      const context = { host: HOST, port }
      reject(
        cause.code === 'EADDRINUSE'
          ? new PlayerError('PLAYER_PORT_IN_USE', `port ${port} is in use; stop what uses it or choose another`, {
              cause,
              context,
            })
          : new PlayerError('PLAYER_LISTEN', `cannot listen on ${HOST}:${port}: ${cause.message}`, { cause, context }),
      )
    })
    http.listen(port, HOST, () => resolve((http.address() as AddressInfo).port))
  })
}
