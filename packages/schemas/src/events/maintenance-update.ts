import { z } from 'zod'

/**
 * Maintenance banner.
 *
 * @see domain/events.md section 6.9
 */
export const maintenanceUpdateSchema = z.looseObject({
  active: z.boolean(),
  message: z.string().nullable().optional(),
  mega: z.boolean().optional(),
})
export type MaintenanceUpdate = z.infer<typeof maintenanceUpdateSchema>
