import { createInterface } from 'node:readline'

/** A request as it came in. */
export interface FakeRequest {
  readonly id?: number | string
  readonly method: string
  readonly params?: Readonly<Record<string, unknown>>
}

/** What a fake does with a request: a result to send, or nothing when it answered (or did not) by itself. */
export type FakeHandler = (request: FakeRequest) => unknown

/** Writes one message. */
export function send(message: unknown): void {
  process.stdout.write(`${JSON.stringify(message)}\n`)
}

/** Speaks the older era over stdio by hand, so that a fake may break any rule. */
export function serveFake(handlers: Readonly<Record<string, FakeHandler>>): void {
  createInterface({ input: process.stdin }).on('line', (line) => {
    const request = JSON.parse(line) as FakeRequest
    const handler = handlers[request.method]
    if (request.id === undefined) return void handler?.(request)
    if (handler === undefined) {
      send({ jsonrpc: '2.0', id: request.id, error: { code: -32_601, message: `no ${request.method} here` } })
      return
    }
    const result = handler(request)
    if (result !== undefined) send({ jsonrpc: '2.0', id: request.id, result })
  })
  process.stdin.on('end', () => process.exit(0))
}

/** The handshake of the older era. */
export function initialize(name: string): FakeHandler {
  return () => ({ protocolVersion: '2025-06-18', capabilities: { tools: {} }, serverInfo: { name, version: '0.0.1' } })
}

/** A tool of `tools/list`. */
export function tool(name: string, properties: Readonly<Record<string, object>> = {}, description = 'A tool.'): object {
  return { name, description, inputSchema: { type: 'object', properties } }
}

/** A result of one or more text blocks. */
export function text(...blocks: readonly string[]): object {
  return { content: blocks.map((block) => ({ type: 'text', text: block })) }
}
