import { McpError } from '../errors.ts'
import { connectPeer, type Peer, type PeerAddress, type PeerAnswer, type PeerOptions } from './peer.ts'
import { TOO_LONG } from './stdio-transport.ts'

/** One document of a collection. Vectors are never taken along: they belong to another model. */
export interface ChromaDocument {
  readonly id: string
  readonly text: string | null
  readonly metadata: Readonly<Record<string, unknown>>
}

/** A Chroma database, as far as a migration needs it: read-only. */
export interface ChromaSource extends AsyncDisposable {
  /** What it is, for reports. */
  readonly name: string
  collections(signal?: AbortSignal): Promise<readonly string[]>
  count(collection: string, signal?: AbortSignal): Promise<number>
  /** Documents from `offset` on, at most `limit`; fewer only at the end. */
  page(
    collection: string,
    range: { readonly offset: number; readonly limit: number },
    signal?: AbortSignal,
  ): Promise<readonly ChromaDocument[]>
  close(): Promise<void>
}

/** What chroma-mcp says instead of an empty list. */
const NOTHING = '__NO_COLLECTIONS_FOUND__'

/** The only tools that are ever called: chroma-mcp marks none of its tools as reading or destroying. */
const READS = { list: 'chroma_list_collections', count: 'chroma_get_collection_count', get: 'chroma_get_documents' } as const

/**
 * A Chroma database through chroma-mcp.
 *
 * @throws McpError MCP_SPAWN, MCP_CONNECT, MCP_TIMEOUT, MCP_TOOLS
 */
export async function openChromaMcp(address: PeerAddress, options: PeerOptions = {}): Promise<ChromaSource> {
  const peer = await connectPeer(address, { connectMs: 60_000, callMs: 60_000, ...options })
  const missing = Object.values(READS).filter((name) => !peer.tools.some((tool) => tool.name === name))
  if (missing.length > 0) {
    await peer.close()
    throw new McpError('MCP_TOOLS', `this is no chroma-mcp: it has no ${missing.join(', ')}`, { context: { missing } })
  }
  return {
    name: `chroma-mcp ${peer.serverVersion}`,
    async collections(signal) {
      const found: string[] = []
      for (let offset = 0; ; offset += 100) {
        const page = listOf(await ask(peer, READS.list, { limit: 100, offset }, signal)).filter((name) => name !== NOTHING)
        const fresh = page.filter((name) => !found.includes(name))
        found.push(...fresh)
        if (page.length < 100 || fresh.length === 0) return found.sort()
      }
    },
    async count(collection, signal) {
      const { blocks, structured } = await ask(peer, READS.count, { collection_name: collection }, signal)
      const value = Number(resultOf(structured) ?? blocks[0])
      if (!Number.isSafeInteger(value)) throw wrong(READS.count, blocks)
      return value
    },
    async page(collection, { offset, limit }, signal) {
      const args = { collection_name: collection, include: ['documents', 'metadatas'], limit, offset }
      const answer = await ask(peer, READS.get, args, signal).catch((error: unknown) => {
        if (!(error instanceof McpError) || !TOO_LONG.test(error.message)) throw error
        const hint = 'read fewer documents at a time, e.g. --page-size 10'
        throw new McpError(error.code, `${limit} documents: ${error.message}`, { cause: error, context: { hint } })
      })
      return documentsOf(objectOf(answer), READS.get)
    },
    close: () => peer.close(),
    [Symbol.asyncDispose]: () => peer.close(),
  }
}

/** Columns of a `get`, as documents. @throws McpError MCP_RESULT */
export function documentsOf(body: Readonly<Record<string, unknown>>, said: string): ChromaDocument[] {
  const { ids, documents, metadatas } = body
  if (!Array.isArray(ids)) throw wrong(said, [JSON.stringify(body).slice(0, 200)])
  const [texts, facts] = [documents, metadatas].map((column) => (Array.isArray(column) ? column : []))
  for (const column of [texts, facts])
    if (column !== undefined && column.length > 0 && column.length !== ids.length)
      throw wrong(said, ['columns of different length'])
  return ids.map((id, index) => {
    const [text, metadata]: unknown[] = [texts?.[index], facts?.[index]]
    return {
      id: String(id),
      text: typeof text === 'string' ? text : null,
      metadata: typeof metadata === 'object' && metadata !== null ? (metadata as Record<string, unknown>) : {},
    }
  })
}

async function ask(
  peer: Peer,
  tool: string,
  args: Record<string, unknown>,
  signal: AbortSignal | undefined,
): Promise<PeerAnswer> {
  const answer = await peer.call(tool, args, { signal })
  if (answer.isError)
    throw new McpError('MCP_TOOL_FAILED', `${tool}: ${answer.blocks.join(' ').slice(0, 1_000)}`, { context: { tool } })
  return answer
}

/** What FastMCP wraps in `result`. */
function resultOf(structured: unknown): unknown {
  return typeof structured === 'object' && structured !== null && 'result' in structured ? structured.result : undefined
}

/** A list comes as one text block per item, and once more as a structured result. */
function listOf({ blocks, structured }: PeerAnswer): string[] {
  const result = resultOf(structured)
  if (Array.isArray(result)) return result.map(String)
  if (blocks.length === 1 && blocks[0]?.startsWith('[')) {
    const parsed: unknown = JSON.parse(blocks[0])
    if (Array.isArray(parsed)) return parsed.map(String)
  }
  return [...blocks]
}

function objectOf({ blocks, structured }: PeerAnswer): Record<string, unknown> {
  const result = resultOf(structured) ?? structured
  if (typeof result === 'object' && result !== null && 'ids' in result) return result as Record<string, unknown>
  try {
    const parsed: unknown = JSON.parse(typeof result === 'string' ? result : blocks.join(''))
    if (typeof parsed === 'object' && parsed !== null) return parsed as Record<string, unknown>
  } catch {
    // Said below.
  }
  throw wrong(READS.get, blocks)
}

function wrong(tool: string, blocks: readonly string[]): McpError {
  return new McpError('MCP_RESULT', `${tool} answered something else than documented: ${blocks.join(' ').slice(0, 200)}`, {
    context: { tool },
  })
}
