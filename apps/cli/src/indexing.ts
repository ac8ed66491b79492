import { resolve } from 'node:path'
import { findRepository, type Indexer, type IndexerConfig, openIndexer } from '@vectra/indexer'
import { TABLES, type TableName } from '@vectra/vectors'
import type { Settings } from './config/settings.ts'
import type { CommandContext } from './context.ts'
import { CliError } from './errors.ts'
import { EXIT } from './exit-codes.ts'

/** Options of every verb that opens the search tables. */
export interface IndexOptions {
  readonly table?: readonly string[]
  readonly repo?: string
  readonly model?: string
}

/** What the user calls a table, in the order of the tables. */
export const TABLE_WORDS: Readonly<Record<string, TableName>> = { events: 'events', code: 'code_context', notes: 'debug_notes' }

/** Tables by the words of `--table`. @throws CliError `CLI_USAGE` */
export function tablesOf(words: readonly string[] | undefined): TableName[] | undefined {
  return words?.flatMap((word) => {
    if (word === 'all') return TABLES
    const table = TABLE_WORDS[word] ?? TABLES.find((name) => name === word)
    if (table !== undefined) return table
    throw new CliError('CLI_USAGE', `no table ${word}`, {
      exitCode: EXIT.usage,
      hint: `tables are ${Object.keys(TABLE_WORDS).join(', ')}, or all`,
    })
  })
}

/** The indexer's configuration: settings, flags, and the repository one stands in. */
export function indexerConfig(context: CommandContext, settings: Settings, options: IndexOptions): IndexerConfig {
  const { XDG_CACHE_HOME, HOME, VECTRA_EMBEDDINGS_KEY, VECTRA_EMBEDDINGS_MODEL, VECTRA_MODEL } = context.env
  const cache = XDG_CACHE_HOME || (HOME === undefined ? undefined : resolve(HOME, '.cache'))
  return {
    dataDir: settings.values.dataDir,
    repoDir: options.repo === undefined ? findRepository(context.cwd) : resolve(context.cwd, options.repo),
    cacheDir: cache === undefined ? undefined : resolve(cache, 'vectra'),
    model: options.model ?? (VECTRA_MODEL || undefined),
    endpointModel: VECTRA_EMBEDDINGS_MODEL,
    apiKey: VECTRA_EMBEDDINGS_KEY,
  }
}

/** Opens the indexer of the settings' data directory. */
export async function openTables(
  context: CommandContext,
  options: IndexOptions,
): Promise<{ indexer: Indexer; config: IndexerConfig; settings: Settings }> {
  const settings = await context.settings()
  const config = indexerConfig(context, settings, options)
  return { indexer: await openIndexer(config), config, settings }
}
