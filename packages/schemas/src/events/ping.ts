import { z } from 'zod'
import { spanMs } from '../wire.ts'

/**
 * The client's latency probe, with the last measured round trip.
 *
 * @see domain/events.md section 5.7
 */
export const pingSchema = z.looseObject({ lastPing: spanMs.nullable().optional() })
export type Ping = z.infer<typeof pingSchema>
