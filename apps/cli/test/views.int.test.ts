import { join } from 'node:path'
import { openQuery } from '@vectra/event-store'
import { regenerate } from '@vectra/game'
import { expect, it } from 'vitest'
import { scratch, vectra } from './run-cli.ts'

it('the analyst views agree with the rules of the game, on simulated games', { timeout: 180_000 }, async () => {
  using dir = scratch()
  const data = join(dir.path, 'data')
  const demo = [
    'demo',
    '--speed',
    '200',
    '--until-games',
    '4',
    '--seed',
    'views',
    '--bots',
    '30',
    '--data-dir',
    data,
    '--log-level',
    'warn',
  ]
  expect((await vectra(demo, { cwd: dir.path })).code).toBe(0)
  await using query = await openQuery({ dir: data, maxRows: 100_000, timeoutMs: 120_000 })

  const games = await query.sql(
    'SELECT game_id, seed, rug_tick, rug_price, peak, complete, trades_seen FROM games WHERE seed IS NOT NULL',
  )
  expect(games.rows.length).toBeGreaterThan(1)
  let proven = 0
  for (const [gameId, seed, rugTick, rugPrice, peak, complete] of games.rows) {
    const path = regenerate(seed as string, gameId as string)
    const ticks = await query.sql('SELECT tick, price FROM ticks WHERE game_id = $1 ORDER BY tick', {
      params: [gameId as string],
    })
    for (const [tick, price] of ticks.rows) expect(Number(price)).toBe(path.prices[tick as number])
    const candles = await query.sql(`SELECT max(high), min(low), sum(ticks) FROM candles('${String(gameId)}', 7)`)
    expect(Number(candles.rows[0]?.[2])).toBe(ticks.rows.length)
    if (complete !== true) continue
    proven++
    expect([rugTick, Number(rugPrice), Number(peak)]).toEqual([path.rugTick, path.rugPrice, path.peak])
    expect([Number(candles.rows[0]?.[0]), Number(candles.rows[0]?.[1])]).toEqual([path.peak, path.rugPrice])
  }
  expect(proven).toBeGreaterThan(0)

  // A bet wins when the rug comes within its window, and then pays five times the stake.
  const bets = await query.sql(`SELECT won, bets.start_tick, bets.end_tick, games.rug_tick, bet_amount, payout, profit
    FROM sidebets AS bets JOIN games USING (game_id) WHERE settled AND games.complete`)
  expect(bets.rows.length).toBeGreaterThan(10)
  for (const [won, start, end, rug, bet, payout, profit] of bets.rows) {
    expect(won).toBe((rug as number) >= (start as number) && (rug as number) <= (end as number))
    expect([Number(payout), Number(profit)]).toEqual(
      won === true ? [Number(bet) * 5, Number(bet) * 4].map(lamports) : [0, -Number(bet)],
    )
  }

  // A trade stands at the price of its tick.
  const trades =
    await query.sql(`SELECT count(*), count(*) FILTER (trades.price = ticks.price) FROM trades JOIN ticks USING (game_id, tick)
    WHERE action IN ('buy', 'sell') AND NOT ticks.rugged`)
  expect(Number(trades.rows[0]?.[0])).toBeGreaterThan(5)
  expect(trades.rows[0]?.[1]).toBe(trades.rows[0]?.[0])
})

const lamports = (value: number): number => Math.round(value * 1e9) / 1e9
