import { z } from 'zod'
import { playerId, username } from '../wire.ts'

/**
 * Who is logged in: after `authenticate`, and as the answer to `checkUsername`.
 *
 * @see domain/events.md section 5.3
 */
export const usernameStatusSchema = z.looseObject({
  id: playerId,
  username: username.optional(),
  hasUsername: z.boolean().optional(),
})
export type UsernameStatus = z.infer<typeof usernameStatusSchema>
