import { z } from 'zod'
import { count, playerId, unixMs, username } from '../wire.ts'

/**
 * One chat line.
 *
 * @see domain/events.md section 6.3
 */
export const newChatMessageSchema = z.looseObject({
  playerId: playerId.optional(),
  username: username.optional(),
  level: count.nullable().optional(),
  message: z.string(),
  timestamp: unixMs.optional(),
  filtered: z.boolean().optional(),
  role: z.string().nullable().optional(),
  tag: z.string().nullable().optional(),
  verified: z.boolean().nullable().optional(),
  discordUsername: z.string().nullable().optional(),
  /** The line answered; its `key` is `<playerId>-<timestamp>`. Absent in Aug 2025. */
  replyTo: z
    .looseObject({ key: z.string().optional(), username: username.optional(), message: z.string().optional() })
    .nullable()
    .optional(),
})
export type NewChatMessage = z.infer<typeof newChatMessageSchema>
