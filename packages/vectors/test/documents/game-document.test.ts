import { Decimal } from '@vectra/schemas'
import { expect, it } from 'vitest'
import { type GameFacts, type GameTick, gameDocuments } from '../../src/index.ts'

const game: GameFacts = {
  ...{
    gameId: '20251212-aa',
    firstTs: 1_765_577_800_000_000,
    lastTs: 1_765_577_830_000_000,
    lastTick: 6,
    peak: new Decimal('22.5'),
    rugged: true,
  },
  ...{ rugTick: 6, rugPrice: new Decimal('0.02'), trades: 40, tradesSeen: 2, complete: true, reasons: [] },
}
const path = (prices: string[]): GameTick[] =>
  prices.map((price, tick) => ({ tick, price: new Decimal(price), ts: 1_765_577_810_000_000 + tick * 250_000 }))

it('a game is a story in words and numbers', () => {
  const ticks = path(['1', '1.2', '2.25', '22.5', '11', '12', '0.02'])
  const trades = [
    { action: 'buy', username: 'vik', playerId: 'p', amount: new Decimal('1.5'), price: new Decimal(1), tick: 0, coin: 'solana' },
    {
      action: 'sell',
      username: null,
      playerId: 'q',
      amount: new Decimal('0.000000001'),
      price: new Decimal(2),
      tick: 3,
      coin: 'solana',
    },
    { action: 'buy', username: 'toy', playerId: 'r', amount: new Decimal(9000), price: new Decimal(2), tick: 3, coin: 'free' },
  ]
  const [story, rug, candle] = gameDocuments(game, ticks, trades)
  expect(story?.body).toBe(
    'Game 20251212-aa of 2025-12-12 22:16:40 UTC ran 6 ticks and rugged at 0.02x. It took 1.5 seconds. The price peaked at 22.5x at tick 3. It reached 2x at tick 2, 5x at tick 3, 10x at tick 3. The deepest fall from a top was 51 %, at tick 4. 4 big moves of 15 % or more in one tick. A god candle multiplied the price by ten at tick 3. It was an instant rug. The server counted 40 trades, 2 were broadcast. Of those seen, buys of 1.5 SOL and sells of 0.000000001 SOL. The largest was a buy of 1.5 SOL by vik at 1x.',
  )
  expect(rug).toMatchObject({
    kind: 'rug',
    id: 'rug',
    ts: ticks[6]?.ts,
    body: expect.stringContaining('rugged at tick 6 at a rug price of 0.02x, after a peak of 22.5x'),
  })
  expect(candle).toMatchObject({ kind: 'god_candle', id: 'god-candle-3', body: expect.stringContaining('from 2.25x to 22.5x') })
})

it('an incomplete game says why', () => {
  const [story, ...rest] = gameDocuments(
    { ...game, rugged: false, rugTick: null, rugPrice: null, complete: false, reasons: ['no_start', 'no_rug'] },
    path(['1.1', '1.2']),
    [],
  )
  expect(story?.body).toContain('was recorded up to tick 6; its rug was not seen.')
  expect(story?.body).toContain('incomplete: its start was not recorded, its rug was not recorded.')
  expect(rest).toEqual([])
})

it('ticks that are missing are no god candle', () => {
  const ticks = path(['1', '1.1', '14']).filter((tick) => tick.tick !== 1)
  expect(gameDocuments(game, ticks, []).map((document) => document.kind)).toEqual(['game', 'rug'])
})
