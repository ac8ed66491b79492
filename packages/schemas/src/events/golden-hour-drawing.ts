import { z } from 'zod'
import { count, gameId, money, percent, playerId, unixMs, username } from '../wire.ts'

/**
 * The draw of a golden game, just after its second rug frame.
 *
 * @see domain/events.md section 6.5
 */
export const goldenHourDrawingSchema = z.looseObject({
  id: z.string().optional(),
  timestamp: unixMs.optional(),
  gameId: gameId.optional(),
  entries: z
    .array(
      z.looseObject({
        playerId: playerId.optional(),
        username: username.optional(),
        entryCount: count.optional(),
        entryPercentage: percent.optional(),
      }),
    )
    .optional(),
  winnerIndex: count.nullable().optional(),
  winnerPlayerId: playerId.nullable().optional(),
  prizeAmount: money.nullable().optional(),
})
export type GoldenHourDrawing = z.infer<typeof goldenHourDrawingSchema>
