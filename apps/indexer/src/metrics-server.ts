import { createServer } from 'node:http'
import { IndexerError } from './errors.ts'
import type { Indexer } from './indexer.ts'

/** A running endpoint for Prometheus. */
export interface MetricsServer extends AsyncDisposable {
  /** Address to scrape. */
  readonly url: string
  close(): Promise<void>
}

/**
 * Serves `GET /metrics` and `GET /healthz` of an indexer, on this machine only.
 *
 * @param port 0 takes a free one
 * @throws IndexerError INDEXER_PORT
 */
export async function serveMetrics(indexer: Pick<Indexer, 'metrics'>, port: number): Promise<MetricsServer> {
  const server = createServer((request, response) => {
    const answer = (status: number, type: string, text: string): void => {
      response
        .writeHead(status, { 'content-type': type, 'x-content-type-options': 'nosniff' })
        .end(request.method === 'HEAD' ? '' : text)
    }
    const path = request.url?.split('?')[0]
    // Only names of this machine: a page that a rebinding name points here is not one of them.
    if (!/^(?:127\.0\.0\.1|localhost|\[::1\])(?::\d+)?$/.test(request.headers.host ?? '')) answer(421, 'text/plain', 'not here\n')
    else if (request.method !== 'GET' && request.method !== 'HEAD') answer(405, 'text/plain', 'only GET\n')
    else if (path === '/healthz') answer(200, 'text/plain', 'ok\n')
    else if (path !== '/metrics') answer(404, 'text/plain', '/metrics or /healthz\n')
    else {
      indexer.metrics().then(
        (text) => answer(200, 'text/plain; version=0.0.4; charset=utf-8', text),
        () => answer(503, 'text/plain', 'the tables cannot be read now\n'),
      )
    }
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause) =>
      reject(
        new IndexerError('INDEXER_PORT', `port ${port} for metrics cannot be used; name another one, or 0 for a free one`, {
          cause,
          context: { port },
        }),
      ),
    )
    server.listen(port, '127.0.0.1', resolve)
  })
  const address = server.address()
  const close = async (): Promise<void> => {
    if (!server.listening) return
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  }
  return {
    url: `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : port}/metrics`,
    close,
    [Symbol.asyncDispose]: close,
  }
}
