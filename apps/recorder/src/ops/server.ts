import type { AddressInfo } from 'node:net'
import { createAdaptorServer } from '@hono/node-server'
import { Hono } from 'hono'
import { RecorderError } from '../errors.ts'
import type { Readiness } from './readiness.ts'

/** What the endpoints show, asked anew for every request. */
export interface OpsViews {
  readonly health: () => object
  readonly readiness: () => Readiness
  readonly status: () => object
  readonly metrics: { readonly contentType: string; text(): Promise<string> }
}

/** The endpoints while they listen. */
export interface OpsServer extends AsyncDisposable {
  readonly port: number
  /** `http://127.0.0.1:9464` */
  readonly url: string
  /** Calling it again is fine. */
  close(): Promise<void>
}

/** Where it listens; nobody but this machine gets in. */
const HOST = '127.0.0.1'
/** Names under which a browser or a scraper may ask for this machine. Any other is a page that had its name point here. */
const HOST_NAMES: ReadonlySet<string> = new Set(['127.0.0.1', 'localhost', '[::1]'])
const ENDPOINTS = ['/healthz', '/readyz', '/status', '/metrics'] as const

/**
 * Serves the operations endpoints on loopback.
 *
 * @param port 0 for any free one
 * @throws RecorderError `RECORDER_PORT_IN_USE`, `RECORDER_LISTEN_FAILED`
 */
export async function serveOps(views: OpsViews, port: number): Promise<OpsServer> {
  const server = createAdaptorServer({ fetch: opsApp(views).fetch })
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  server.once('error', (cause: NodeJS.ErrnoException) => reject(listenError(port, cause)))
  server.listen(port, HOST, resolve)
  await promise
  // From here on a broken connection is its client's trouble.
  server.on('error', () => undefined)
  const { port: bound } = server.address() as AddressInfo
  let closing: Promise<void> | undefined
  const close = (): Promise<void> => {
    closing ??= new Promise((done) => {
      server.close(() => done())
      if ('closeAllConnections' in server) server.closeAllConnections()
    })
    return closing
  }
  return { port: bound, url: `http://${HOST}:${bound}`, close, [Symbol.asyncDispose]: close }
}

/** The endpoints as a handler of requests. */
export function opsApp({ health, readiness, status, metrics }: OpsViews): Hono {
  const app = new Hono()
  app.use(async (context, next) => {
    context.header('cache-control', 'no-store')
    context.header('x-content-type-options', 'nosniff')
    const host = hostName(context.req.header('host'))
    if (host === undefined || !HOST_NAMES.has(host))
      return context.json({ error: { code: 'OPS_HOST', message: 'only 127.0.0.1 and localhost are served' } }, 403)
    if (context.req.method !== 'GET' && context.req.method !== 'HEAD')
      return context.json({ error: { code: 'OPS_METHOD', message: 'only GET: nothing can be changed here' } }, 405, {
        allow: 'GET, HEAD',
      })
    return next()
  })
  app.get('/healthz', (context) => context.json(health()))
  app.get('/readyz', (context) => {
    const now = readiness()
    return context.json(now, now.ready ? 200 : 503)
  })
  app.get('/status', (context) => context.json(status()))
  app.get('/metrics', async (context) => context.body(await metrics.text(), 200, { 'content-type': metrics.contentType }))
  app.notFound((context) => context.json({ error: { code: 'OPS_PATH', message: `there are ${ENDPOINTS.join(', ')}` } }, 404))
  app.onError((error, context) => context.json({ error: { code: 'OPS_FAILED', message: error.message } }, 500))
  return app
}

function hostName(header: string | undefined): string | undefined {
  return header === undefined ? undefined : /^(\[[^\]]*\]|[^:]*)(?::\d+)?$/.exec(header.toLowerCase())?.[1]
}

function listenError(port: number, cause: NodeJS.ErrnoException): RecorderError {
  if (cause.code === 'EADDRINUSE')
    return new RecorderError('RECORDER_PORT_IN_USE', `port ${port} for status and metrics is taken on this machine`, {
      cause,
      context: { port, hint: 'another --ops-port, --ops-port 0 for any free one, or --ops-port off' },
    })
  return new RecorderError('RECORDER_LISTEN_FAILED', `cannot serve status and metrics on port ${port}: ${cause.message}`, {
    cause,
    context: { port },
  })
}
