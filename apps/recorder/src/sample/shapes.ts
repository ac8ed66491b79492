import type { Money, SeatView, Trade } from '@vectra/game'
import type { PlannedGame } from './plan.ts'
import type { Player } from './players.ts'

type Json = Readonly<Record<string, unknown>>

/** What a broadcast says about the round at one moment. */
export interface Moment {
  readonly game: PlannedGame
  readonly tick: number
  readonly price: number
  readonly active: boolean
  readonly rugged: boolean
  /** ms; 0 while active. */
  readonly cooldown: number
  readonly presale: boolean
  readonly leaderboard: readonly Json[]
  readonly connected: number
  readonly tradeCount: number
}

/** 7 keys: every 100 ms of cooldown and presale. */
export function minimalState({ game, cooldown, presale, leaderboard, connected }: Moment): Json {
  return {
    gameId: game.id,
    cooldownTimer: cooldown,
    cooldownPaused: false,
    allowPreRoundBuys: presale,
    leaderboard,
    connectedPlayers: connected,
    provablyFair: { serverSeedHash: game.serverSeedHash, version: 'v3' },
  }
}

/** 14 keys: tick 0. */
export function startState(moment: Moment): Json {
  return { ...minimalState(moment), ...roundKeys(moment), gameVersion: 'v3', partialPrices: recentPrices(moment) }
}

/** 21 keys: each tick, the first rug frame, and the opening of presale. */
export function tickState(moment: Moment): Json {
  return {
    ...minimalState(moment),
    ...roundKeys(moment),
    partialPrices: recentPrices(moment),
    tradeCount: moment.tradeCount,
    ...STATISTICS,
    rugpool: { instarugCount: 3, threshold: 10, rugpoolAmount: 2.417301 },
    rugRoyale: { status: 'INACTIVE', activeEventId: null, currentEvent: null, upcomingEvents: [], events: [] },
  }
}

/** Everything, with the last finished games and their seeds. On connecting it carries `prices` instead of `partialPrices`. */
export function fullState(moment: Moment, history: readonly Json[], { connecting = false } = {}): Json {
  return {
    ...minimalState(moment),
    ...roundKeys(moment),
    gameVersion: 'v3',
    ...(connecting ? { prices: moment.game.path.prices.slice(0, moment.tick + 1) } : { partialPrices: recentPrices(moment) }),
    ...STATISTICS,
    highestToday: null,
    highestTodayTimestamp: null,
    highestTodayGameId: null,
    highestTodayServerSeed: null,
    ...Object.fromEntries(
      ['2x', '10x', '50x'].flatMap((tier) =>
        ['', 'Timestamp', 'GameId', 'ServerSeed', 'MassiveJump'].map((part) => [`godCandle${tier}${part}`, null]),
      ),
    ),
    availableShitcoins: [
      { address: '0xPractice', ticker: 'FREE', name: 'Free Practice Token', max_bet: 10_000, max_win: 100_000 },
    ],
    gameHistory: history,
  }
}

/** A finished game as `gameHistory` shows it: here, and only here, its seed is revealed. */
export function finishedGame({ id, serverSeed, serverSeedHash, path }: PlannedGame, endedAtMs: number): Json {
  return {
    id,
    timestamp: endedAtMs,
    peakMultiplier: path.peak,
    rugged: true,
    gameVersion: 'v3',
    globalTrades: [],
    globalSidebets: [],
    provablyFair: { serverSeed, serverSeedHash },
  }
}

/** One place of the leaderboard; in presale the three parts of the result are absent. */
export function leaderboardEntry(player: Player, view: SeatView, position: number, presale: boolean): Json {
  return {
    id: player.id,
    username: player.username,
    level: player.level,
    pnl: presale ? 0 : wire(view.pnl),
    ...(presale ? {} : { regularPnl: wire(view.regularPnl), sidebetPnl: wire(view.sidebetPnl), shortPnl: wire(view.shortPnl) }),
    pnlPercent: presale ? 0 : wire(view.pnlPercent),
    hasActiveTrades: true,
    positionQty: wire(view.positionQty),
    avgCost: wire(view.avgCost),
    totalInvested: wire(view.totalInvested),
    position,
    sidebetActive: view.sidebet === null ? null : true,
    sideBet: null,
    shortPosition: null,
    selectedCoin: null,
  }
}

/** A fill as everyone hears of it. */
export function newTrade(id: string, player: Player, trade: Trade, tick: number, price: number): Json {
  return {
    id,
    gameId: trade.gameId,
    playerId: player.id,
    username: player.username,
    level: player.level,
    price,
    type: trade.type,
    qty: wire(trade.qty),
    tickIndex: tick,
    coin: 'solana',
    amount: wire(trade.amount),
    ...(trade.type === 'buy' ? { leverage: 1 } : {}),
    bonusPortion: 0,
    realPortion: wire(trade.amount),
  }
}

const STATISTICS = { averageMultiplier: 6.0171402844, count2x: 44, count10x: 7, count50x: 1, count100x: 0 }

function roundKeys({ active, rugged, price, tick }: Moment): Json {
  return { active, price, rugged, tickCount: tick, pauseMessage: '' }
}

/** The window of the last five ticks; its keys are texts. In the second rug frame it ends at the real rug. */
function recentPrices({ game, tick }: Moment): Json {
  const endTick = Math.min(tick, game.path.rugTick)
  const startTick = Math.max(0, endTick - 4)
  const values = game.path.prices.slice(startTick, endTick + 1).map((price, index) => [String(startTick + index), price])
  return { startTick, endTick, values: Object.fromEntries(values) }
}

/** SOL amounts have nine places at most, which a double carries exactly. */
function wire(value: Money): number {
  return Number(value.toFixed())
}
