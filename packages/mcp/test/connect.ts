import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client'
import { createMcpHandler } from '@modelcontextprotocol/server'
import { vectraServer } from '../src/index.ts'
import type { VectraPorts } from '../src/ports.ts'

/** The two eras a client may speak. */
export const ERAS = ['legacy', 'modern'] as const

/** How a client opens in an era. */
export function negotiation(era: (typeof ERAS)[number]) {
  return { versionNegotiation: { mode: era === 'legacy' ? ('legacy' as const) : { pin: '2026-07-28' } } }
}

/** A client of our server without a socket: the handler is the transport's `fetch`. */
export async function connectTo(
  ports: VectraPorts,
  era: (typeof ERAS)[number] = 'modern',
  now = () => Date.UTC(2025, 11, 13),
): Promise<Client> {
  const handler = createMcpHandler(vectraServer({ ports, version: '0.0.0', now }))
  const client = new Client({ name: 'test', version: '1' }, negotiation(era))
  const fetch = (url: string | URL, init?: RequestInit) => handler.fetch(new Request(url, init))
  await client.connect(new StreamableHTTPClientTransport(new URL('http://127.0.0.1/mcp'), { fetch }))
  return client
}
