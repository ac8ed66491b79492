import { z } from 'zod'
import { defineTool, READS } from '../tool.ts'

/** What this server serves, and how current it is. */
export const status = defineTool({
  name: 'status',
  title: 'What is served',
  description:
    'Data directory, what is stored, which engine answers, how current each search table is, and what this server was not allowed to do. Also the present time. Costs little; ask first.',
  annotations: READS,
  available: () => true,
  input: z.strictObject({}),
  output: z.looseObject({
    now: z.string(),
    sql: z.boolean(),
    writing: z.boolean(),
    tables: z.array(z.looseObject({ table: z.string(), rows: z.int(), complete: z.boolean() })),
  }),
  async run(_input, context) {
    const { ports } = context
    const tables = (await ports.search?.status(context)) ?? []
    return {
      now: new Date(context.now()).toISOString(),
      ...(await ports.status(context)),
      sql: ports.sql !== undefined,
      writing: ports.notes !== undefined,
      tables: tables.map(({ synced_at, ...table }) => ({
        ...table,
        synced: synced_at === null ? null : new Date(synced_at).toISOString(),
      })),
    }
  },
})
