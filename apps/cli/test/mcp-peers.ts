import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const PEERS = process.env.VECTRA_MCP_PEERS ?? fileURLToPath(new URL('../../../.tools/mcp-peers', import.meta.url))

/** Programs of the real servers, as scripts/setup-mcp-peers.sh installs them. */
export const MOTHERDUCK = `${PEERS}/motherduck/bin/mcp-server-motherduck`
export const CHROMA_MCP = `${PEERS}/chroma/bin/chroma-mcp`
export const CHROMA_PYTHON = `${PEERS}/chroma/bin/python`
export const CHROMA_SERVER = `${PEERS}/chroma/bin/chroma`

/** Whether they are there. Without them the tests say so loudly, and in CI they fail. */
export const HAVE_PEERS = existsSync(MOTHERDUCK) && existsSync(CHROMA_MCP)
if (!HAVE_PEERS) {
  const message = `no MCP servers in ${PEERS}: run scripts/setup-mcp-peers.sh`
  if (process.env.CI === 'true') throw new Error(message)
  process.stderr.write(`SKIPPED, ${message}\n`)
}
