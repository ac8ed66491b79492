import {
  type CallToolResult,
  Client,
  SdkHttpError,
  StreamableHTTPClientTransport,
  type Tool,
  UnauthorizedError,
} from '@modelcontextprotocol/client'
import { McpError } from '../errors.ts'
import { StdioPeerTransport, type StdioServer } from './stdio-transport.ts'

/** A server reached over HTTP. */
export interface HttpServer {
  readonly url: string
  readonly headers?: Readonly<Record<string, string>> | undefined
}

/** Where a server is. */
export type PeerAddress = StdioServer | HttpServer

/** Which protocol to open with: the one every server knows, or the newer one first. */
export type EraChoice = 'legacy' | 'auto'

/** Bounds of a connection. */
export interface PeerOptions {
  /** For starting, the handshake and the list of tools together; default 10 s. */
  readonly connectMs?: number | undefined
  /** For one call; default 30 s. */
  readonly callMs?: number | undefined
  /** Default `legacy`: it costs nothing, and every server of today answers it. */
  readonly era?: EraChoice | undefined
  readonly signal?: AbortSignal | undefined
}

/** What a tool answered, as text blocks and structured content; nothing in it was executed or believed. */
export interface PeerAnswer {
  readonly blocks: readonly string[]
  readonly structured: unknown
  readonly isError: boolean
}

/** An open connection to a foreign server. */
export interface Peer extends AsyncDisposable {
  readonly era: 'legacy' | 'modern'
  readonly protocolVersion: string
  readonly serverName: string
  readonly serverVersion: string
  readonly tools: readonly Tool[]
  /** Lines on its stdout that were no messages. */
  readonly noise: readonly string[]
  /** Milliseconds from start to handshake. */
  readonly connectedMs: number
  /** Process id of a stdio server. */
  readonly pid: number | undefined
  /** @throws McpError MCP_TIMEOUT, MCP_CONNECT when it went away, MCP_TOOL_FAILED when the protocol itself refused */
  call(
    name: string,
    args: Readonly<Record<string, unknown>>,
    options?: { readonly timeoutMs?: number; readonly signal?: AbortSignal | undefined },
  ): Promise<PeerAnswer>
  close(): Promise<void>
}

const MODERN = '2026-07-28'

/** How a pipe to a process that has gone says so. */
const GONE = /EPIPE|ECONNRESET|Connection closed/

/**
 * Connects to a server and lists its tools, within a time limit that holds whatever the server does: silence, endless pages, death.
 * A stdio server's whole process group is gone when this throws, or when the peer is closed.
 *
 * @throws McpError MCP_SPAWN, MCP_CONNECT, MCP_TIMEOUT, MCP_AUTH
 */
export async function connectPeer(address: PeerAddress, options: PeerOptions = {}): Promise<Peer> {
  const { connectMs = 10_000, era = 'legacy' } = options
  const deadline = performance.now() + connectMs
  if (era === 'auto') {
    try {
      // A third of the time: a server of the older era may stay silent, or die, when asked the newer way.
      return await open(address, 'modern', { ...options, connectMs: connectMs / 3 })
    } catch (error) {
      if (error instanceof McpError && (error.code === 'MCP_SPAWN' || error.code === 'MCP_AUTH')) throw error
      options.signal?.throwIfAborted()
    }
  }
  return open(address, 'legacy', { ...options, connectMs: Math.max(1, deadline - performance.now()) })
}

async function open(
  address: PeerAddress,
  era: Peer['era'],
  { connectMs = 10_000, callMs = 30_000, signal }: PeerOptions,
): Promise<Peer> {
  const started = performance.now()
  const stdio = 'command' in address ? new StdioPeerTransport(address) : undefined
  const transport = stdio ?? httpTransport(address as HttpServer)
  const client = new Client(
    { name: 'vectra', version: '1' },
    { versionNegotiation: { mode: era === 'modern' ? { pin: MODERN } : 'legacy' }, listMaxPages: 16 },
  )
  let wire: Error | undefined
  const limit = new AbortController()
  const timer = setTimeout(
    () => limit.abort(new McpError('MCP_TIMEOUT', `no handshake within ${Math.round(connectMs)} ms`)),
    connectMs,
  )
  const bound = signal === undefined ? limit.signal : AbortSignal.any([limit.signal, signal])
  client.onerror = (error) => {
    wire = error
  }
  try {
    const ready = client.connect(transport as never, { timeout: connectMs }).then(async () => {
      const connectedMs = Math.round(performance.now() - started)
      const { tools } =
        client.getServerCapabilities()?.tools === undefined
          ? { tools: [] }
          : await client.listTools(undefined, { timeout: connectMs })
      return { connectedMs, tools }
    })
    ready.catch(() => undefined)
    const { connectedMs, tools } = await Promise.race([ready, aborted(bound)])
    return peerOf(client, stdio, { era, connectedMs, tools, callMs, wire: () => wire })
  } catch (cause) {
    const before = stdio?.ended
    await Promise.allSettled([client.close(), stdio?.close()])
    // A write may fail before the end of the process is told; a signal after the close is our own.
    const ended = before ?? (stdio?.ended?.startsWith('signal') === true ? undefined : stdio?.ended)
    throw failureOf(cause, wire, stdio, GONE.test(messageOf(cause)) ? ended : before, connectMs)
  } finally {
    clearTimeout(timer)
  }
}

function peerOf(
  client: Client,
  stdio: StdioPeerTransport | undefined,
  facts: { era: Peer['era']; connectedMs: number; tools: readonly Tool[]; callMs: number; wire: () => Error | undefined },
): Peer {
  const server = client.getServerVersion()
  const close = async (): Promise<void> => {
    await Promise.allSettled([client.close(), stdio?.close()])
  }
  return {
    ...{ era: facts.era, tools: facts.tools, connectedMs: facts.connectedMs, close, [Symbol.asyncDispose]: close },
    protocolVersion: client.getNegotiatedProtocolVersion() ?? (facts.era === 'modern' ? MODERN : '?'),
    serverName: server?.name ?? '?',
    serverVersion: server?.version ?? '?',
    get noise() {
      return stdio?.noise ?? []
    },
    get pid() {
      return stdio?.pid
    },
    async call(name, args, { timeoutMs = facts.callMs, signal } = {}) {
      signal?.throwIfAborted()
      try {
        const result = await client.callTool(
          { name, arguments: { ...args } },
          { timeout: timeoutMs, maxTotalTimeout: timeoutMs, ...(signal === undefined ? {} : { signal }) },
        )
        return answerOf(result)
      } catch (cause) {
        signal?.throwIfAborted()
        const failure = failureOf(cause, facts.wire(), stdio, stdio?.ended, timeoutMs)
        throw failure.code === 'MCP_CONNECT' && stdio?.ended === undefined && !GONE.test(messageOf(cause))
          ? new McpError('MCP_TOOL_FAILED', `${name}: ${messageOf(cause)}`, { cause, context: { tool: name } })
          : failure
      }
    },
  }
}

function answerOf({ content, structuredContent, isError }: CallToolResult): PeerAnswer {
  const blocks = content.flatMap((block) => (block.type === 'text' ? [block.text] : []))
  return { blocks, structured: structuredContent, isError: isError === true }
}

function httpTransport({ url, headers }: HttpServer): StreamableHTTPClientTransport {
  return new StreamableHTTPClientTransport(new URL(url), {
    ...(headers === undefined ? {} : { requestInit: { headers: { ...headers } } }),
    reconnectionOptions: {
      maxRetries: 0,
      initialReconnectionDelay: 100,
      maxReconnectionDelay: 100,
      reconnectionDelayGrowFactor: 1,
    },
  })
}

function failureOf(
  cause: unknown,
  wire: Error | undefined,
  stdio: StdioPeerTransport | undefined,
  ended: string | undefined,
  ms: number,
): McpError {
  if (cause instanceof McpError) return cause
  if (wire instanceof McpError) return wire
  const message = messageOf(cause)
  if (cause instanceof UnauthorizedError || (cause instanceof SdkHttpError && (cause.status === 401 || cause.status === 403))) {
    return new McpError('MCP_AUTH', 'the server wants credentials', { cause })
  }
  if (/timed? ?out/i.test(message)) return new McpError('MCP_TIMEOUT', `no answer within ${Math.round(ms)} ms`, { cause })
  const said = lastLine(stdio?.stderr ?? '')
  const how = ended === undefined ? '' : ` (it ended: ${ended})`
  const what = stdio !== undefined && GONE.test(message) ? 'the server left before it answered' : message
  return new McpError('MCP_CONNECT', `${what}${how}${said === '' ? '' : `; it said: ${said}`}`, {
    cause,
    context: { ended, stderr: (stdio?.stderr ?? '').slice(-2_000) },
  })
}

function messageOf(cause: unknown): string {
  const error = cause instanceof Error && cause.cause instanceof Error ? cause.cause : cause
  return (error instanceof Error ? error.message : String(error)).slice(0, 500)
}

function lastLine(text: string): string {
  return (text.trim().split('\n').at(-1) ?? '').slice(0, 300)
}

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    if (signal.aborted) reject(signal.reason as Error)
    else signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true })
  })
}
