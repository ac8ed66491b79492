import { z } from 'zod'

/**
 * Request without a payload, answered by the event `usernameStatus`.
 *
 * @see domain/events.md section 5.7
 */
export const checkUsernameSchema = z.unknown()
export type CheckUsername = z.infer<typeof checkUsernameSchema>
