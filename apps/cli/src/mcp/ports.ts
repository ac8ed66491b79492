import { existsSync } from 'node:fs'
import { listFiles, liveSessions, openQuery, type QueryEngine } from '@vectra/event-store'
import { addNote, type Indexer, type IndexerConfig, openIndexer } from '@vectra/indexer'
import type { VectraPorts } from '@vectra/mcp'
import type { Settings } from '../config/settings.ts'
import { packageVersion } from '../version.ts'
import { contextPort } from './context-port.ts'
import { eventsPort } from './events-port.ts'
import { gamesPort } from './games-port.ts'
import { searchPort } from './search-port.ts'
import { sqlProcess } from './sql-port.ts'

/** What an agent may do. */
export interface ServeRights {
  readonly allowSql: boolean
  readonly allowWrite: boolean
}

/** The ports of the MCP server over one data directory and one repository. */
export interface OpenPorts extends AsyncDisposable {
  readonly ports: VectraPorts
}

/**
 * Composes the ports. Nothing is opened before the first question to it, so that a client's handshake does not wait for DuckDB or a
 * model; the store is only ever read, unless writing was allowed.
 */
export function openPorts(settings: Settings, config: IndexerConfig, { allowSql, allowWrite }: ServeRights): OpenPorts {
  const { values } = settings
  const { dataDir } = values
  let opened: Promise<QueryEngine> | undefined
  const engine = (): Promise<QueryEngine> => {
    opened ??= openQuery({
      dir: dataDir,
      timeoutMs: values['query.timeout'],
      memoryLimit: values['query.memoryLimit'],
      threads: values['query.threads'],
    }).catch((error) => {
      opened = undefined
      throw error
    })
    return opened
  }
  let indexing: Promise<Indexer> | undefined
  const indexer = (): Promise<Indexer> => {
    // One that could not be opened is tried again by the next question.
    indexing ??= openIndexer(config).catch((error) => {
      indexing = undefined
      throw error
    })
    return indexing
  }
  const sql = allowSql ? sqlProcess(values) : undefined
  const notes = allowWrite
    ? {
        add: async (note: Parameters<typeof addNote>[1]) => {
          const { sessionId, seq } = await addNote(dataDir, note)
          return { session_id: sessionId, seq }
        },
      }
    : undefined
  return {
    ports: {
      events: eventsPort(engine),
      sql,
      games: gamesPort(engine),
      search: searchPort(dataDir, indexer),
      context: config.repoDir === undefined ? undefined : contextPort(config.repoDir),
      notes,
      status: async () => ({
        version: packageVersion(),
        data_dir: dataDir,
        data_dir_exists: existsSync(dataDir),
        ...storedRows(dataDir),
        recording_now: liveSessions(dataDir).length,
        engine: opened === undefined ? null : (await opened).status(),
        repository: config.repoDir ?? null,
      }),
    },
    async [Symbol.asyncDispose]() {
      await Promise.allSettled([sql?.close(), opened?.then((open) => open.close()), indexing?.then((open) => open.close())])
    },
  }
}

function storedRows(dataDir: string): { readonly rows: Readonly<Record<string, number>>; readonly newest_date: string | null } {
  const rows: Record<string, number> = {}
  let newest: string | null = null
  for (const file of existsSync(dataDir) ? listFiles(dataDir) : []) {
    rows[file.docType] = (rows[file.docType] ?? 0) + file.rows
    if (newest === null || file.date > newest) newest = file.date
  }
  return { rows, newest_date: newest }
}
