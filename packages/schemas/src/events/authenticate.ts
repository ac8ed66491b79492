import { z } from 'zod'

/**
 * Login with the wallet's token, which was not captured and must not be shown: whatever follows the trace is accepted.
 *
 * @see domain/events.md section 5.7
 */
export const authenticateSchema = z.unknown()
export type Authenticate = z.infer<typeof authenticateSchema>
