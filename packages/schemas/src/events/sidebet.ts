import { z } from 'zod'
import { money, tick } from '../wire.ts'

/**
 * The documented form of a sidebet request; on the wire it was always `requestSidebet`.
 *
 * @see domain/events.md section 5.7
 */
export const sidebetRequestSchema = z.looseObject({ target: tick.optional(), betSize: money.optional() })
export type SidebetRequest = z.infer<typeof sidebetRequestSchema>
