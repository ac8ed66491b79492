import type { EventRow, QueryEngine } from '@vectra/event-store'
import { type CollectedGame, createGameCollector, type GameCollector } from '@vectra/game'
import { parseLiterals } from './literals.ts'

/** Every game of the store: seen live, in a recorded-game file, or only in the history of later frames. Reads all state frames (of one session) once. */
export async function allStoredGames(
  engine: QueryEngine,
  signal: AbortSignal,
  filter: { sessionId?: string } = {},
): Promise<CollectedGame[]> {
  const collector = createGameCollector()
  for await (const row of engine.events({ events: ['gameStateUpdate', 'tick'], signal, ...filter })) addRow(collector, row)
  return collector.games()
}

/** Full frames that repeat a finished game in their history: the ten rounds after it have about thirty. One would do; three notice a changed copy. */
const HISTORY_FRAMES = 3

/** One game of the store with what later frames say of it; undefined when nothing does. */
export async function storedGame(engine: QueryEngine, gameId: string, signal: AbortSignal): Promise<CollectedGame | undefined> {
  const collector = createGameCollector()
  for await (const row of engine.eventsOfGame(gameId, { events: ['gameStateUpdate', 'tick'], signal })) addRow(collector, row)
  const { rows } = await engine.sql(
    `SELECT raw_json, payload_index FROM ws_event WHERE event_name = 'gameStateUpdate' AND direction = 'received' AND game_id <> $1
       AND contains(raw_json, '"gameHistory"') AND contains(raw_json, $1) ORDER BY ts LIMIT ${HISTORY_FRAMES}`,
    { params: [gameId], signal },
  )
  for (const [raw, index] of rows) addFrame(collector, String(raw), index === null ? null : Number(index))
  return collector.games().find((game) => game.gameId === gameId)
}

/** Ids of games that the store knows from histories alone. Slow: looks into every full frame. */
export async function findInHistories(engine: QueryEngine, part: string, signal: AbortSignal): Promise<string[]> {
  return (await allStoredGames(engine, signal))
    .map((game) => game.gameId)
    .filter((id) => id.startsWith(part) || id.endsWith(part))
}

function addRow(collector: GameCollector, row: EventRow): void {
  if (row.raw_json === null || row.direction === 'sent') return
  if (row.event_name === 'tick') collector.addRecordedTick(exactly(row.raw_json))
  else addFrame(collector, row.raw_json, row.payload_index)
}

/** Adds one frame's payload, numbers as they were written. Minimal frames have no price and are not worth parsing. */
export function addFrame(collector: GameCollector, raw: string, payloadIndex: number | null): void {
  if (!raw.includes('"price"')) return
  const parsed = exactly(raw)
  collector.add(payloadIndex === null || !Array.isArray(parsed) ? parsed : parsed[payloadIndex])
}

/** What is no JSON is no evidence either. It is stored with its issue, and `vectra store verify` is not about that. */
function exactly(text: string): unknown {
  try {
    return parseLiterals(text)
  } catch {
    return null
  }
}
