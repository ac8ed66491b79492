import { McpError } from '../errors.ts'
import { type ChromaSource, documentsOf } from './chroma.ts'

/** A Chroma server, as `chroma run` starts one. */
export interface ChromaHttpOptions {
  /** E.g. `http://127.0.0.1:8000`. */
  readonly url: string
  readonly tenant?: string | undefined
  readonly database?: string | undefined
  /** Sent as `x-chroma-token`. */
  readonly token?: string | undefined
  /** For one request; default 60 s. */
  readonly timeoutMs?: number | undefined
}

/** A Chroma server over its own HTTP API (v2), without chroma-mcp in between. @throws McpError MCP_CONNECT when nothing answers there */
export async function openChromaHttp(options: ChromaHttpOptions): Promise<ChromaSource> {
  const { url, tenant = 'default_tenant', database = 'default_database', token, timeoutMs = 60_000 } = options
  const root = `${url.replace(/\/+$/, '')}/api/v2`
  const base = `${root}/tenants/${encodeURIComponent(tenant)}/databases/${encodeURIComponent(database)}/collections`
  const ids = new Map<string, string>()

  const ask = async (address: string, signal: AbortSignal | undefined, body?: object): Promise<unknown> => {
    const limit = AbortSignal.timeout(timeoutMs)
    let response: Response
    let text: string
    try {
      response = await fetch(address, {
        method: body === undefined ? 'GET' : 'POST',
        headers: { 'Content-Type': 'application/json', ...(token === undefined ? {} : { 'x-chroma-token': token }) },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        signal: signal === undefined ? limit : AbortSignal.any([limit, signal]),
      })
      text = await response.text()
    } catch (cause) {
      signal?.throwIfAborted()
      throw new McpError(
        limit.aborted ? 'MCP_TIMEOUT' : 'MCP_CONNECT',
        `no Chroma server answers at ${url}: ${reasonOf(cause)}`,
        { cause, context: { url } },
      )
    }
    if (response.status === 401 || response.status === 403)
      throw new McpError('MCP_AUTH', `the Chroma server at ${url} wants credentials`)
    if (!response.ok)
      throw new McpError('MCP_TOOL_FAILED', `Chroma answered ${response.status}: ${text.slice(0, 300)}`, {
        context: { status: response.status },
      })
    try {
      return JSON.parse(text)
    } catch (cause) {
      throw new McpError('MCP_RESULT', `what answers at ${url} is no Chroma server of version 1`, { cause })
    }
  }
  const collections = async (signal?: AbortSignal): Promise<readonly string[]> => {
    for (let offset = 0; ; offset += 100) {
      const page = await ask(`${base}?limit=100&offset=${offset}`, signal)
      if (!Array.isArray(page)) throw new McpError('MCP_RESULT', `what answers at ${url} is no Chroma server of version 1`)
      const before = ids.size
      for (const one of page as { id: string; name: string }[]) ids.set(one.name, one.id)
      if (page.length < 100 || ids.size === before) return [...ids.keys()].sort()
    }
  }
  const idOf = async (name: string, signal: AbortSignal | undefined): Promise<string> => {
    if (!ids.has(name)) await collections(signal)
    const id = ids.get(name)
    if (id === undefined)
      throw new McpError('MCP_TOOL_FAILED', `there is no collection "${name}"; there are ${[...ids.keys()].join(', ') || 'none'}`)
    return id
  }
  await ask(`${root}/heartbeat`, undefined)
  return {
    name: `Chroma at ${url}`,
    collections,
    async count(collection, signal) {
      return Number(await ask(`${base}/${await idOf(collection, signal)}/count`, signal))
    },
    async page(collection, { offset, limit }, signal) {
      const body = { offset, limit, include: ['documents', 'metadatas'] }
      return documentsOf(
        (await ask(`${base}/${await idOf(collection, signal)}/get`, signal, body)) as Record<string, unknown>,
        'get',
      )
    },
    close: async () => undefined,
    [Symbol.asyncDispose]: async () => undefined,
  }
}

function reasonOf(cause: unknown): string {
  const inner = cause instanceof Error && cause.cause instanceof Error ? cause.cause : cause
  return inner instanceof Error ? inner.message : String(inner)
}
