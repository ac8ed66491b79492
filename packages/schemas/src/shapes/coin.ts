import { z } from 'zod'

/** A token that is not SOL; in play only `0xPractice`, the free practice token. Its players share the leaderboard with real money. */
export const coinSchema = z.looseObject({
  address: z.string(),
  ticker: z.string().optional(),
  name: z.string().optional(),
  max_bet: z.number().optional(),
  max_win: z.number().optional(),
  logoURI: z.string().nullable().optional(),
})
export type Coin = z.infer<typeof coinSchema>
