import { z } from 'zod'
import { percent } from '../wire.ts'

/**
 * Our order to sell a share of the position, 1–100 %.
 *
 * @see domain/events.md section 5.7
 */
export const sellOrderSchema = z.looseObject({ percentage: percent })
export type SellOrder = z.infer<typeof sellOrderSchema>
