import type { EventFilter, QueryEngine } from '@vectra/event-store'
import type { CommandContext } from './context.ts'
import { openData, resolveGame } from './data.ts'
import { CliError } from './errors.ts'
import { EXIT } from './exit-codes.ts'
import type { Recording } from './recordings.ts'

/**
 * A stored game or session as frames to replay, read anew for each pass. Frames only: rows that never were on a wire are left
 * out. A game that several sessions recorded is replayed from the one that has most of it.
 *
 * @throws CliError `CLI_GAME_NOT_FOUND` when it is neither
 */
export async function openStoredRecording(context: CommandContext, id: string): Promise<Recording> {
  const engine = await openData(await context.settings())
  try {
    const { name, filter } = await find(engine, id, context.signal)
    return {
      name,
      records: async function* () {
        for await (const row of engine.events({ ...filter, docTypes: ['ws_event'], signal: context.signal })) {
          if (row.direction === 'internal' || row.packet === null || row.raw_json === null) continue
          yield { at: row.ts, text: row.packet + row.raw_json, direction: row.direction, connection: row.session_id }
        }
      },
      [Symbol.asyncDispose]: () => engine.close(),
    }
  } catch (error) {
    await engine.close()
    throw error
  }
}

interface Found {
  readonly name: string
  readonly filter: Pick<EventFilter, 'gameId' | 'sessionId'>
}

async function find(engine: QueryEngine, id: string, signal: AbortSignal): Promise<Found> {
  const session = await sessionOf(engine, id, signal)
  // Game ids start with a date and have one dash; a session's whole id has four.
  if (session !== null && id.split('-').length > 2) return { name: `session ${session}`, filter: { sessionId: session } }
  try {
    const gameId = await resolveGame(engine, id, signal)
    const { rows } = await engine.sql(
      `SELECT session_id FROM ws_event WHERE game_id = $1 AND direction <> 'internal' GROUP BY 1 ORDER BY count(*) DESC, 1 LIMIT 1`,
      { params: [gameId], signal },
    )
    const best = rows[0]?.[0]
    return { name: `game ${gameId}`, filter: { gameId, ...(typeof best === 'string' ? { sessionId: best } : {}) } }
  } catch (error) {
    if (session === null || !(error instanceof CliError)) throw error
    return { name: `session ${session}`, filter: { sessionId: session } }
  }
}

/** The one session that the text names: its whole id, or its beginning or end. */
async function sessionOf(engine: QueryEngine, id: string, signal: AbortSignal): Promise<string | null> {
  const { rows } = await engine.sql('SELECT DISTINCT session_id FROM ws_event ORDER BY 1', { maxRows: 1_000_000, signal })
  const ids = rows.map(([session]) => String(session))
  if (ids.includes(id)) return id
  const found = ids.filter((session) => session.startsWith(id) || session.endsWith(id))
  if (found.length > 1 && id.split('-').length > 2) {
    throw new CliError('CLI_GAME_NOT_FOUND', `${found.length} sessions begin or end with ${id}`, {
      exitCode: EXIT.failure,
      hint: `say more of the id: ${found.slice(0, 3).join(', ')}`,
    })
  }
  return found.length === 1 ? (found[0] ?? null) : null
}
