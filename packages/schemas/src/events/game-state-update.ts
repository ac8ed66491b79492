import { z } from 'zod'
import { coinSchema } from '../shapes/coin.ts'
import { finishedGameSchema } from '../shapes/finished-game.ts'
import { leaderboardEntrySchema } from '../shapes/leaderboard-entry.ts'
import { rugpoolSchema } from '../shapes/rugpool.ts'
import { timedEventSchema } from '../shapes/timed-event.ts'
import { count, gameId, price, seed, spanMs, tick, unixMs } from '../wire.ts'

/** Peak, time, path and seeds of the latest game with a tenfold jump; the jump is [price before, price after]. */
const recordPrice = price.nullable().optional()
const recordTime = unixMs.nullable().optional()
const recordPath = z.array(price).nullable().optional()
const recordJump = z.array(price).nullable().optional()
/** Feb 2026; the server names the wrong game for god candles. */
const recordGameId = gameId.nullable().optional()
const recordSeed = seed.nullable().optional()

const partialPricesSchema = z.looseObject({
  startTick: tick.optional(),
  endTick: tick.optional(),
  values: z.record(z.string(), price).optional(),
})

const rugRoyaleSummarySchema = z.looseObject({
  status: z.string().nullable().optional(),
  activeEventId: z.string().nullable().optional(),
  currentEvent: timedEventSchema.nullable().optional(),
  upcomingEvents: z.array(timedEventSchema).optional(),
  events: z.array(timedEventSchema).optional(),
})

/**
 * The main broadcast, in all its shapes: minimal (7 keys), start (14), tick (21), full (36–40) and connect (full with all
 * `prices`); eras Mar 2025 to Feb 2026. Only `gameId` is in every one of them.
 *
 * @see domain/events.md section 4 (1,321 frames)
 */
export const gameStateUpdateSchema = z.looseObject({
  gameId,
  active: z.boolean().optional(),
  rugged: z.boolean().optional(),
  /** 1 at tick 0; the rug price in the rug frames. Absent in minimal frames. */
  price: price.optional(),
  /** The second rug frame shows one to three ticks too many. */
  tickCount: tick.optional(),
  cooldownTimer: spanMs.optional(),
  cooldownPaused: z.boolean().optional(),
  pauseMessage: z.string().nullable().optional(),
  allowPreRoundBuys: z.boolean().optional(),
  tradeCount: count.optional(),
  connectedPlayers: count.optional(),
  gameVersion: z.string().optional(),
  /** All prices so far: first frame after connecting, and every frame in Aug 2025. */
  prices: z.array(price).optional(),
  /** The last five ticks; the keys of `values` are tick numbers. */
  partialPrices: partialPricesSchema.nullable().optional(),
  /** Aug 2025, always empty. */
  trades: z.array(z.unknown()).optional(),
  provablyFair: z
    .looseObject({ serverSeedHash: seed.optional(), serverSeed: seed.nullable().optional(), version: z.string().optional() })
    .optional(),
  averageMultiplier: price.nullable().optional(),
  count2x: count.optional(),
  count10x: count.optional(),
  count50x: count.optional(),
  count100x: count.optional(),
  leaderboard: z.array(leaderboardEntrySchema).optional(),
  rugpool: rugpoolSchema.nullable().optional(),
  rugRoyale: rugRoyaleSummarySchema.nullable().optional(),
  highestToday: recordPrice,
  highestTodayTimestamp: recordTime,
  highestTodayPrices: recordPath,
  highestTodayGameId: recordGameId,
  highestTodayServerSeed: recordSeed,
  godCandle2x: recordPrice,
  godCandle2xTimestamp: recordTime,
  godCandle2xPrices: recordPath,
  godCandle2xGameId: recordGameId,
  godCandle2xServerSeed: recordSeed,
  godCandle2xMassiveJump: recordJump,
  godCandle10x: recordPrice,
  godCandle10xTimestamp: recordTime,
  godCandle10xPrices: recordPath,
  godCandle10xGameId: recordGameId,
  godCandle10xServerSeed: recordSeed,
  godCandle10xMassiveJump: recordJump,
  godCandle50x: recordPrice,
  godCandle50xTimestamp: recordTime,
  godCandle50xPrices: recordPath,
  godCandle50xGameId: recordGameId,
  godCandle50xServerSeed: recordSeed,
  godCandle50xMassiveJump: recordJump,
  availableShitcoins: z.array(coinSchema).optional(),
  /** The last ten games, newest first; not a sign of a rug (also sent on connecting and at some tick-0 frames). */
  gameHistory: z.array(finishedGameSchema).optional(),
})
export type GameStateUpdate = z.infer<typeof gameStateUpdateSchema>
