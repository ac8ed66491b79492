import { z } from 'zod'
import { count, money, percent, playerId, price, quantity, tick, username } from '../wire.ts'
import { coinSchema } from './coin.ts'
import { runningSidebetSchema } from './sidebet.ts'

/** An open short. Its value depends on the path since entry: take the server's numbers. */
export const shortPositionSchema = z.looseObject({
  amount: money.optional(),
  entryPrice: price.optional(),
  entryTick: tick.optional(),
  currentValue: money.optional(),
  pnl: money.optional(),
  coinAddress: z.string().optional(),
  bonusPortion: money.optional(),
  realPortion: money.optional(),
})
export type ShortPosition = z.infer<typeof shortPositionSchema>

/**
 * One player's standing in the current game.
 *
 * In presale the three pnl parts are absent. `pnl` of a tick frame is computed with the previous tick's price.
 *
 * @see domain/events.md section 4.4 (12,965 entries)
 */
export const leaderboardEntrySchema = z.looseObject({
  id: playerId,
  username: username.optional(),
  level: count.nullable().optional(),
  pnl: money.optional(),
  regularPnl: money.optional(),
  sidebetPnl: money.optional(),
  shortPnl: money.optional(),
  pnlPercent: percent.nullable().optional(),
  hasActiveTrades: z.boolean().optional(),
  positionQty: quantity.optional(),
  avgCost: price.optional(),
  totalInvested: money.optional(),
  position: count.nullable().optional(),
  sidebetActive: z.boolean().nullable().optional(),
  sideBet: runningSidebetSchema.nullable().optional(),
  shortPosition: shortPositionSchema.nullable().optional(),
  /** Null = SOL; else the practice token: leave such players out of any money statistic. */
  selectedCoin: coinSchema.nullable().optional(),
})
export type LeaderboardEntry = z.infer<typeof leaderboardEntrySchema>
