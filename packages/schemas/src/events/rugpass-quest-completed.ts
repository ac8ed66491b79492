import { z } from 'zod'
import { count } from '../wire.ts'

/**
 * A quest of the rug pass done. The name is also written `rugPassQuestCompleted`.
 *
 * @see domain/events.md section 6.9
 */
export const rugpassQuestCompletedSchema = z.looseObject({
  questId: z.string(),
  questType: z.string().optional(),
  description: z.string().nullable().optional(),
  gems: count.nullable().optional(),
})
export type RugpassQuestCompleted = z.infer<typeof rugpassQuestCompletedSchema>
