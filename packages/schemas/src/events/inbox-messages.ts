import { z } from 'zod'

/**
 * The user's inbox. Its payload is unknown: everything is accepted and kept.
 *
 * @see domain/events.md section 6.9
 */
export const inboxMessagesSchema = z.unknown()
export type InboxMessages = z.infer<typeof inboxMessagesSchema>
