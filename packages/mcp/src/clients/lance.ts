import { McpError } from '../errors.ts'
import { connectPeer, type Peer, type PeerAddress, type PeerAnswer, type PeerOptions } from './peer.ts'

/** One text that a LanceDB server found. */
export interface LanceHit {
  readonly text: string
  /** What else it said of it. */
  readonly fields: Readonly<Record<string, unknown>>
}

/** How one kind of LanceDB server is asked and read. */
export interface LanceDialect {
  readonly name: 'mcp-lance-db' | 'lancedb-mcp-server' | 'lance-mcp' | 'lancedb-mcp'
  readonly tool: string
  arguments(text: string, k: number): Readonly<Record<string, unknown>>
  read(answer: PeerAnswer): LanceHit[]
}

/** A LanceDB behind somebody's MCP server. None of them can serve three isolated tables: this is for looking, ours is for work. */
export interface LanceClient extends AsyncDisposable {
  readonly dialect: LanceDialect['name']
  /** @throws McpError MCP_TOOL_FAILED, MCP_TIMEOUT, MCP_CONNECT */
  search(text: string, options?: { readonly k?: number; readonly signal?: AbortSignal }): Promise<readonly LanceHit[]>
  close(): Promise<void>
}

const DIALECTS: readonly (Omit<LanceDialect, 'tool'> & { readonly tools: readonly string[] })[] = [
  {
    name: 'mcp-lance-db',
    tools: ['search-memories', 'search_memories'],
    arguments: (query, limit) => ({ query, limit }),
    read: ({ blocks }) => {
      const text = blocks.join('\n')
      if (/^No relevant memories/i.test(text.trim())) return []
      const body = text.replace(/^Found these relevant memories:\s*/i, '').trim()
      return body
        .split(/\n{2,}/)
        .map((memory) => ({ text: memory.trim(), fields: {} }))
        .filter((hit) => hit.text !== '')
    },
  },
  {
    name: 'lancedb-mcp-server',
    tools: ['query_table'],
    arguments: (query, top_k) => ({ query, top_k, query_type: 'vector' }),
    read: rowsOf,
  },
  {
    name: 'lance-mcp',
    tools: ['all_chunks_search'],
    arguments: (text) => ({ text }),
    read: rowsOf,
  },
  {
    name: 'lancedb-mcp',
    tools: ['kb_search'],
    arguments: (query, limit) => ({ query, limit }),
    read: rowsOf,
  },
]

/** Which dialect a server speaks, by its tools; undefined for another kind of server. */
export function lanceDialect(tools: Peer['tools']): LanceDialect | undefined {
  for (const { tools: names, ...dialect } of DIALECTS) {
    const tool = names.find((name) => tools.some((one) => one.name === name))
    if (tool !== undefined) return { ...dialect, tool }
  }
  return undefined
}

/** @throws McpError MCP_TOOLS when it is no LanceDB server that is known */
export async function openLance(address: PeerAddress, options: PeerOptions = {}): Promise<LanceClient> {
  const peer = await connectPeer(address, options)
  const dialect = lanceDialect(peer.tools)
  if (dialect === undefined) {
    await peer.close()
    throw new McpError('MCP_TOOLS', 'this is no LanceDB server of a known dialect', {
      context: { tools: peer.tools.map((tool) => tool.name) },
    })
  }
  return {
    dialect: dialect.name,
    async search(text, { k = 5, signal } = {}) {
      const answer = await peer.call(dialect.tool, dialect.arguments(text, k), { signal })
      if (answer.isError) throw new McpError('MCP_TOOL_FAILED', answer.blocks.join(' ').slice(0, 1_000))
      return dialect.read(answer).slice(0, k)
    },
    close: () => peer.close(),
    [Symbol.asyncDispose]: () => peer.close(),
  }
}

const TEXTS = ['text', 'pageContent', 'content', 'doc', 'document', 'chunk']

/** One JSON row per block, or one list of rows; what is no JSON is a text. */
function rowsOf({ blocks, structured }: PeerAnswer): LanceHit[] {
  const wrapped = typeof structured === 'object' && structured !== null && 'result' in structured ? structured.result : undefined
  const values = Array.isArray(wrapped) ? wrapped : blocks.flatMap((block) => parsed(block))
  return values.map((value: unknown) => {
    if (typeof value !== 'object' || value === null) return { text: String(value), fields: {} }
    const fields = value as Record<string, unknown>
    const key = TEXTS.find((name) => typeof fields[name] === 'string')
    const { [key ?? '']: text, vector: _vector, ...rest } = fields
    return { text: typeof text === 'string' ? text : JSON.stringify(rest), fields: rest }
  })
}

function parsed(block: string): unknown[] {
  try {
    const value: unknown = JSON.parse(block)
    return Array.isArray(value) ? value : [value]
  } catch {
    return [block]
  }
}
