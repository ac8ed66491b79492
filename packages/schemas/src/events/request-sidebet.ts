import { z } from 'zod'
import { money } from '../wire.ts'

/**
 * Our sidebet.
 *
 * @see domain/events.md section 5.7
 */
export const requestSidebetSchema = z.looseObject({
  amount: money,
  coinAddress: z.string().nullable().optional(),
  xPayout: z.number().optional(),
})
export type RequestSidebet = z.infer<typeof requestSidebetSchema>
