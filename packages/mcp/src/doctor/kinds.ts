import { lanceDialect } from '../clients/lance.ts'
import { motherduckDialect } from '../clients/motherduck.ts'
import type { Peer } from '../clients/peer.ts'

/** Servers that are known: what makes one, and which call does no harm. */
export interface ServerKind {
  readonly name: 'vectra' | 'motherduck' | 'chroma' | 'lance'
  /** Whether a command line or address names one. */
  readonly named: RegExp
  /** Tools a server of this kind lacks. */
  missing(tools: Peer['tools']): readonly string[]
  /** A call that only reads; undefined when there is none that costs nothing. */
  probe(tools: Peer['tools']): { readonly tool: string; readonly arguments: Readonly<Record<string, unknown>> } | undefined
}

const without = (names: readonly string[], tools: Peer['tools']): string[] =>
  names.filter((name) => !tools.some((tool) => tool.name === name))

const KINDS: readonly ServerKind[] = [
  {
    name: 'vectra',
    named: /^vectra$|(^|[\s/])(vectra|apps\/cli\/\S+)(\.\w+)?\s+mcp\s+serve\b|cli\/(dist|src)\/main\.[jt]s\s+mcp\s+serve\b/,
    missing: (tools) => without(['status', 'events_query', 'games_list', 'game_get'], tools),
    probe: () => ({ tool: 'status', arguments: {} }),
  },
  {
    name: 'motherduck',
    named: /mcp-server-motherduck/,
    missing: (tools) => (motherduckDialect(tools) === undefined ? ['execute_query'] : []),
    probe(tools) {
      const dialect = motherduckDialect(tools)
      return dialect === undefined ? undefined : { tool: dialect.tool, arguments: { [dialect.argument]: 'SELECT 1' } }
    },
  },
  {
    name: 'chroma',
    named: /chroma-mcp|chroma_mcp/,
    missing: (tools) => without(['chroma_list_collections', 'chroma_get_collection_count', 'chroma_get_documents'], tools),
    probe: () => ({ tool: 'chroma_list_collections', arguments: { limit: 1 } }),
  },
  {
    name: 'lance',
    named: /\blance(db)?[-_]mcp|\bmcp[-_]lance/i,
    missing: (tools) => (lanceDialect(tools) === undefined ? ['a search tool of a known dialect'] : []),
    probe: () => undefined,
  },
]

/** The kind a command line, address, or a server's own name tells; undefined for servers that are nobody's business here. */
export function kindOf(shown: string): ServerKind | undefined {
  return KINDS.find((kind) => kind.named.test(shown))
}
