import { z } from 'zod'
import { count, money, percent, playerId, unixMs, username } from '../wire.ts'

const entrySchema = z.looseObject({
  playerId: playerId.optional(),
  username: username.optional(),
  entries: count.optional(),
  percentage: percent.optional(),
})

const drawingSchema = z.looseObject({
  timestamp: unixMs.optional(),
  winners: z
    .array(
      z.looseObject({
        playerId: playerId.optional(),
        username: username.optional(),
        entries: count.optional(),
        reward: money.optional(),
      }),
    )
    .optional(),
  rewardPerWinner: money.optional(),
  totalPoolAmount: money.optional(),
})

/**
 * The pool filled by instant rugs: three fields in tick frames, everything in `gameStatePlayerUpdate` (and in Aug 2025's full frames).
 *
 * @see domain/events.md sections 4.5, 5.2
 */
export const rugpoolSchema = z.looseObject({
  instarugCount: count.optional(),
  threshold: count.optional(),
  rugpoolAmount: money.optional(),
  totalEntries: count.optional(),
  playersWithEntries: count.optional(),
  solPerEntry: money.optional(),
  maxEntriesPerPlayer: count.optional(),
  playerEntries: z.array(entrySchema).optional(),
  lastDrawing: drawingSchema.nullable().optional(),
  config: z
    .looseObject({
      threshold: count.optional(),
      instarugThreshold: count.optional(),
      rugpoolPercentage: z.number().optional(),
    })
    .optional(),
})
export type Rugpool = z.infer<typeof rugpoolSchema>
