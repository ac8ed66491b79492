import { z } from 'zod'
import { count, gameId, money, playerId, price, quantity, tick, username } from '../wire.ts'

/**
 * Anyone's fill. `type` is `buy`, `sell`, `short_open` or `short_close`; the feed is a sample (6–28 % of all trades), arrives
 * up to 8 ticks late, also after the rug, and has no timestamp.
 *
 * Aug 2025: counter ids, buys without `price`, no name, level, leverage or portions.
 *
 * @see domain/events.md section 6.1
 */
export const newTradeSchema = z.looseObject({
  /** De-duplication key: uuid, in Aug 2025 a counter. */
  id: z.string(),
  gameId,
  playerId,
  username: username.optional(),
  level: count.nullable().optional(),
  type: z.string(),
  /** Equals the game price at `tickIndex` exactly. */
  price: price.nullable().optional(),
  tickIndex: tick,
  /** `solana`, or `free` for practice. */
  coin: z.string().nullable().optional(),
  /** SOL paid or received; for shorts the stake or the return. */
  amount: money,
  /** 0 for shorts. */
  qty: quantity,
  /** Buys only. */
  leverage: z.number().nullable().optional(),
  bonusPortion: money.optional(),
  realPortion: money.optional(),
})
export type NewTrade = z.infer<typeof newTradeSchema>
