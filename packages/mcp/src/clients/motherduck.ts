import { type ExactJson, NumberLiteral, parseExact, toDecimal } from '@vectra/schemas'
import { McpError } from '../errors.ts'
import { connectPeer, type Peer, type PeerAddress, type PeerAnswer, type PeerOptions } from './peer.ts'

/** How one of the historical versions of mcp-server-motherduck is asked. */
export interface MotherduckDialect {
  /** The tool that runs a statement. */
  readonly tool: string
  /** The argument that holds it. */
  readonly argument: string
}

/** Rows of a statement, cells typed by their column: DECIMAL is a `Decimal`, integers of 64 bits and more are `bigint`. */
export interface MotherduckResult {
  readonly columns: readonly { readonly name: string; readonly type: string }[]
  readonly rows: readonly (readonly unknown[])[]
  readonly truncated: boolean
  readonly truncatedBy: 'rows' | 'chars' | null
}

/** Bounds of a statement. */
export interface MotherduckQuery {
  readonly maxRows: number
  readonly timeoutMs: number
  readonly signal?: AbortSignal | undefined
}

/** A DuckDB behind mcp-server-motherduck. It has the shape of the event store's `RemoteSql`. */
export interface MotherduckClient {
  readonly name: string
  /** Whether it would answer now. Never throws. */
  probe(
    signal?: AbortSignal,
  ): Promise<{ readonly ok: true; readonly version: string } | { readonly ok: false; readonly reason: string }>
  /** @throws McpError MCP_TOOL_FAILED with DuckDB's own text when the statement was refused; MCP_TIMEOUT, MCP_CONNECT, MCP_RESULT */
  query(sql: string, options: MotherduckQuery): Promise<MotherduckResult>
  close(): Promise<void>
}

/** Tools that have run statements over the years, newest first: `tools/list` decides, never a version number. */
const TOOLS = ['execute_query', 'query', 'execute-query'] as const

/** How this server is asked; undefined when it is another kind of server. */
export function motherduckDialect(tools: Peer['tools']): MotherduckDialect | undefined {
  for (const name of TOOLS) {
    const found = tools.find((tool) => tool.name === name)
    if (found === undefined) continue
    const properties = Object.keys(found.inputSchema.properties ?? {})
    const argument = ['sql', 'query'].find((one) => properties.includes(one))
    if (argument !== undefined) return { tool: name, argument }
  }
  return undefined
}

/**
 * A client that connects with the first question, and again when the server went away meanwhile.
 *
 * @param address how mcp-server-motherduck is started or reached
 */
export function motherduckClient(address: PeerAddress, options: PeerOptions = {}): MotherduckClient {
  let open: Promise<{ peer: Peer; dialect: MotherduckDialect }> | undefined
  let closed = false
  const connect = async (): Promise<{ peer: Peer; dialect: MotherduckDialect }> => {
    const peer = await connectPeer(address, options)
    const dialect = motherduckDialect(peer.tools)
    if (dialect !== undefined) return { peer, dialect }
    await peer.close()
    throw new McpError('MCP_TOOLS', `this is no mcp-server-motherduck: none of ${TOOLS.join(', ')} among its tools`, {
      context: { tools: peer.tools.map((tool) => tool.name) },
    })
  }
  const opened = (): NonNullable<typeof open> => {
    if (closed) throw new McpError('MCP_CONNECT', 'the client was closed')
    open ??= connect()
    return open
  }
  /** The connection is dropped after an error that is not about the statement: the next question starts anew. */
  const drop = async (): Promise<void> => {
    const last = open
    open = undefined
    await last?.then(({ peer }) => peer.close()).catch(() => undefined)
  }
  const client: MotherduckClient = {
    name: 'mcp-server-motherduck',
    async probe(signal) {
      try {
        const { peer } = await opened()
        const { rows } = await client.query('SELECT version() AS version', { maxRows: 1, timeoutMs: 5_000, signal })
        return { ok: true, version: `DuckDB ${String(rows[0]?.[0])} behind ${peer.serverName} ${peer.serverVersion}` }
      } catch (error) {
        await drop()
        return { ok: false, reason: error instanceof Error ? error.message : String(error) }
      }
    },
    async query(sql, { maxRows, timeoutMs, signal }) {
      signal?.throwIfAborted()
      try {
        const { peer, dialect } = await opened()
        return resultOf(await peer.call(dialect.tool, { [dialect.argument]: sql }, { timeoutMs, signal }), maxRows)
      } catch (error) {
        if (!(error instanceof McpError && error.code === 'MCP_TOOL_FAILED')) await drop()
        throw error
      }
    },
    async close() {
      closed = true
      await drop()
    },
  }
  return client
}

/** The JSON of an answer, whatever stands before it; the structured form is the same text wrapped once more. */
function jsonOf({ blocks, structured }: PeerAnswer): ReadonlyMap<string, ExactJson> | undefined {
  const wrapped = typeof structured === 'object' && structured !== null && 'result' in structured ? structured.result : undefined
  const text = typeof wrapped === 'string' ? wrapped : blocks.join('\n')
  const start = text.indexOf('{')
  if (start < 0) return undefined
  try {
    const value = parseExact(text.slice(start))
    return value instanceof Map ? value : undefined
  } catch {
    return undefined
  }
}

function resultOf(answer: PeerAnswer, maxRows: number): MotherduckResult {
  const body = jsonOf(answer)
  const said = answer.blocks.join('\n').slice(0, 4_000)
  // Some tools say that they failed inside a success.
  if (answer.isError || body?.get('success') === false) {
    const error = body?.get('error')
    const failure = typeof error === 'string' ? error : undefined
    const message = failure ?? (said || 'the server failed without a word')
    if (/timed out/i.test(message)) throw new McpError('MCP_TIMEOUT', message)
    throw new McpError('MCP_TOOL_FAILED', message, { context: { errorType: body?.get('errorType') ?? null } })
  }
  const [names, types, rows] = [body?.get('columns'), body?.get('columnTypes'), body?.get('rows')]
  if (!Array.isArray(names) || !Array.isArray(rows)) {
    throw new McpError('MCP_RESULT', 'the answer is no table of rows; mcp-server-motherduck 1.0 or newer is needed', {
      context: { said: said.slice(0, 200) },
    })
  }
  const columns = names.map((name, index) => ({
    name: String(name),
    type: String((Array.isArray(types) ? types[index] : undefined) ?? 'VARCHAR'),
  }))
  const cells = rows
    .slice(0, maxRows)
    .map((row) => (Array.isArray(row) ? row.map((cell, index) => cellOf(cell, columns[index]?.type ?? 'VARCHAR')) : []))
  const cut = body?.get('truncated') === true || rows.length > maxRows
  return { columns, rows: cells, truncated: cut, truncatedBy: cut ? (rows.length >= maxRows ? 'rows' : 'chars') : null }
}

const WIDE = /^(U?BIGINT|U?HUGEINT)$/

function cellOf(cell: ExactJson, type: string): unknown {
  if (cell === null || typeof cell === 'boolean') return cell
  const text = cell instanceof NumberLiteral ? cell.text : cell
  if (typeof text === 'string') {
    if (WIDE.test(type)) return BigInt(text)
    if (type.startsWith('DECIMAL') && !type.endsWith(']')) return toDecimal(text)
    if (cell instanceof NumberLiteral) return Number(text)
    return text
  }
  return plain(cell)
}

/** Lists and structs: numbers that a double cannot hold become their digits. */
function plain(value: ExactJson): unknown {
  if (value instanceof NumberLiteral) return String(Number(value.text)) === value.text ? Number(value.text) : value.text
  if (Array.isArray(value)) return value.map(plain)
  if (value instanceof Map) return Object.fromEntries([...value].map(([key, item]) => [key, plain(item)]))
  return value
}
