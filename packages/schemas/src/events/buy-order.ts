import { z } from 'zod'
import { money } from '../wire.ts'

/**
 * Our order to buy.
 *
 * @see domain/events.md section 5.7
 */
export const buyOrderSchema = z.looseObject({ amount: money })
export type BuyOrder = z.infer<typeof buyOrderSchema>
