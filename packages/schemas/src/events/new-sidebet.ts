import type { z } from 'zod'
import { sidebetSchema } from '../shapes/sidebet.ts'

/**
 * Another player's sidebet: a sample of the real volume, not all of it.
 *
 * @see domain/events.md section 6.2
 */
export const newSideBetSchema = sidebetSchema.meta({ description: "another player's sidebet" })
export type NewSideBet = z.infer<typeof newSideBetSchema>
