import { mkdtempSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { Decimal } from 'decimal.js'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openQuery, type QueryEngine } from '../../../src/query/engine.ts'
import { FRAMES, frames, present, recordedLines, storeCaptures } from '../captures.ts'
import { collect } from '../fixture.ts'

/** Exact value of a number in a parsed capture: its texts are shortest doubles, so nothing is lost on the way through a number. */
const exact = (value: unknown): Decimal => new Decimal(String(value))

/** SOL as its column holds it: the server's float noise (0.05499999999999999) is rounded to lamports. */
const lamports = (value: number | undefined): Decimal => exact(value ?? 0).toDecimalPlaces(9, Decimal.ROUND_HALF_UP)

interface SidebetRecord {
  readonly id: string
  readonly type: 'placed' | 'payout'
  readonly gameId: string
  readonly playerId: string
  readonly betAmount: number
  readonly startTick?: number
  readonly startedAtTick?: number
  readonly payout?: number
  readonly profit?: number
}

interface HistoryGame {
  readonly id: string
  readonly peakMultiplier: number
  readonly globalSidebets: readonly SidebetRecord[]
  readonly provablyFair: { readonly serverSeed: string; readonly serverSeedHash: string }
}

interface State {
  readonly gameHistory?: readonly HistoryGame[]
}

const histories = () => frames().flatMap((frame) => (frame.payload as State | null)?.gameHistory ?? [])

describe.skipIf(!present)('the analyst views on real captures', () => {
  let dir: string
  let query: QueryEngine

  beforeAll(async () => {
    dir = mkdtempSync(path.join(os.tmpdir(), 'vectra-analysis-'))
    await storeCaptures(dir)
    query = await openQuery({ dir, timeoutMs: 60_000 })
  }, 120_000)

  afterAll(async () => {
    await query.close()
    rmSync(dir, { recursive: true, force: true })
  })

  it('ticks are those of the typed helper, game by game', async () => {
    const { rows } = await query.sql('SELECT game_id, tick, price, rugged, session_id, seq FROM ticks ORDER BY game_id, tick', {
      maxRows: 100_000,
    })
    const byGame = Map.groupBy(rows, ([game]) => game as string)
    expect(byGame.size).toBe((await collect(query.games())).filter((game) => game.ticks > 0).length)
    for (const [gameId, own] of byGame) {
      const ticks = await collect(query.ticks({ gameId }))
      expect(own.map(([, tick, price, rugged, session, seq]) => [tick, String(price), rugged, session, Number(seq)])).toEqual(
        ticks.map((tick) => [tick.tick, String(tick.price), tick.rugged, tick.sessionId, tick.seq]),
      )
    }
  })

  it('games agree with the recorded files: ticks, rug and its price', async () => {
    const lines = Map.groupBy(recordedLines(), ({ line }) => line.game_id)
    const { rows } = await query.sql(
      `SELECT game_id, ticks, rug_tick, rug_price, peak, complete FROM games WHERE session_id <> $1 ORDER BY game_id`,
      { params: [FRAMES] },
    )
    expect(rows).toHaveLength(lines.size)
    let complete = 0
    for (const [gameId, ticks, rugTick, rugPrice, peak, whole] of rows) {
      const own = (lines.get(gameId as string) ?? []).map(({ line }) => line).filter((line) => line.active)
      const rug = own.find((line) => line.rugged)
      const path = new Map(own.filter((line) => !line.rugged || line.tick === rug?.tick).map((line) => [line.tick, line.price]))
      expect(ticks).toBe(path.size)
      expect(rugTick).toBe(rug?.tick ?? null)
      expect(String(peak)).toBe(path.size === 0 ? 'null' : String(exact(Math.max(...path.values()))))
      if (whole !== true) continue
      complete++
      expect((rugPrice as Decimal).toNumber()).toBe(
        Math.min(...own.filter((line) => !line.rugged).map((line) => line.price)) * (1 - 0.98),
      )
    }
    expect(complete).toBe(56)
  })

  it('games agree with the typed helper about what is missing', async () => {
    const games = await collect(query.games())
    const { rows } = await query.sql(
      'SELECT game_id, ticks, complete, trades, trades_seen, rugged FROM games ORDER BY first_ts, game_id',
    )
    expect(rows).toEqual(games.map((game) => [game.gameId, game.ticks, game.complete, game.trades, game.tradesSeen, game.rugged]))
  })

  it('seeds are those of the histories, and stand beside their game', async () => {
    const known = new Map(histories().map((game) => [game.id, game]))
    expect(known.size).toBeGreaterThan(9)
    const { rows } = await query.sql('SELECT game_id, server_seed, server_seed_hash, peak FROM seeds ORDER BY game_id')
    expect(rows.map(([id, seed, hash, peak]) => [id, seed, hash, String(peak)])).toEqual(
      [...known.values()]
        .map((game) => [
          game.id,
          game.provablyFair.serverSeed,
          game.provablyFair.serverSeedHash,
          String(exact(game.peakMultiplier)),
        ])
        .sort(([a = ''], [b = '']) => (a < b ? -1 : 1)),
    )
    const games = await query.sql('SELECT game_id, seed FROM games WHERE seed IS NOT NULL')
    for (const [id, seed] of games.rows) expect(seed).toBe(known.get(id as string)?.provablyFair.serverSeed)
    expect(games.rows.length).toBeGreaterThan(0)
  })

  it('sidebets join what was placed with what came of it, to the last lamport', async () => {
    const records = new Map<string, SidebetRecord>()
    for (const game of histories()) for (const record of game.globalSidebets) records.set(record.id, record)
    const bets = Map.groupBy(records.values(), (record) => {
      const start = record.startTick ?? record.startedAtTick
      return `${record.gameId} ${record.playerId} ${start}`
    })
    const payouts = [...records.values()].filter((record) => record.type === 'payout')
    const sum = (values: readonly (number | undefined)[]) =>
      values.reduce<Decimal>((total, value) => total.plus(lamports(value)), new Decimal(0))
    expect(payouts.length).toBeGreaterThan(100)
    const { rows } =
      await query.sql(`SELECT count(*), count(*) FILTER (placed_seen), count(*) FILTER (settled), count(*) FILTER (won),
      sum(bet_amount), sum(payout), sum(profit) FROM sidebets`)
    expect(rows[0]?.map(String)).toEqual(
      [
        bets.size,
        [...bets.values()].filter((group) => group.some((record) => record.type === 'placed')).length,
        [...bets.values()].filter((group) => group.some((record) => record.type === 'payout')).length,
        payouts.filter((record) => (record.payout ?? 0) > 0).length,
        sum([...bets.values()].map((group) => group[0]?.betAmount)),
        sum(payouts.map((record) => record.payout)),
        sum(payouts.map((record) => record.profit)),
      ].map(String),
    )
  })

  it('a won sidebet hit: the rug came within its 40 ticks, and it pays 5 times the bet', async () => {
    const { rows } = await query.sql(`SELECT count(*), count(*) FILTER (rug_tick BETWEEN start_tick AND end_tick),
      count(*) FILTER (payout = 5 * bet_amount AND profit = 4 * bet_amount) FROM sidebets WHERE won`)
    const [all, inWindow, paid] = (rows[0] ?? []).map(Number)
    expect(all).toBeGreaterThan(10)
    expect(inWindow).toBe(all)
    expect(paid).toBe(all)
  })

  it('trades are those of the typed helper', async () => {
    const trades = await collect(query.trades())
    const { rows } = await query.sql(
      'SELECT id, action, amount, qty, price, leverage, coin FROM trades ORDER BY ts, session_id, seq',
    )
    expect(rows.map((row) => row.map(String))).toEqual(
      trades.map((trade) =>
        [trade.id, trade.action, trade.amount, trade.qty, trade.price, trade.leverage, trade.coin].map(String),
      ),
    )
  })

  it('candles of 5 ticks cover a game without holes or overlap', async () => {
    const game = '20251212-6114b2ff44ef4b71'
    const ticks = await collect(query.ticks({ gameId: game }))
    const { rows } = await query.sql(`SELECT candle, open, high, low, close, ticks FROM candles('${game}') ORDER BY candle`)
    expect(rows).toHaveLength(Math.ceil(ticks.length / 5))
    for (const [candle, open, high, low, close, count] of rows) {
      const own = ticks.filter((tick) => Math.floor(tick.tick / 5) === candle).map((tick) => tick.price)
      expect([open, high, low, close, count].map(String)).toEqual(
        [own[0], Decimal.max(...own), Decimal.min(...own), own.at(-1), own.length].map(String),
      )
    }
  })

  it('schema_drift counts each path as often as it stands in the frames', async () => {
    const states = frames().filter((frame) => frame.event_name === 'gameStateUpdate')
    const count = (key: string) => states.filter((frame) => key in (frame.payload as object)).length
    const { rows } = await query.sql(`SELECT path, present, events FROM schema_drift
      WHERE event_name = 'gameStateUpdate' AND path IN ('active', 'tradeCount', 'gameId', 'gameHistory[].id', 'prices[]') ORDER BY path`)
    expect(rows.map((row) => row.map(String))).toEqual(
      [
        ['active', count('active'), 510],
        ['gameHistory[].id', count('gameHistory'), 510],
        ['gameId', 510, 510],
        ['prices[]', count('prices'), 510],
        ['tradeCount', count('tradeCount'), 510],
      ].map((row) => row.map(String)),
    )
    // Keys that are values (ticks, token addresses) are one path, not one each.
    const values = await query.sql(`SELECT path FROM schema_drift WHERE starts_with(path, 'partialPrices.values')`)
    expect(values.rows).toEqual([['partialPrices.values.*']])
  })
})
