import { createHash, timingSafeEqual } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { localhostHostValidation, localhostOriginValidation, toNodeHandler } from '@modelcontextprotocol/node'
import { createMcpHandler, type McpServerFactory } from '@modelcontextprotocol/server'
import { McpError } from '../errors.ts'

/** Where and for whom to listen. */
export interface HttpOptions {
  /** Port on 127.0.0.1; 0 takes any free one. */
  readonly port: number
  /** What every request must carry as `Authorization: Bearer …`; at least 16 characters. */
  readonly token: string
  readonly onError?: ((error: Error) => void) | undefined
}

/** A listening server. */
export interface HttpServing {
  /** Address of the endpoint, e.g. `http://127.0.0.1:8787/mcp`. */
  readonly url: string
  close(): Promise<void>
}

const PATH = '/mcp'

/**
 * Serves both eras over Streamable HTTP, on loopback alone.
 *
 * A request is refused before it is read unless its Host and Origin are this machine's (a page of some site cannot reach it through a
 * name that resolves to 127.0.0.1) and it carries the token.
 *
 * @throws McpError MCP_ADDRESS for a short token; MCP_PORT_IN_USE
 */
export async function serveVectraHttp(factory: McpServerFactory, { port, token, onError }: HttpOptions): Promise<HttpServing> {
  if (token.length < 16)
    throw new McpError('MCP_ADDRESS', 'the bearer token needs at least 16 characters; make one with `openssl rand -hex 24`')
  const handler = createMcpHandler(factory, onError === undefined ? {} : { onerror: onError })
  const serve = toNodeHandler(handler)
  const [hostIsOurs, originIsOurs] = [localhostHostValidation(), localhostOriginValidation()]
  const wanted = digest(`Bearer ${token}`)
  const server = createServer((request: IncomingMessage, response: ServerResponse) => {
    if (!hostIsOurs(request, response) || !originIsOurs(request, response)) return
    if (!timingSafeEqual(digest(request.headers.authorization ?? ''), wanted)) {
      refuse(response, 401, 'a bearer token is needed', { 'WWW-Authenticate': 'Bearer realm="vectra"' })
    } else if (request.url?.split('?')[0] !== PATH) refuse(response, 404, `the endpoint is ${PATH}`)
    else void serve(request as IncomingMessage & { method: string; url: string }, response)
  })
  server.headersTimeout = 10_000
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) =>
      reject(
        cause.code === 'EADDRINUSE'
          ? new McpError('MCP_PORT_IN_USE', `port ${port} of 127.0.0.1 is taken`, { cause, context: { port } })
          : new McpError('MCP_ADDRESS', `cannot listen on 127.0.0.1:${port}: ${cause.message}`, { cause, context: { port } }),
      ),
    )
    server.listen(port, '127.0.0.1', resolve)
  })
  const { port: bound } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${bound}${PATH}`,
    async close() {
      await handler.close()
      const closed = new Promise<void>((resolve) => server.close(() => resolve()))
      server.closeAllConnections()
      await closed
    },
  }
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}

function refuse(response: ServerResponse, status: number, message: string, headers: Record<string, string> = {}): void {
  response.writeHead(status, { 'Content-Type': 'application/json', ...headers })
  response.end(JSON.stringify({ jsonrpc: '2.0', error: { code: -32_001, message }, id: null }))
}
