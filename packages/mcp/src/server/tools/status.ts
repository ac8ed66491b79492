import { z } from 'zod'
import { defineTool, READS } from '../tool.ts'

/** What this server serves, and how current it is. */
export const status = defineTool({
  name: 'status',
  title: 'What is served',
  description:
    'Data directory, what is stored, which engine answers, how current each search table is, and what this server was not allowed to do, and what is broken. Also the present time. Costs little; ask first.',
  annotations: READS,
  available: () => true,
  input: z.strictObject({}),
  output: z.looseObject({
    now: z.string(),
    sql: z.boolean(),
    writing: z.boolean(),
    tables: z.array(z.looseObject({ table: z.string(), rows: z.int(), complete: z.boolean() })),
    faults: z.array(z.string()).describe('what could not be found out, and why'),
  }),
  async run(_input, context) {
    const { ports } = context
    const faults: string[] = []
    // What is broken is what somebody asks for; the rest is told all the same.
    const told = async <T>(what: string, work: Promise<T> | undefined, none: T): Promise<T> => {
      try {
        return (await work) ?? none
      } catch (error) {
        context.signal.throwIfAborted()
        faults.push(`${what}: ${error instanceof Error ? error.message : String(error)}`.slice(0, 500))
        return none
      }
    }
    const tables = await told('search tables', ports.search?.status(context), [])
    const facts = await told('store', ports.status(context), {})
    return {
      now: new Date(context.now()).toISOString(),
      ...facts,
      sql: ports.sql !== undefined,
      writing: ports.notes !== undefined,
      tables: tables.map(({ synced_at, ...table }) => ({
        ...table,
        synced: synced_at === null ? null : new Date(synced_at).toISOString(),
      })),
      faults,
    }
  },
})
