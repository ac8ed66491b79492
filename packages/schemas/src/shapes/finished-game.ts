import { z } from 'zod'
import { count, gameId, price, seed, unixMs } from '../wire.ts'
import { sidebetRecordSchema } from './sidebet.ts'

/** Price bar of the spring of 2025. */
export const candleSchema = z.looseObject({
  open: price.optional(),
  high: price.optional(),
  low: price.optional(),
  close: price.optional(),
  index: count.optional(),
})
export type Candle = z.infer<typeof candleSchema>

/**
 * A finished game of `gameHistory`: the only place where its `serverSeed` is revealed.
 *
 * Eras: `candles`, `version`, `dateTime` in spring 2025; `prices` (rug price last) until early 2026; later the path must be
 * recomputed from the seed.
 *
 * @see domain/events.md section 4.6 (180 records)
 */
export const finishedGameSchema = z.looseObject({
  id: gameId,
  timestamp: unixMs.optional(),
  dateTime: z.string().optional(),
  prices: z.array(price).optional(),
  candles: z.array(candleSchema).optional(),
  peakMultiplier: price.optional(),
  rugged: z.boolean().optional(),
  gameVersion: z.string().optional(),
  version: z.string().optional(),
  globalTrades: z.array(z.unknown()).optional(),
  globalSidebets: z.array(sidebetRecordSchema).optional(),
  provablyFair: z.looseObject({ serverSeed: seed.nullable().optional(), serverSeedHash: seed.optional() }).optional(),
})
export type FinishedGame = z.infer<typeof finishedGameSchema>
