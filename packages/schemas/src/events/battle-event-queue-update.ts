import { z } from 'zod'

/**
 * Listener of Aug 2025, never captured. Its payload is unknown: everything is accepted and kept.
 *
 * @see domain/events.md section 6.9
 */
export const battleEventQueueUpdateSchema = z.unknown()
export type BattleEventQueueUpdate = z.infer<typeof battleEventQueueUpdateSchema>
