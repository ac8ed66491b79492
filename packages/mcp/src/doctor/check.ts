import { connectPeer, type Peer } from '../clients/peer.ts'
import { McpError } from '../errors.ts'
import { plainText } from '../server/plain-text.ts'
import type { ServerDefinition } from './definitions.ts'
import { kindOf } from './kinds.ts'

/** How a server is. Only `ok` and `configured` need nothing done. */
export type ServerState =
  | 'ok'
  | 'configured'
  | 'misplaced'
  | 'invalid'
  | 'unapproved'
  | 'spawn-failed'
  | 'handshake-failed'
  | 'auth-required'
  | 'tools-mismatch'
  | 'probe-failed'

/** What was found out about one server. */
export interface ServerStatus {
  readonly definition: ServerDefinition
  readonly state: ServerState
  readonly kind: string | null
  readonly era: 'legacy' | 'modern' | null
  readonly protocol: string | null
  /** Name and version it gives itself. */
  readonly server: string | null
  readonly connectMs: number | null
  readonly tools: readonly string[]
  readonly missing: readonly string[]
  /** Milliseconds of the probe; null when none was made. */
  readonly probeMs: number | null
  /** What went wrong, in words; null when nothing did. */
  readonly detail: string | null
  /** What to do; null when nothing. */
  readonly fix: string | null
}

/** How to check. */
export interface CheckServersOptions {
  /** Start and ask the servers; else only their definitions are read. */
  readonly connect: boolean
  /** Unapproved servers to start all the same, by name. */
  readonly names?: readonly string[] | undefined
  /** For start and handshake of each; default 5 s. */
  readonly connectMs?: number | undefined
  /** For the probe of each; default 2 s. */
  readonly probeMs?: number | undefined
  readonly signal?: AbortSignal | undefined
}

/** Checks the servers side by side, each within its time: the whole takes as long as the slowest of them. */
export function checkServers(
  definitions: readonly ServerDefinition[],
  options: CheckServersOptions,
): Promise<readonly ServerStatus[]> {
  return Promise.all(definitions.map((definition) => checkServer(definition, options)))
}

type Found = Partial<Omit<ServerStatus, 'definition' | 'state'>>

async function checkServer(definition: ServerDefinition, options: CheckServersOptions): Promise<ServerStatus> {
  const { name, scope, address, problems, approved, shown } = definition
  let kind = kindOf(shown)
  const status = (state: ServerState, found: Found = {}): ServerStatus => ({
    ...{
      definition,
      state,
      kind: kind?.name ?? null,
      era: null,
      protocol: null,
      server: null,
      connectMs: null,
      tools: [],
      missing: [],
      probeMs: null,
    },
    ...{ detail: problems[0] ?? null, fix: null },
    ...found,
  })
  if (scope === 'misplaced')
    return status('misplaced', { fix: `move it to .mcp.json, or run: claude mcp add-json ${name} '…' --scope user` })
  if (address === undefined) return status('invalid', { fix: `mend "${name}" in ${definition.file}` })
  const asked = options.names?.includes(name) === true
  if (!options.connect || (options.names !== undefined && options.names.length > 0 && !asked)) {
    return approved || asked ? status('configured') : status('unapproved', unapproved(name))
  }
  if (!approved && !asked) return status('unapproved', unapproved(name))

  let peer: Peer
  try {
    peer = await connectPeer(address, { connectMs: options.connectMs ?? 5_000, era: 'auto', signal: options.signal })
  } catch (error) {
    options.signal?.throwIfAborted()
    return unreachable(status, definition, error)
  }
  await using _peer = peer
  // An address says nothing of what answers there; what answers does.
  kind ??= kindOf(peer.serverName)
  const tools = peer.tools.map((tool) => plainText(tool.name))
  const found: Found = {
    ...{ era: peer.era, protocol: plainText(peer.protocolVersion), connectMs: peer.connectedMs, tools },
    server: plainText(`${peer.serverName} ${peer.serverVersion}`),
  }
  const missing = kind?.missing(peer.tools) ?? []
  if (missing.length > 0) {
    return status('tools-mismatch', {
      ...{ ...found, missing },
      detail: `it lacks ${missing.join(', ')}`,
      fix: `it is no ${kind?.name} server of a version that is known: update it, or look at what "${name}" starts`,
    })
  }
  const probe = kind?.probe(peer.tools)
  if (probe === undefined) return status('ok', found)
  const started = performance.now()
  try {
    const { isError, blocks } = await peer.call(probe.tool, probe.arguments, {
      timeoutMs: options.probeMs ?? 2_000,
      signal: options.signal,
    })
    const probeMs = Math.round(performance.now() - started)
    const said = plainText(blocks.join(' ')).slice(0, 300)
    if (!isError && !/"success"\s*:\s*false/.test(said)) return status('ok', { ...found, probeMs })
    const auth = WANTS_CREDENTIALS.test(said)
    return status(auth ? 'auth-required' : 'probe-failed', {
      ...found,
      probeMs,
      detail: said,
      fix: auth ? authFix(kind?.name, address) : `call ${probe.tool} by hand to see more`,
    })
  } catch (error) {
    options.signal?.throwIfAborted()
    return status('probe-failed', {
      ...found,
      detail: wordsOf(error),
      fix: `it connected, and did not answer ${probe.tool}: look at its own log`,
    })
  }
}

function unapproved(name: string): Found {
  return {
    detail: 'it comes with the project, and nobody approved it here',
    fix: `read what it starts, then approve it in Claude Code, or start it once with: vectra mcp status --connect ${name}`,
  }
}

function unreachable(
  status: (state: ServerState, found?: Found) => ServerStatus,
  definition: ServerDefinition,
  error: unknown,
): ServerStatus {
  const detail = [wordsOf(error), ...definition.problems].join('; ')
  const unset = /the variable (\w+) is not set/.exec(definition.problems.join())?.[1]
  const command = definition.address !== undefined && 'command' in definition.address ? definition.address.command : undefined
  const code = error instanceof McpError ? error.code : undefined
  if (code === 'MCP_AUTH') return status('auth-required', { detail, fix: authFix(undefined, definition.address) })
  if (unset !== undefined && (code !== 'MCP_SPAWN' || command?.includes('${') === true)) {
    const fix = `set ${unset} where the agent is started, or give it a default: \${${unset}:-…}`
    return status(code === 'MCP_SPAWN' ? 'spawn-failed' : 'handshake-failed', { detail, fix })
  }
  if (code === 'MCP_SPAWN') {
    const uv = command === 'uvx' || command === 'uv'
    return status('spawn-failed', {
      detail,
      fix: uv ? 'install uv: https://docs.astral.sh/uv' : `install ${command}, or write its whole path`,
    })
  }
  const stderr = error instanceof McpError ? String(error.context['stderr'] ?? '') : ''
  return status('handshake-failed', { detail, fix: handshakeFix(detail, stderr, definition) })
}

/** Known ways in which these servers fail to start, and the way out. */
function handshakeFix(detail: string, stderr: string, { shown, address }: ServerDefinition): string {
  if (/mcp\.server\.fastmcp/.test(stderr))
    return "chroma-mcp does not work with the Python SDK 2: start it with uvx --with 'mcp<2' chroma-mcp …"
  if (/eval_type_backport|pydantic/.test(stderr))
    return "its SDK does not work with this pydantic: start it with uvx --with 'pydantic<2.12' …"
  if (/in-memory|:memory:/i.test(stderr) && /motherduck/.test(shown))
    return 'an in-memory database needs --read-write; or give --db-path a file'
  if (WANTS_CREDENTIALS.test(detail)) return authFix(kindOf(shown)?.name, address)
  if (address !== undefined && 'url' in address) return 'start what should listen there, and look at the port'
  if (/no handshake|no answer/.test(detail))
    return `give it more time with --timeout 60s; the first start of uvx or npx downloads. By hand: ${shown}`
  return `start it by hand to see why: ${shown}`
}

/** Not `Unexpected token`, which is a fault of a program. */
const WANTS_CREDENTIALS = /(?<!unexpected )token|unauthori[sz]ed|credential|api.?key/i

function authFix(kind: string | undefined, address: ServerDefinition['address']): string {
  if (kind === 'motherduck')
    return 'set motherduck_token in the environment, and name it in the definition: "env": {"motherduck_token": "${MOTHERDUCK_TOKEN}"}'
  return address !== undefined && 'command' in address
    ? 'give it credentials by reference, e.g. "env": {"API_KEY": "${MY_API_KEY}"}'
    : 'give it credentials by reference, e.g. "headers": {"Authorization": "Bearer ${MY_TOKEN}"}'
}

function wordsOf(error: unknown): string {
  return plainText(error instanceof Error ? error.message : String(error)).slice(0, 500)
}
