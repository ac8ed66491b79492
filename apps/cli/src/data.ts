import { existsSync, statSync } from 'node:fs'
import { openQuery, type QueryEngine, type QueryOptions, storePaths } from '@vectra/event-store'
import type { Settings } from './config/settings.ts'
import { CliError } from './errors.ts'
import { EXIT } from './exit-codes.ts'
import { nearest } from './terminal/suggestion.ts'

/**
 * Opens the data directory for reading.
 *
 * @throws CliError `CLI_DATA_DIR_MISSING`, `CLI_DATA_DIR_UNUSABLE`
 */
export async function openData(
  settings: Settings,
  options: Pick<QueryOptions, 'fresh' | 'engine' | 'remote'> = {},
): Promise<QueryEngine> {
  requireDataDir(settings)
  const { values } = settings
  return openQuery({
    dir: values.dataDir,
    maxRows: values['query.maxRows'],
    timeoutMs: values['query.timeout'],
    memoryLimit: values['query.memoryLimit'],
    threads: values['query.threads'],
    ...options,
  })
}

/** A verb that reads wants a data directory: a mistyped path must not look like an empty store. */
export function requireDataDir({ values, origins }: Settings): void {
  const { dataDir } = values
  const origin = origins.dataDir
  if (!existsSync(dataDir)) {
    throw new CliError('CLI_DATA_DIR_MISSING', 'there is no data directory yet', {
      exitCode: EXIT.failure,
      where: `${dataDir} (${origin.kind === 'default' ? 'the default' : `from ${origin.name}`})`,
      hint: 'fill it with `vectra record` or `vectra import FILE…`, or name another one with --data-dir',
    })
  }
  if (!statSync(dataDir).isDirectory()) {
    throw new CliError('CLI_DATA_DIR_UNUSABLE', 'the data directory is a file', {
      exitCode: EXIT.cannotWrite,
      where: dataDir,
      hint: 'name a directory with --data-dir',
    })
  }
}

/**
 * A verb that repairs wants a store, or what is left of one: in any other directory it would make an empty store.
 *
 * @throws CliError `CLI_DATA_DIR_MISSING`, `CLI_DATA_DIR_UNUSABLE`
 */
export function requireStore(settings: Settings): void {
  requireDataDir(settings)
  const { dataDir } = settings.values
  const { events, journal, catalog, receipts } = storePaths(dataDir)
  if ([events, journal, catalog, receipts].some((path) => existsSync(path))) return
  throw new CliError('CLI_DATA_DIR_MISSING', 'nothing was ever stored in this directory', {
    exitCode: EXIT.failure,
    where: dataDir,
    hint: 'name the data directory with --data-dir; it holds `events_parquet`, `journal` or `catalog.sqlite`',
  })
}

/**
 * The one stored game that `id` names: the whole id, or its beginning or end.
 *
 * @throws CliError `CLI_GAME_NOT_FOUND` when there is none, or more than one
 */
export async function resolveGame(engine: QueryEngine, id: string, signal: AbortSignal): Promise<string> {
  const sql = 'SELECT DISTINCT game_id FROM game_tick WHERE game_id IS NOT NULL ORDER BY 1'
  return theOne(id, await idsOf(engine, sql, signal), 'game', 'CLI_GAME_NOT_FOUND')
}

/**
 * The one session that `id` names, as {@link resolveGame}. A mistyped id must not look like a session in which nothing is missing.
 *
 * @throws CliError `CLI_SESSION_NOT_FOUND` when there is none, or more than one
 */
export async function resolveSession(engine: QueryEngine, id: string, signal: AbortSignal): Promise<string> {
  return theOne(
    id,
    await idsOf(engine, 'SELECT DISTINCT session_id FROM events ORDER BY 1', signal),
    'session',
    'CLI_SESSION_NOT_FOUND',
  )
}

async function idsOf(engine: QueryEngine, sql: string, signal: AbortSignal): Promise<string[]> {
  const { rows } = await engine.sql(sql, { maxRows: 1_000_000, signal })
  return rows.map(([id]) => String(id))
}

function theOne(
  id: string,
  ids: readonly string[],
  what: 'game' | 'session',
  code: 'CLI_GAME_NOT_FOUND' | 'CLI_SESSION_NOT_FOUND',
): string {
  if (ids.includes(id)) return id
  const found = ids.filter((known) => known.startsWith(id) || known.endsWith(id))
  const [only] = found
  if (found.length === 1 && only !== undefined) return only
  if (found.length > 1) {
    throw new CliError(code, `${found.length} ${what}s begin or end with ${id}`, {
      exitCode: EXIT.failure,
      hint: `say more of the id: ${found.slice(0, 4).join(', ')}${found.length > 4 ? ', …' : ''}`,
    })
  }
  const guess = nearest(id, ids)
  throw new CliError(code, `no ${what} ${id} is stored`, {
    exitCode: EXIT.failure,
    hint: guess === undefined ? `\`vectra ${what}s\` lists them` : `did you mean ${guess}?`,
  })
}
