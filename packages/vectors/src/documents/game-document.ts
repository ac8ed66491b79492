import { Decimal, type Micros } from '@vectra/schemas'
import type { EventDocument } from './document.ts'
import { about, count, multiple, sol, span, when } from './words.ts'

/** What is known of a game; the store's `Game` fits. */
export interface GameFacts {
  readonly gameId: string
  readonly firstTs: Micros
  readonly lastTs: Micros
  readonly lastTick: number | null
  readonly peak: Decimal | null
  readonly rugged: boolean
  readonly rugTick: number | null
  readonly rugPrice: Decimal | null
  readonly trades: number | null
  readonly tradesSeen: number
  readonly complete: boolean
  readonly reasons: readonly string[]
}

/** One step of a game's price. */
export interface GameTick {
  readonly tick: number
  readonly price: Decimal | null
  readonly ts: Micros
}

/** One fill of the game, with the money of the real token. */
export interface GameTrade {
  readonly action: string | null
  readonly username: string | null
  readonly playerId: string | null
  readonly amount: Decimal | null
  readonly price: Decimal | null
  readonly tick: number | null
  readonly coin: string | null
}

/** A tick that multiplies the price by ten (the rules say exactly ten, at a price of at most 100). */
const GOD_CANDLE = new Decimal('9.9')
/** Instant rugs feed the rugpool. */
const INSTANT_TICKS = 6

const REASONS: Readonly<Record<string, string>> = {
  no_start: 'its start was not recorded',
  no_rug: 'its rug was not recorded',
  rug_tick_unknown: 'its rug tick is not known',
  missing_ticks: 'ticks are missing',
  gap: 'the recording has a gap in it',
}

interface Jump {
  readonly from: GameTick & { readonly price: Decimal }
  readonly to: GameTick & { readonly price: Decimal }
  readonly ratio: Decimal
}

function jumpsOf(ticks: readonly GameTick[]): Jump[] {
  const priced = ticks.filter((tick): tick is GameTick & { price: Decimal } => tick.price?.gt(0) === true)
  return priced.slice(1).flatMap((to, index) => {
    const from = priced[index]
    return from === undefined || to.tick !== from.tick + 1 ? [] : [{ from, to, ratio: to.price.div(from.price) }]
  })
}

/** The documents of one game: its story, its rug, its god candles. */
export function gameDocuments(game: GameFacts, ticks: readonly GameTick[], trades: readonly GameTrade[]): EventDocument[] {
  const jumps = jumpsOf(ticks)
  const candles = jumps.filter((jump) => jump.ratio.gte(GOD_CANDLE))
  const base = { table: 'events', gameId: game.gameId, headings: ['games', `game ${game.gameId}`] } as const
  const documents: EventDocument[] = [
    { ...base, kind: 'game', id: 'game', ts: game.firstTs, body: story(game, ticks, jumps, candles, trades) },
  ]
  if (game.rugged) {
    documents.push({
      ...base,
      kind: 'rug',
      id: 'rug',
      ts: ticks.findLast((tick) => tick.tick === game.rugTick)?.ts ?? game.lastTs,
      headings: ['rugs', `rug of game ${game.gameId}`],
      body: `Game ${game.gameId} rugged${game.rugTick === null ? '' : ` at tick ${game.rugTick}`} at a rug price of ${multiple(game.rugPrice)}${
        game.peak === null ? '' : `, after a peak of ${about(game.peak)}`
      }.${isInstant(game) ? ' An instant rug, within the first six ticks: it counts for the rugpool.' : ''}`,
    })
  }
  for (const { from, to } of candles) {
    documents.push({
      ...base,
      kind: 'god_candle',
      id: `god-candle-${to.tick}`,
      ts: to.ts,
      headings: ['god candles', `god candle in game ${game.gameId}`],
      body: `God candle at tick ${to.tick} of game ${game.gameId}: the price jumped tenfold in one tick, from ${multiple(from.price)} to ${multiple(to.price)}.`,
    })
  }
  return documents
}

const isInstant = (game: GameFacts): boolean => game.rugTick !== null && game.rugTick <= INSTANT_TICKS

function story(
  game: GameFacts,
  ticks: readonly GameTick[],
  jumps: readonly Jump[],
  candles: readonly Jump[],
  trades: readonly GameTrade[],
): string {
  const lines = [
    `Game ${game.gameId} of ${when(game.firstTs)} ${
      game.rugged
        ? `ran ${game.rugTick === null ? 'for an unknown number of ticks' : count(game.rugTick, 'tick')} and rugged at ${multiple(game.rugPrice)}.`
        : `was recorded up to tick ${game.lastTick ?? 0}; its rug was not seen.`
    }`,
  ]
  const [first, last] = [ticks[0], ticks.at(-1)]
  if (first !== undefined && last !== undefined && last.ts > first.ts) lines.push(`It took ${span(last.ts - first.ts)}.`)
  lines.push(
    ...priceLines(game, ticks, jumps),
    ...candles.map(({ to }) => `A god candle multiplied the price by ten at tick ${to.tick}.`),
  )
  if (isInstant(game)) lines.push('It was an instant rug.')
  lines.push(...tradeLines(game, trades))
  if (!game.complete)
    lines.push(`The record is incomplete: ${game.reasons.map((reason) => REASONS[reason] ?? reason).join(', ')}.`)
  return lines.join(' ')
}

function priceLines(game: GameFacts, ticks: readonly GameTick[], jumps: readonly Jump[]): string[] {
  const lines: string[] = []
  const priced = ticks.filter((tick): tick is GameTick & { price: Decimal } => tick.price !== null && tick.tick !== game.rugTick)
  let top = priced[0]
  let fall = { depth: new Decimal(0), tick: 0 }
  for (const tick of priced) {
    if (top === undefined || tick.price.gt(top.price)) top = tick
    const depth = top.price.gt(0) ? top.price.minus(tick.price).div(top.price) : new Decimal(0)
    if (depth.gt(fall.depth)) fall = { depth, tick: tick.tick }
  }
  if (top !== undefined) lines.push(`The price peaked at ${about(top.price)} at tick ${top.tick}.`)
  const crossed = [2, 5, 10, 50, 100].flatMap((level) => {
    const tick = priced.find(({ price }) => price.gte(level))
    return tick === undefined ? [] : [`${level}x at tick ${tick.tick}`]
  })
  if (crossed.length > 0) lines.push(`It reached ${crossed.join(', ')}.`)
  else if (game.rugged) lines.push('It never reached 2x.')
  if (fall.depth.gte('0.3'))
    lines.push(`The deepest fall from a top was ${fall.depth.times(100).toFixed(0)} %, at tick ${fall.tick}.`)
  const big = jumps.filter(({ ratio, to }) => to.tick !== game.rugTick && (ratio.gte('1.15') || ratio.lte('0.85'))).length
  if (big > 0) lines.push(`${count(big, 'big move')} of 15 % or more in one tick.`)
  return lines
}

function tradeLines(game: GameFacts, trades: readonly GameTrade[]): string[] {
  const real = trades.filter((trade) => trade.coin !== 'free' && trade.amount !== null)
  const lines: string[] = []
  if (game.trades !== null) lines.push(`The server counted ${count(game.trades, 'trade')}, ${game.tradesSeen} were broadcast.`)
  else if (game.tradesSeen > 0) lines.push(`${count(game.tradesSeen, 'trade')} were broadcast.`)
  const sum = (action: string): Decimal =>
    real.filter((trade) => trade.action === action).reduce((total, { amount }) => total.plus(amount ?? 0), new Decimal(0))
  if (real.length > 0) lines.push(`Of those seen, buys of ${sol(sum('buy'))} and sells of ${sol(sum('sell'))}.`)
  const [largest] = [...real].sort((a, b) => (b.amount ?? new Decimal(0)).comparedTo(a.amount ?? new Decimal(0)))
  if (largest !== undefined) {
    lines.push(
      `The largest was a ${largest.action ?? 'trade'} of ${sol(largest.amount)} by ${largest.username ?? largest.playerId ?? 'an unnamed player'} at ${multiple(largest.price)}.`,
    )
  }
  return lines
}
