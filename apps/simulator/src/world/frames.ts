import type { EraShape } from './era.ts'
import type { History } from './history.ts'
import type { LeaderboardEntry } from './leaderboard.ts'

/** Everything the shapes of `gameStateUpdate` are made of. */
export interface FrameFacts {
  readonly shape: EraShape
  readonly gameId: string
  readonly serverSeedHash: string
  readonly active: boolean
  readonly rugged: boolean
  readonly tick: number
  readonly price: number
  /** All prices so far; the last one is that of the true tick. */
  readonly prices: readonly number[]
  readonly cooldownTimer: number
  readonly presale: boolean
  readonly leaderboard: readonly LeaderboardEntry[]
  readonly connectedPlayers: number
  readonly tradeCount: number
  readonly rugpool: { readonly instarugCount: number; readonly threshold: number; readonly rugpoolAmount: number }
  /** All of the rug pool, as Aug 2025's full frames had it. */
  readonly rugpoolState: () => object
  readonly rugRoyale: object
  /** A royale is scheduled: full frames then carry it too. */
  readonly royaleScheduled: boolean
  readonly history: History
}

type Payload = Readonly<Record<string, unknown>>

/** Seven keys: cooldown and presale. */
export function minimalFrame(f: FrameFacts): Payload {
  return {
    gameId: f.gameId,
    cooldownTimer: f.cooldownTimer,
    cooldownPaused: false,
    allowPreRoundBuys: f.presale,
    leaderboard: f.leaderboard,
    connectedPlayers: f.connectedPlayers,
    provablyFair: fairness(f),
  }
}

/** Fourteen keys: tick 0. */
export function startFrame(f: FrameFacts): Payload {
  return {
    active: f.active,
    price: f.price,
    rugged: f.rugged,
    tickCount: f.tick,
    cooldownTimer: f.cooldownTimer,
    cooldownPaused: false,
    pauseMessage: '',
    allowPreRoundBuys: f.presale,
    leaderboard: f.leaderboard,
    gameId: f.gameId,
    connectedPlayers: f.connectedPlayers,
    gameVersion: 'v3',
    ...path(f),
    provablyFair: fairness(f),
  }
}

/** Twenty-one keys: each tick, the rug, and the opening of the presale. */
export function tickFrame(f: FrameFacts): Payload {
  return {
    active: f.active,
    price: f.price,
    ...path(f),
    tradeCount: f.tradeCount,
    rugged: f.rugged,
    tickCount: f.tick,
    cooldownTimer: f.cooldownTimer,
    cooldownPaused: false,
    pauseMessage: '',
    allowPreRoundBuys: f.presale,
    ...f.history.statistics(),
    leaderboard: f.leaderboard,
    gameId: f.gameId,
    connectedPlayers: f.connectedPlayers,
    rugpool: f.rugpool,
    rugRoyale: f.rugRoyale,
    provablyFair: fairness(f),
  }
}

/** The large one: rug repeated, next game revealed, sometimes tick 0. `inflate` makes its tick too high, as the server does. */
export function fullFrame(f: FrameFacts, options: { inflate?: number; connect?: boolean } = {}): Payload {
  return {
    gameHistory: f.history.entries(),
    ...f.history.statistics(),
    ...f.history.records(),
    availableShitcoins: SHITCOINS,
    active: f.active,
    price: f.price,
    rugged: f.rugged,
    tickCount: f.tick + (options.inflate ?? 0),
    cooldownTimer: f.cooldownTimer,
    cooldownPaused: false,
    pauseMessage: '',
    allowPreRoundBuys: f.presale,
    leaderboard: f.leaderboard,
    gameId: f.gameId,
    connectedPlayers: f.connectedPlayers,
    gameVersion: 'v3',
    ...(f.shape.fullPrices ? { rugpool: f.rugpoolState() } : {}),
    ...(f.royaleScheduled ? { rugRoyale: f.rugRoyale } : {}),
    ...(options.connect === true ? { prices: f.prices, ...(f.shape.fullPrices ? { trades: [] } : {}) } : path(f)),
    provablyFair: fairness(f),
  }
}

const SHITCOINS = [{ address: '0xPractice', ticker: 'FREE', name: 'Practice SOL', max_bet: 10_000, max_win: 100_000 }]
const WINDOW = 5

function fairness(f: FrameFacts): object {
  return { serverSeedHash: f.serverSeedHash, version: 'v3' }
}

/** The window of the last five ticks; in Aug 2025 all prices and an empty list of trades. */
function path(f: FrameFacts): object {
  if (f.shape.fullPrices) return { prices: f.prices, trades: [] }
  const endTick = f.prices.length - 1
  const startTick = Math.max(0, endTick - WINDOW + 1)
  const values: Record<string, number> = {}
  for (let tick = startTick; tick <= endTick; tick += 1) values[tick] = f.prices[tick] ?? f.price
  return { partialPrices: { startTick, endTick, values } }
}
