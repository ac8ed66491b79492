import { type Context, Hono } from 'hono'
import type { GameLine, PaperAction } from '../../protocol/recorded.ts'
import { problem } from '../api/problem.ts'
import { frameAt, framesAround } from './frames.ts'
import { playOnPaper } from './paper.ts'
import type { RecordedPorts } from './ports.ts'
import type { RecordedStore } from './recorded-store.ts'
import { compareSessions, gameLine, recordedPath, replayGame } from './replay-game.ts'

const MOST_GAMES = 500
const MOST_ACTIONS = 1_000

function unknownGame(context: Context, gameId: string): Response {
  return problem(
    context,
    404,
    'PLAYER_NO_GAME',
    `no game ${gameId} is recorded here`,
    'Choose one from the list, or record it first.',
  )
}

/** Acts on paper out of a request; null when they are none. */
function paperActions(value: unknown): PaperAction[] | null {
  if (!Array.isArray(value) || value.length > MOST_ACTIONS) return null
  const actions: PaperAction[] = []
  for (const item of value as readonly unknown[]) {
    if (typeof item !== 'object' || item === null) return null
    const { tick, kind, amount, percentage } = item as Record<string, unknown>
    if (tick !== null && !(typeof tick === 'number' && Number.isInteger(tick) && tick >= 0)) return null
    if (kind !== 'buy' && kind !== 'sell' && kind !== 'sidebet') return null
    actions.push({
      tick,
      kind,
      ...(typeof amount === 'string' ? { amount } : {}),
      ...(typeof percentage === 'number' ? { percentage } : {}),
    })
  }
  return actions
}

/** Routes of the Replay screen, below `/api/replay`. */
export function replayRoutes(store: RecordedStore, ports: RecordedPorts): Hono {
  const routes = new Hono()
  routes.get('/games', async (context) => {
    const query = await store.query()
    const limit = Math.min(MOST_GAMES, Math.max(1, Number(context.req.query('limit') ?? 200) || 200))
    const until = Number(context.req.query('until') ?? Number.NaN)
    const games: GameLine[] = []
    const filter = { order: 'desc' as const, limit, signal: context.req.raw.signal, ...(Number.isFinite(until) ? { until } : {}) }
    for await (const game of query.games(filter)) games.push(gameLine(game))
    return context.json({ games, more: games.length === limit })
  })
  routes.get('/games/:id', async (context) => {
    const id = context.req.param('id')
    const game = await replayGame(await store.query(), id, context.req.raw.signal)
    return game === null ? unknownGame(context, id) : context.json(game)
  })
  routes.get('/games/:id/frames', async (context) => {
    const tick = Math.max(0, Number(context.req.query('tick') ?? 0) || 0)
    const frames = await framesAround(await store.query(), context.req.param('id'), tick, 60, context.req.raw.signal)
    return context.json({ frames })
  })
  routes.get('/games/:id/fairness', async (context) => {
    const id = context.req.param('id')
    if (ports.fairness === undefined)
      return problem(
        context,
        501,
        'PLAYER_NO_FAIRNESS',
        'this page cannot recompute games',
        `Ask on the command line: vectra fair ${id}`,
      )
    const card = await ports.fairness(await store.query(), id, context.req.raw.signal)
    return card === null ? unknownGame(context, id) : context.json(card)
  })
  routes.get('/games/:id/compare', async (context) => {
    const [a, b] = [context.req.query('a'), context.req.query('b')]
    if (a === undefined || b === undefined || a === b)
      return problem(context, 400, 'PLAYER_BAD_REQUEST', 'a comparison needs two recordings', 'Choose two different recordings.')
    return context.json(await compareSessions(await store.query(), context.req.param('id'), [a, b], context.req.raw.signal))
  })
  routes.post('/games/:id/paper', async (context) => {
    const id = context.req.param('id')
    const body: unknown = await context.req.json().catch(() => null)
    const { actions, tick } = typeof body === 'object' && body !== null ? (body as Record<string, unknown>) : {}
    const acts = paperActions(actions)
    if (acts === null || typeof tick !== 'number' || !Number.isInteger(tick) || tick < 0)
      return problem(context, 400, 'PLAYER_BAD_REQUEST', 'these are no acts on paper', 'Reload the page.')
    // Asked at every tick while it plays: the prices are enough.
    const { path, rugTick } = await recordedPath(await store.query(), id, context.req.raw.signal)
    if (path.length === 0) return unknownGame(context, id)
    return context.json(playOnPaper(id, path, rugTick, acts, Math.min(tick, path.length - 1)))
  })
  routes.get('/frame', async (context) => {
    const [session, asked] = [context.req.query('session') ?? '', context.req.query('seq') ?? '']
    const seq = Number(asked === '' ? Number.NaN : asked)
    const frame = Number.isInteger(seq) ? await frameAt(await store.query(), session, seq, context.req.raw.signal) : null
    if (frame === null)
      return problem(
        context,
        404,
        'PLAYER_NO_FRAME',
        `no event ${session}:${asked} is stored`,
        'It may have been removed by retention.',
      )
    return context.json(frame)
  })
  return routes
}
