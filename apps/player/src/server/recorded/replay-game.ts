import type { Game, QueryEngine } from '@vectra/event-store'
import type { Comparison, GameLine, ReplayGame, ReplayMark } from '../../protocol/recorded.ts'

const iso = (micros: number): string => new Date(micros / 1_000).toISOString()

/** A game as the picker shows it. */
export function gameLine(game: Game): GameLine {
  return {
    gameId: game.gameId,
    firstTs: iso(game.firstTs),
    lastTs: iso(game.lastTs),
    ticks: game.ticks,
    lastTick: game.lastTick,
    peak: game.peak?.toFixed() ?? null,
    rugged: game.rugged,
    rugTick: game.rugTick,
    rugPrice: game.rugPrice?.toFixed() ?? null,
    trades: game.trades,
    tradesSeen: game.tradesSeen,
    sessions: game.sessions,
    complete: game.complete,
    reasons: game.completeness.reasons.map(({ text }) => text),
  }
}

/** Stretches of ticks without a price before the last known one. */
export function holesOf(path: readonly (string | null)[]): { from: number; to: number }[] {
  const holes: { from: number; to: number }[] = []
  for (const [tick, price] of path.entries()) {
    if (price !== null) continue
    const open = holes.at(-1)
    if (open !== undefined && open.to === tick - 1) open.to = tick
    else holes.push({ from: tick, to: tick })
  }
  return holes
}

const text = (value: unknown): string | null => (value === null || value === undefined ? null : String(value))
const whole = (value: unknown): number | null => (value === null || value === undefined ? null : Number(value))

/** Digits of a DECIMAL cell. */
function digits(value: unknown): string | null {
  if (value === null || value === undefined) return null
  return typeof value === 'object' && 'toFixed' in value && typeof value.toFixed === 'function'
    ? String(value.toFixed())
    : String(value)
}

/** A name for people; of somebody without one the end of the id tells them apart. */
function nameOf(username: string | null, id: string | null): string {
  return username ?? (id === null ? 'somebody' : `…${id.slice(-6)}`)
}

function short(amount: string | null): string {
  return amount === null ? '?' : amount.replace(/(\.\d{4})\d+$/, '$1…')
}

async function tradeMarks(query: QueryEngine, gameId: string, signal: AbortSignal): Promise<ReplayMark[]> {
  const marks: ReplayMark[] = []
  for await (const trade of query.trades({ gameId, signal })) {
    if (trade.tick === null) continue
    const amount = trade.amount?.toFixed() ?? null
    const player = nameOf(trade.username, trade.playerId)
    const buys = trade.action === 'buy' || trade.action === 'short_close'
    const coin = trade.coin === null || trade.coin === 'solana' ? 'SOL' : trade.coin
    marks.push({
      tick: trade.tick,
      kind: 'trade',
      text: `${player}: ${trade.action ?? 'trade'} ${short(amount)} ${coin}`,
      side: buys ? 'buy' : 'sell',
      player,
      session: trade.sessionId,
      seq: trade.seq,
      ...(amount === null ? {} : { amount }),
    })
  }
  return marks
}

async function betMarks(query: QueryEngine, gameId: string, signal: AbortSignal): Promise<ReplayMark[]> {
  const { rows } = await query.sql(
    'SELECT start_tick, username, player_id, bet_amount, won, end_tick FROM sidebets WHERE game_id = $1 ORDER BY start_tick, player_id',
    { params: [gameId], signal },
  )
  return rows.flatMap(([start, name, id, amount, won, end]): ReplayMark[] => {
    const tick = whole(start)
    if (tick === null) return []
    const player = nameOf(text(name), text(id))
    const outcome = won === true ? 'won' : won === false ? 'lost' : 'not settled'
    const placed = digits(amount)
    return [
      {
        tick,
        kind: 'sidebet',
        text: `${player}: sidebet ${short(placed)} SOL until tick ${text(end) ?? '?'}, ${outcome}`,
        player,
        ...(placed === null ? {} : { amount: placed }),
      },
    ]
  })
}

async function ownMarks(
  query: QueryEngine,
  gameId: string,
  tickAt: (ts: string) => number,
  signal: AbortSignal,
): Promise<ReplayMark[]> {
  const { rows } = await query.sql(
    `SELECT session_id, request_seq, strftime(requested_at, '%Y-%m-%dT%H:%M:%S.%fZ'), action, amount, percentage, outcome, ack_us, fill_tick
     FROM orders WHERE game_id = $1 ORDER BY requested_at, request_seq`,
    { params: [gameId], signal },
  )
  return rows.map(([session, seq, at, action, amount, percentage, outcome, ackUs, fillTick]): ReplayMark => {
    const what = digits(amount) ?? (percentage === null ? '' : `${digits(percentage)} %`)
    const took = ackUs === null ? '' : ` in ${Math.round(Number(ackUs) / 1_000)} ms`
    const side = String(action).startsWith('sell') ? 'sell' : 'buy'
    return {
      tick: whole(fillTick) ?? tickAt(String(at)),
      kind: 'own',
      text: `you: ${String(action)} ${what} ${String(outcome)}${took}`,
      session: String(session),
      seq: Number(seq),
      ...(String(action).includes('sidebet') ? {} : { side }),
    }
  })
}

/** The prices of a game, and when they were received. */
interface RecordedPath extends Pick<ReplayGame, 'path' | 'times' | 'filled'> {
  /** The tick that ended the game; null when that is not known. */
  readonly rugTick: number | null
  /** Receive time of the first tick that was heard, microseconds. */
  readonly start: number | null
}

/** Reads the ticks of a game; none gives an empty path. */
export async function recordedPath(query: QueryEngine, gameId: string, signal: AbortSignal): Promise<RecordedPath> {
  const path: (string | null)[] = []
  const received: (number | null)[] = []
  const filled: { tick: number; origin: string }[] = []
  let start: number | null = null
  let rugTick: number | null = null
  for await (const { tick, price, ts, origin, rugged } of query.ticks({ gameId, signal })) {
    while (path.length < tick) {
      path.push(null)
      received.push(null)
    }
    path.push(price.toFixed())
    const derived = origin?.startsWith('derived:') === true
    if (derived && origin !== null) filled.push({ tick, origin })
    if (start === null && !derived) start = ts
    received.push(derived || start === null ? null : Math.max(0, ts - start) / 1_000)
    if (rugged) rugTick = tick
  }
  return { path, times: received, filled, rugTick, start }
}

/** Everything Replay needs of a game; null when nothing of it is stored. */
export async function replayGame(query: QueryEngine, gameId: string, signal: AbortSignal): Promise<ReplayGame | null> {
  let line: GameLine | undefined
  for await (const game of query.games({ gameId, signal })) line = gameLine(game)
  if (line === undefined) return null
  const { path, times: received, filled, start } = await recordedPath(query, gameId, signal)
  const tickAt = (at: string): number => {
    const since = Date.parse(at) - (start ?? 0) / 1_000
    const after = received.findIndex((time) => time !== null && time > since)
    return after === -1 ? Math.max(0, path.length - 1) : Math.max(0, after - 1)
  }
  const holes = holesOf(path)
  const marks = [
    ...(await tradeMarks(query, gameId, signal)),
    ...(await betMarks(query, gameId, signal)),
    ...(await ownMarks(query, gameId, tickAt, signal)),
    ...holes.map(({ from, to }): ReplayMark => ({ tick: from, kind: 'gap', text: `ticks ${from} to ${to} were not recorded` })),
    ...(line.rugTick === null
      ? []
      : [{ tick: line.rugTick, kind: 'rug' as const, text: `rugged at ${line.rugPrice ?? 'an unknown price'}` }]),
  ].sort((a, b) => a.tick - b.tick)
  const sessions = await query.sql(
    `SELECT t.session_id, any_value(t.source), count(DISTINCT t.tick) FROM game_tick t
     WHERE t.game_id = $1 AND t.active AND t.tick IS NOT NULL GROUP BY 1 ORDER BY 3 DESC, 1`,
    { params: [gameId], signal },
  )
  return {
    line,
    path,
    times: received,
    filled,
    marks,
    holes,
    sessions: sessions.rows.map(([id, source, ticks]) => ({ id: String(id), source: String(source), ticks: Number(ticks) })),
  }
}

/** Two recordings of a game beside each other: which ticks each has, whether prices agree, and who was later. */
export async function compareSessions(
  query: QueryEngine,
  gameId: string,
  [a, b]: readonly [string, string],
  signal: AbortSignal,
): Promise<Comparison> {
  const of = async (session: string): Promise<Map<number, { price: string; ts: number }>> => {
    const { rows } = await query.sql(
      `SELECT tick, arg_min(price, seq), min(epoch_us(ts)) FROM game_tick
       WHERE game_id = $1 AND session_id = $2 AND active AND tick IS NOT NULL AND price IS NOT NULL AND NOT coalesce(rugged, false)
       GROUP BY tick ORDER BY tick`,
      { params: [gameId, session], signal },
    )
    return new Map(rows.map(([tick, price, ts]) => [Number(tick), { price: digits(price) ?? '', ts: Number(ts) }]))
  }
  const [left, right] = [await of(a), await of(b)]
  const both = [...left.keys()].filter((tick) => right.has(tick))
  const late = both.map((tick) => ((right.get(tick)?.ts ?? 0) - (left.get(tick)?.ts ?? 0)) / 1_000).sort((x, y) => x - y)
  const at = (share: number): number => late[Math.min(late.length - 1, Math.floor(late.length * share))] ?? 0
  return {
    a,
    b,
    both: both.length,
    onlyA: left.size - both.length,
    onlyB: right.size - both.length,
    different: both.flatMap((tick) => {
      const [one, other] = [left.get(tick)?.price ?? '', right.get(tick)?.price ?? '']
      return one === other ? [] : [{ tick, a: one, b: other }]
    }),
    latencyMs: late.length === 0 ? null : { p50: at(0.5), p99: at(0.99) },
  }
}
