import type { z } from 'zod'
import { sidebetSchema } from '../shapes/sidebet.ts'

/**
 * Own sidebet accepted; window `startTick` to `endTick` = start + 40, inclusive.
 *
 * @see domain/events.md section 5.5
 */
export const currentSidebetSchema = sidebetSchema.meta({ description: 'own sidebet accepted' })
export type CurrentSidebet = z.infer<typeof currentSidebetSchema>
