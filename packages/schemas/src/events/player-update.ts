import { z } from 'zod'
import { coinSchema } from '../shapes/coin.ts'
import { shortPositionSchema } from '../shapes/leaderboard-entry.ts'
import { runningSidebetSchema } from '../shapes/sidebet.ts'
import { count, money, percent, playerId, price, quantity, unixMs } from '../wire.ts'

const crateCooldownFields = { cooldownEnds: unixMs.nullable().optional(), remainingSeconds: z.number().nullable().optional() }

/**
 * The player's own money and position: on login, around each game start, after every own trade, sidebet and liquidation.
 *
 * Carries neither game, name nor time: the game is that of the latest `gameStateUpdate`.
 *
 * @see domain/events.md section 5.1
 */
export const playerUpdateSchema = z.looseObject({
  id: playerId,
  role: z.string().nullable().optional(),
  authenticated: z.boolean().optional(),
  /** Wallet balance, the truth. */
  cash: money.optional(),
  bonusBalance: money.optional(),
  bonusWagerReq: money.optional(),
  bonusWagered: money.optional(),
  positionQty: quantity.optional(),
  avgCost: price.optional(),
  cumulativePnL: money.optional(),
  /** Stale outside the active phase. */
  pnlPercent: percent.nullable().optional(),
  totalInvested: money.optional(),
  sidebetPnl: money.optional(),
  sideBet: runningSidebetSchema.nullable().optional(),
  sidebets: z.array(runningSidebetSchema).optional(),
  shortPosition: shortPositionSchema.nullable().optional(),
  leveragedPositions: z.array(z.unknown()).optional(),
  hasInteracted: z.boolean().optional(),
  hitMaxWin: z.boolean().optional(),
  autobuysEnabled: z.boolean().optional(),
  autosellPrice: price.nullable().optional(),
  selectedCoin: coinSchema.nullable().optional(),
  /** Token address to balance. */
  shitcoinBalances: z.record(z.string(), money).optional(),
  levelInfo: z
    .looseObject({
      level: count.optional(),
      xp: z.number().optional(),
      xpForNextLevel: z.number().nullable().optional(),
      totalXP: z.number().optional(),
    })
    .optional(),
  xpBoost: z
    .looseObject({
      active: z.boolean().optional(),
      activeUntil: z.unknown().optional(),
      available: z.unknown().optional(),
    })
    .nullable()
    .optional(),
  /** Kind of crate to keys held; the kinds vary. */
  crateKeys: z.record(z.string(), count).optional(),
  recentCrateRewards: z
    .array(
      z.looseObject({
        crateType: z.string().optional(),
        crateName: z.string().optional(),
        reward: z
          .looseObject({ type: z.string().optional(), amount: money.optional(), probability: z.number().optional() })
          .optional(),
        ...crateCooldownFields,
      }),
    )
    .optional(),
  /** Aug 2025 only. */
  crateCooldown: z
    .looseObject({ active: z.boolean().optional(), ...crateCooldownFields })
    .nullable()
    .optional(),
})
export type PlayerUpdate = z.infer<typeof playerUpdateSchema>
