import { z } from 'zod'

/**
 * Text shown to everyone; `type` `event` or `goldenhour`.
 *
 * @see domain/events.md section 6.9
 */
export const gameNotificationSchema = z.looseObject({ message: z.string(), type: z.string().optional() })
export type GameNotification = z.infer<typeof gameNotificationSchema>
