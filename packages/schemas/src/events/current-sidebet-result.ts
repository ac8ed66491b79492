import type { z } from 'zod'
import { sidebetSchema } from '../shapes/sidebet.ts'
import { money } from '../wire.ts'

/**
 * Own sidebet settled. There is no `won` flag: a win pays out 5 × the bet (profit 4 ×), a loss 0 (profit −bet).
 *
 * @see domain/events.md section 5.6
 */
export const currentSidebetResultSchema = sidebetSchema.extend({ payout: money.optional(), profit: money.optional() })
export type CurrentSidebetResult = z.infer<typeof currentSidebetResultSchema>
