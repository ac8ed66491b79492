import { z } from 'zod'
import { count, gameId, money, playerId, price, tick, unixMs, username } from '../wire.ts'

/**
 * A player's running bet, as leaderboards and `playerUpdate` carry it.
 *
 * Here the window is `startedAtTick`–`end`; events and payout records say `startTick`–`endTick`.
 *
 * @see domain/events.md section 4.4
 */
export const runningSidebetSchema = z.looseObject({
  startedAtTick: tick.optional(),
  end: tick.optional(),
  startTick: tick.optional(),
  endTick: tick.optional(),
  gameId: gameId.optional(),
  betAmount: money.optional(),
  xPayout: z.number().optional(),
  coinAddress: z.string().optional(),
  bonusPortion: money.optional(),
  realPortion: money.optional(),
})
export type RunningSidebet = z.infer<typeof runningSidebetSchema>

/**
 * A bet as events carry it: `type` is `placed`, or `payout` for wins and losses alike.
 *
 * @see domain/events.md sections 5.5, 5.6, 6.2
 */
export const sidebetSchema = z.looseObject({
  playerId,
  gameId,
  username: username.optional(),
  /** Absent in Aug 2025. */
  level: count.nullable().optional(),
  /** Price at placement, 1 in presale; in a result the rug price. Absent in Aug 2025. */
  price: price.nullable().optional(),
  betAmount: money,
  xPayout: z.number().optional(),
  coinAddress: z.string().nullable().optional(),
  startTick: tick.optional(),
  endTick: tick.optional(),
  tickIndex: tick.optional(),
  timestamp: unixMs.optional(),
  type: z.string().optional(),
  bonusPortion: money.optional(),
  realPortion: money.optional(),
})
export type Sidebet = z.infer<typeof sidebetSchema>

/**
 * One record of a finished game's sidebets; `placed` and `payout` records are linked by player and start tick.
 *
 * On a lost bet `tickIndex` is the start tick, not the settlement; presale bets usually have no `placed` record.
 *
 * @see domain/events.md section 4.6 (3,402 records)
 */
export const sidebetRecordSchema = z.looseObject({
  id: z.string().optional(),
  type: z.string(),
  playerId,
  username: username.optional(),
  gameId: gameId.optional(),
  coinAddress: z.string().nullable().optional(),
  timestamp: unixMs.optional(),
  betAmount: money.optional(),
  xPayout: z.number().optional(),
  startedAtTick: tick.optional(),
  end: tick.optional(),
  startTick: tick.optional(),
  endTick: tick.optional(),
  bonusPortion: money.optional(),
  realPortion: money.optional(),
  payout: money.optional(),
  profit: money.optional(),
  tickIndex: tick.optional(),
  level: count.nullable().optional(),
  price: price.nullable().optional(),
})
export type SidebetRecord = z.infer<typeof sidebetRecordSchema>
