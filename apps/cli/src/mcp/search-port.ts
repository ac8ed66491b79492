import { existsSync } from 'node:fs'
import { storePaths } from '@vectra/event-store'
import type { Indexer } from '@vectra/indexer'
import type { SearchPort, TableFreshness } from '@vectra/mcp'
import { VectraError } from '@vectra/schemas'
import { type Freshness, TABLES } from '@vectra/vectors'
import { failureOf } from '../failure.ts'

/** The search tables as the MCP server asks them. Where there are none yet, nothing is opened: opening would make their folder. */
export function searchPort(dataDir: string, indexer: () => Promise<Indexer>): SearchPort {
  const { vectors } = storePaths(dataDir)
  return {
    async search({ table, text, k, mode, filter, cursor }, { signal }) {
      if (!existsSync(vectors)) throw helped(new VectraError('VECTORS_TABLE_MISSING', `nothing is indexed in ${vectors} yet`))
      const answer = await (await indexer()).search({ text, tables: [table], k, mode, filter, cursor, signal }).catch((error) => {
        throw helped(error)
      })
      return {
        hits: answer.hits.map(({ id, kind, title, heading_path, body, score, reference }) => ({
          ...{ id, kind, title, heading_path, body, score },
          reference: { ...reference },
        })),
        ...{ next: answer.next, mode: answer.mode, notices: answer.notices, freshness: answer.freshness.map(freshOf) },
      }
    },
    async status() {
      if (!existsSync(vectors)) return TABLES.map((table) => ({ table, rows: 0, synced_at: null, complete: false }))
      return (await (await indexer()).status()).map(freshOf)
    },
  }
}

function freshOf({ table, rows, syncedAt, complete }: Freshness): TableFreshness {
  return { table, rows, synced_at: syncedAt, complete }
}

/** The error with the next step that the command line would name. */
function helped(error: unknown): unknown {
  if (!(error instanceof VectraError) || typeof error.context['hint'] === 'string') return error
  return new VectraError(error.code, error.message, { cause: error, context: { ...error.context, hint: failureOf(error).hint } })
}
