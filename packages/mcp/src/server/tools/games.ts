import { z } from 'zod'
import { McpError } from '../../errors.ts'
import type { GameRecord, TradeRecord } from '../../ports.ts'
import { ENVELOPE_CHARS, sizeOf, takeFitting, takePage } from '../budget.ts'
import { decodeCursor, encodeCursor } from '../cursor.ts'
import { defineTool, maxChars, NOTICE, PAGE, READS } from '../tool.ts'
import { isoMicros, parseWhen } from '../when.ts'
import { present } from './events.ts'

const game = z.looseObject({
  game_id: z.string(),
  first: z.string(),
  last: z.string(),
  ticks: z.int(),
  peak: z.string().nullable(),
  rug_tick: z.int().nullable(),
  complete: z.boolean(),
  reasons: z.array(z.string()),
})

const REASONS =
  'complete means that every tick from 0 to the rug is stored and no recording declares a gap; otherwise reasons says why ' +
  '(no_start: recording began in mid-game; no_rug: the game runs still or recording ended first; missing_ticks; gap: every recording of it declares a gap; rug_tick_unknown; bad_file: a damaged file was left out)'

/** Which games are stored, and how completely. */
export const gamesList = defineTool({
  name: 'games_list',
  title: 'Recorded games',
  description: `Games with their price peak, rug and completeness. ${REASONS}. Filter with complete or reason, e.g. {"since":"2025-12-12","until":"2025-12-13","reason":"gap"}.`,
  annotations: READS,
  available: (ports) => ports.games !== undefined,
  input: z.strictObject({
    since: z
      .string()
      .max(40)
      .optional()
      .describe('games with a frame at or after: 2025-12-12, an ISO time, or an age such as 24h'),
    until: z.string().max(40).optional().describe('games with a frame before'),
    complete: z.boolean().optional().describe('only complete ones, or only incomplete ones'),
    reason: z.string().max(40).optional().describe('only games that are incomplete for this reason'),
    order: z.enum(['asc', 'desc']).default('desc'),
    limit: z.int().min(1).max(500).default(50),
    cursor: z.string().max(1_000).optional(),
    max_chars: maxChars,
  }),
  output: z.object({ ...PAGE, games: z.array(game) }),
  async run(input, context) {
    const { cursor, max_chars, limit, ...question } = input
    const now = context.now()
    const after = cursor === undefined ? undefined : (decodeCursor(question, cursor) as [number, string])
    const [since, until] = [input.since, input.until].map((text) => (text === undefined ? undefined : parseWhen(text, now)))
    const all = present(context.ports.games).list({ since, until, order: input.order }, context)
    const page = await takePage(chosen(all, input, after), { limit, maxChars: max_chars - ENVELOPE_CHARS, show: shownGame })
    const { last } = page
    return {
      notice: NOTICE,
      returned: page.items.length,
      truncated: page.truncated,
      next_cursor: last === undefined ? null : encodeCursor(question, [last.first_ts, last.game_id]),
      cut: [...page.cut],
      games: [...page.shown],
    }
  },
})

/** One game: facts, completeness, fairness, trades. */
export const gameGet = defineTool({
  name: 'game_get',
  title: 'One game',
  description:
    `One recorded game: times, ticks, peak, rug, trades, completeness and fairness. ${REASONS}. fairness.verdict: fair (the revealed seed recomputes every recorded price), mismatch (faults say where), ` +
    'unverifiable (the seed is not known yet: it is revealed when the next game begins). include adds trades (paged by cursor) or ticks (price path, at most 400 points, evenly chosen).',
  annotations: READS,
  available: (ports) => ports.games !== undefined,
  input: z.strictObject({
    game_id: z.string().min(4).max(64).describe('the id, or a unique beginning or end of it'),
    include: z
      .array(z.enum(['trades', 'ticks']))
      .max(2)
      .default([]),
    limit: z.int().min(1).max(500).default(50).describe('trades of one page'),
    cursor: z.string().max(1_000).optional(),
    max_chars: maxChars,
  }),
  output: z.object({
    ...PAGE,
    game,
    fairness: z.object({
      verdict: z.enum(['fair', 'mismatch', 'unverifiable']),
      compared: z.int(),
      equal: z.int(),
      server_seed: z.string().nullable(),
      faults: z.array(z.string()),
    }),
    trades: z.array(z.looseObject({})),
    ticks: z.array(z.array(z.union([z.int(), z.string()]))).describe('each [tick, price]'),
  }),
  async run(input, context) {
    const { cursor, max_chars, limit, ...question } = input
    const port = present(context.ports.games)
    const found = await port.get(input.game_id, context)
    if (found === undefined) throw new McpError('MCP_ARGUMENT', `no game "${input.game_id}" is stored; games_list lists them`)
    context.progress(1, 3, 'recomputing the price path')
    const fairness = await port.fairness(found.game_id, context)
    context.progress(2, 3)
    const room = max_chars - ENVELOPE_CHARS
    const cut = new Set<string>()
    const some = (name: string, items: readonly string[], share: number): string[] => {
      const fitting = takeFitting(items, room * share)
      if (fitting.length < items.length) cut.add(name)
      return [...fitting]
    }
    const sessions = some('game.sessions', found.sessions, 0.2)
    const facts = { ...shownGame(found), sessions, missing: some('game.missing', found.missing, 0.2) }
    const fair = { ...fairness, faults: some('fairness.faults', fairness.faults, 0.2) }
    const ticks = input.include.includes('ticks') ? await pricePath(port.ticks(found.game_id, context)) : []
    let left = room - sizeOf([facts, fair])
    const path = takeFitting(ticks, left)
    left -= sizeOf(path)
    const skip = cursor === undefined ? 0 : Number(decodeCursor(question, cursor))
    const trades = input.include.includes('trades') ? behind(port.trades(found.game_id, context), skip) : []
    const page = await takePage(trades, { limit, maxChars: Math.max(200, left), show: shownTrade })
    context.progress(3, 3)
    return {
      notice: NOTICE,
      returned: page.items.length,
      truncated: page.truncated || path.length < ticks.length || cut.size > 0,
      next_cursor: page.last === undefined ? null : encodeCursor(question, skip + page.items.length),
      cut: [...cut, ...page.cut],
      game: facts,
      fairness: fair,
      trades: [...page.shown],
      ticks: [...path],
    }
  },
})

/** A game as tools and resources show it; the sentences about what is missing only where one game is asked for. */
export function shownGame({ first_ts, last_ts, missing: _missing, ...rest }: GameRecord) {
  return {
    ...rest,
    sessions: [...rest.sessions],
    reasons: [...rest.reasons],
    first: isoMicros(first_ts),
    last: isoMicros(last_ts),
  }
}

function shownTrade({ ts, ...rest }: TradeRecord): Record<string, unknown> {
  const kept = Object.entries(rest).filter(([, value]) => value !== null)
  return { ts: isoMicros(ts), ...Object.fromEntries(kept) }
}

async function* chosen(
  games: AsyncIterable<GameRecord>,
  { complete, reason, order }: { complete?: boolean | undefined; reason?: string | undefined; order: 'asc' | 'desc' },
  after: readonly [number, string] | undefined,
): AsyncGenerator<GameRecord> {
  const sign = order === 'asc' ? 1 : -1
  for await (const one of games) {
    if (
      after !== undefined &&
      sign * (one.first_ts - after[0] || (one.game_id < after[1] ? -1 : one.game_id > after[1] ? 1 : 0)) <= 0
    )
      continue
    if (complete !== undefined && one.complete !== complete) continue
    if (reason !== undefined && !one.reasons.includes(reason)) continue
    yield one
  }
}

/** At most 400 points, evenly chosen, the first and the last among them. */
async function pricePath(ticks: AsyncIterable<{ readonly tick: number; readonly price: string }>): Promise<[number, string][]> {
  const all: [number, string][] = []
  for await (const { tick, price } of ticks) all.push([tick, price])
  const step = Math.max(1, Math.ceil(all.length / 399))
  return all.filter((_tick, index) => index % step === 0 || index === all.length - 1)
}

async function* behind<T>(items: AsyncIterable<T>, skip: number): AsyncGenerator<T> {
  let index = 0
  for await (const item of items) if (index++ >= skip) yield item
}
