import type { Indexer } from '@vectra/indexer'
import type { SearchPort, TableFreshness } from '@vectra/mcp'
import type { Freshness } from '@vectra/vectors'

/** The search tables as the MCP server asks them. */
export function searchPort(indexer: () => Promise<Indexer>): SearchPort {
  return {
    async search({ table, text, k, mode, filter, cursor }, { signal }) {
      const answer = await (await indexer()).search({ text, tables: [table], k, mode, filter, cursor, signal })
      return {
        hits: answer.hits.map(({ id, kind, title, heading_path, body, score, reference }) => ({
          ...{ id, kind, title, heading_path, body, score },
          reference: { ...reference },
        })),
        ...{ next: answer.next, mode: answer.mode, notices: answer.notices, freshness: answer.freshness.map(freshOf) },
      }
    },
    status: async () => (await (await indexer()).status()).map(freshOf),
  }
}

function freshOf({ table, rows, syncedAt, complete }: Freshness): TableFreshness {
  return { table, rows, synced_at: syncedAt, complete }
}
