import type { EventRow, Game, QueryEngine } from '@vectra/event-store'
import { EVENTS } from '@vectra/schemas'
import {
  DOCUMENTED_EVENTS,
  type DocumentScope,
  type DocumentSource,
  type EventChoice,
  type EventDocument,
  eventDocument,
  gameDocuments,
  payloadShape,
  protocolDocuments,
  type SourceContext,
  schemaDocument,
  shapeDocument,
} from '@vectra/vectors'
import { repositoryFiles } from './repository-files.ts'
import { shortHash, storeStamp } from './stamp.ts'

/** What the documents of events are made from. */
export interface EventSourceOptions {
  readonly dataDir: string
  readonly repoDir?: string | undefined
  /** Opened by the first question. */
  readonly engine: () => Promise<QueryEngine>
  readonly choice: Omit<EventChoice, 'own'>
}

/** Events of one session that are read and remembered together. */
const BLOCK = 5_000

/** First event of each payload shape in a block: `[event name, shape, seq]`. */
type ShapeFacts = readonly (readonly [string, string, number])[]

const DOCUMENTED = new Set(DOCUMENTED_EVENTS)
const IS_PROTOCOL_PAGE = /^docs\/protocol(?:\.md|\/.*\.md)$/

/** The documents of the `events` table: protocol pages, schemas, stored events in blocks, payload shapes, games. */
export async function eventSource(options: EventSourceOptions): Promise<DocumentSource<'events'>> {
  const { dataDir, repoDir } = options
  const pages = repoDir === undefined ? [] : await repositoryFiles(repoDir, (path) => IS_PROTOCOL_PAGE.test(path), [dataDir])
  let blocks = 0
  let games = 0
  let total: number | undefined
  return {
    table: 'events',
    stamp: shortHash([storeStamp(dataDir), pages.map((page) => page.version), options.choice]),
    owns: (scope) => repoDir !== undefined || !scope.startsWith('protocol:'),
    total: () => total,
    position: () => `${blocks} blocks of events, ${games} games`,
    async *scopes(context) {
      for (const page of pages) {
        yield scopeOf(`protocol:${page.path}`, page.version, async () => protocolDocuments(page.path, await page.read()))
      }
      for (const definition of Object.values(EVENTS)) {
        const document = schemaDocument(definition)
        yield scopeOf(`schema:${definition.name}`, shortHash(document), async () => [document])
      }
      const engine = await options.engine()
      const choice: EventChoice = { ...options.choice, own: await ownPlayers(engine, context.signal) }
      const stored = await storedBlocks(engine, context.signal)
      const played = await collect(engine.games({ signal: context.signal }))
      total = pages.length + Object.keys(EVENTS).length + stored.length + played.length
      const names: string[] = []
      for (const block of stored) {
        blocks++
        const scope = blockScope(engine, block, choice)
        names.push(scope.scope)
        yield scope
      }
      yield* shapeScopes(engine, names, context)
      for (const game of played) {
        games++
        yield gameScope(engine, game)
      }
    },
  }
}

function scopeOf(scope: string, version: string, load: () => Promise<readonly EventDocument[]>): DocumentScope<EventDocument> {
  return { scope, version, load: async () => ({ documents: await load() }) }
}

async function ownPlayers(engine: QueryEngine, signal?: AbortSignal): Promise<Set<string>> {
  const { rows } = await engine.sql(
    "SELECT DISTINCT player_id FROM server_state WHERE player_id IS NOT NULL AND event_name IN ('playerUpdate', 'usernameStatus') ORDER BY 1",
    { signal },
  )
  return new Set(rows.map(([id]) => String(id)))
}

/** What the store holds of `BLOCK` numbers of a session. */
interface Block {
  readonly session: string
  readonly index: number
  /** Last `seq` stored. */
  readonly to: number
  /** Fewer than before when retention or a lost file took some. */
  readonly rows: number
}

async function storedBlocks(engine: QueryEngine, signal?: AbortSignal): Promise<Block[]> {
  const { rows } = await engine.sql(
    `SELECT session_id, (seq - 1) // ${BLOCK} AS block, max(seq), count(*) FROM events GROUP BY ALL ORDER BY session_id, block`,
    { signal },
  )
  return rows.map(([session, index, to, count]) => ({
    session: String(session),
    index: Number(index),
    to: Number(to),
    rows: Number(count),
  }))
}

async function* between(
  engine: QueryEngine,
  session: string,
  from: number,
  to: number,
  signal?: AbortSignal,
): AsyncIterable<EventRow> {
  for await (const row of engine.eventsAfter({ [session]: from - 1 }, { sessionId: session, limit: to - from + 1, signal })) {
    if (row.seq <= to) yield row
  }
}

function blockScope(engine: QueryEngine, { session, index, to, rows }: Block, choice: EventChoice): DocumentScope<EventDocument> {
  return {
    scope: `session:${session}:${index}`,
    version: shortHash([to, rows, choice.tradeSol, choice.sidebetSol, [...choice.own]]),
    async load(signal) {
      const documents: EventDocument[] = []
      const shapes = new Map<string, [string, string, number]>()
      for await (const row of between(engine, session, index * BLOCK + 1, to, signal)) {
        const document = DOCUMENTED.has(row.event_name) ? eventDocument(row, choice) : undefined
        if (document !== undefined) documents.push(document)
        if (row.doc_type !== 'ws_event') continue
        const shape = payloadShape(row)
        if (shape !== undefined && !shapes.has(shape.key)) shapes.set(shape.key, [shape.eventName, shape.key, row.seq])
      }
      return { documents, facts: JSON.stringify([...shapes.values()]) }
    },
  }
}

/** One document a shape, with its first event in the order of sessions and `seq` as example. */
async function* shapeScopes(
  engine: QueryEngine,
  blocks: readonly string[],
  context: SourceContext,
): AsyncIterable<DocumentScope<EventDocument>> {
  const first = new Map<string, { session: string; seq: number; eventName: string; key: string }>()
  for (const block of blocks) {
    const session = block.split(':')[1] ?? ''
    for (const [eventName, key, seq] of JSON.parse(context.facts(block) ?? '[]') as ShapeFacts) {
      if (!first.has(key)) first.set(key, { session, seq, eventName, key })
    }
  }
  for (const { session, seq, eventName, key } of first.values()) {
    yield scopeOf(`shape:${eventName}:${key}`, `${session}:${seq}`, async () => {
      for await (const row of between(engine, session, seq, seq, context.signal)) {
        const shape = payloadShape(row)
        if (shape !== undefined) return [shapeDocument(shape, row)]
      }
      return []
    })
  }
}

function gameScope(engine: QueryEngine, game: Game): DocumentScope<EventDocument> {
  return {
    scope: `game:${game.gameId}`,
    version: shortHash(game),
    async load(signal) {
      const ticks = await collect(engine.ticks({ gameId: game.gameId, signal }))
      const trades = await collect(engine.trades({ gameId: game.gameId, signal }))
      return { documents: gameDocuments(game, ticks, trades) }
    },
  }
}

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = []
  for await (const item of items) all.push(item)
  return all
}
