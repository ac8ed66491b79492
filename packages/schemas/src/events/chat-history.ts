import { z } from 'zod'

/**
 * Recent chat; sent without payload it is the request for it. Its payload is unknown: everything is accepted and kept.
 *
 * @see domain/events.md section 6.9
 */
export const chatHistorySchema = z.unknown()
export type ChatHistory = z.infer<typeof chatHistorySchema>
