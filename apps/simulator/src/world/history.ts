import { type PricePath, priceParameters, pricePath, serverSeedHash } from '@vectra/game'
import { crowdSidebets, type SidebetRecord } from './crowd.ts'
import type { EraShape } from './era.ts'
import type { Person } from './people.ts'
import type { Stream } from './streams.ts'

/** What a game is drawn from. */
export interface GameSeed {
  readonly gameId: string
  readonly serverSeed: string
  readonly serverSeedHash: string
}

/** A finished game as the server remembers it. */
export interface PastGame extends GameSeed {
  readonly endedAt: number
  readonly peak: number
  /** `[1, …, rug price]` */
  readonly prices: readonly number[]
  readonly sidebets: readonly SidebetRecord[]
  readonly jump: readonly [before: number, after: number] | null
}

/** Finished games and the statistics over them. */
export interface History {
  add(game: PastGame): void
  /** The `gameHistory` value: ten games, newest first. */
  entries(): readonly object[]
  /** Over the last hundred games. */
  statistics(): { averageMultiplier: number; count2x: number; count10x: number; count50x: number; count100x: number }
  /** Highest game and god candles. Those of Feb 2026 name the game after the one with the candle: a fault of the real server. */
  records(): Readonly<Record<string, unknown>>
}

interface God {
  readonly game: PastGame
  follower: GameSeed | null
}

/** Games that `gameHistory` shows. */
const SHOWN = 10
const COUNTED = 100

/** A history with a past: a hundred finished games, the last ten with their sidebets. */
export function openHistory(options: {
  shape: EraShape
  seeds: () => GameSeed
  stream: Stream
  crowd: readonly [Person, ...Person[]]
  now: number
  rugProbability: number
}): History {
  const { shape, stream, crowd } = options
  const games: PastGame[] = []
  const peaks: number[] = []
  let shown: object[] = []
  let highest: PastGame | null = null
  const gods: Record<'2' | '10' | '50', God | null> = { 2: null, 10: null, 50: null }

  const add = (game: PastGame): void => {
    peaks.push(game.peak)
    if (peaks.length > COUNTED) peaks.shift()
    games.unshift(game)
    games.splice(SHOWN)
    shown = games.map((one) => historyEntry(one, shape))
    if (highest === null || game.peak > highest.peak) highest = game
    for (const god of Object.values(gods)) if (god !== null) god.follower ??= game
    if (game.jump !== null) gods[game.peak >= 50 ? '50' : game.peak >= 10 ? '10' : '2'] = { game, follower: null }
  }
  const parameters = priceParameters('v3', { rugProbability: options.rugProbability })
  const past: { seed: GameSeed; path: PricePath }[] = []
  for (let k = 0; k < COUNTED; k += 1) {
    const seed = options.seeds()
    past.push({ seed, path: pricePath(seed.serverSeed, seed.gameId, parameters) })
  }
  let endedAt = options.now - past.reduce((sum, { path }) => sum + 16_000 + path.rugTick * 251, 0)
  past.forEach(({ seed, path }, index) => {
    endedAt += 16_000 + path.rugTick * 251
    const god = path.godCandles.at(-1)
    add({
      ...seed,
      endedAt,
      peak: path.peak,
      prices: path.prices,
      jump: god === undefined ? null : [god.before, god.after],
      sidebets:
        index < COUNTED - SHOWN
          ? []
          : crowdSidebets(stream, crowd, { gameId: seed.gameId, rugTick: path.rugTick, rugPrice: path.rugPrice, endedAt }),
    })
  })

  return {
    add,
    entries: () => shown,
    statistics: () => ({
      averageMultiplier: peaks.reduce((sum, peak) => sum + peak, 0) / peaks.length,
      count2x: peaks.filter((peak) => peak >= 2).length,
      count10x: peaks.filter((peak) => peak >= 10).length,
      count50x: peaks.filter((peak) => peak >= 50).length,
      count100x: peaks.filter((peak) => peak >= 100).length,
    }),
    records: () => ({
      ...(highest === null ? {} : highestRecord(highest, shape)),
      ...godRecord('2', gods['2'], shape),
      ...godRecord('10', gods['10'], shape),
      ...godRecord('50', gods['50'], shape),
    }),
  }
}

/** Seed and hash for an id. */
export function gameSeed(stream: Stream, gameId: string, serverSeed: string = stream.hex(64)): GameSeed {
  return { gameId, serverSeed, serverSeedHash: serverSeedHash(serverSeed) }
}

/** `YYYYMMDD-` of the UTC day and 16 hex digits. */
export function gameIdAt(stream: Stream, now: number): string {
  return `${new Date(now).toISOString().slice(0, 10).replaceAll('-', '')}-${stream.hex(16)}`
}

function historyEntry(game: PastGame, shape: EraShape): object {
  return {
    id: game.gameId,
    timestamp: game.endedAt,
    ...(shape.pathsInHistory ? { prices: game.prices } : {}),
    peakMultiplier: game.peak,
    rugged: true,
    globalTrades: [],
    globalSidebets: game.sidebets,
    provablyFair: { serverSeed: game.serverSeed, serverSeedHash: game.serverSeedHash },
    gameVersion: 'v3',
  }
}

function highestRecord(game: PastGame, shape: EraShape): object {
  return {
    highestToday: game.peak,
    highestTodayTimestamp: game.endedAt,
    ...(shape.pathsInHistory
      ? { highestTodayPrices: game.prices }
      : { highestTodayGameId: game.gameId, highestTodayServerSeed: game.serverSeed }),
  }
}

function godRecord(tier: string, god: God | null, shape: EraShape): object {
  const name = `godCandle${tier}x`
  const game = god?.game ?? null
  const named = god?.follower ?? game
  return {
    [name]: game?.peak ?? null,
    [`${name}Timestamp`]: game === null ? null : game.endedAt + 726,
    ...(shape.pathsInHistory
      ? { [`${name}Prices`]: game?.prices ?? [] }
      : { [`${name}GameId`]: named?.gameId ?? null, [`${name}ServerSeed`]: named?.serverSeed ?? null }),
    [`${name}MassiveJump`]: game?.jump ?? null,
  }
}
