import { z } from 'zod'
import { McpError } from '../../errors.ts'
import { ENVELOPE_CHARS, sizeOf, takePage } from '../budget.ts'
import { defineTool, maxChars, NOTICE, READS } from '../tool.ts'
import { present } from './events.ts'

/** Sandboxed SQL over the views. */
export const eventsSql = defineTool({
  name: 'events_sql',
  title: 'Read-only SQL',
  description:
    'One read-only DuckDB statement (SELECT, DESCRIBE, SHOW, SUMMARIZE, EXPLAIN) over the views events, ws_event, game_tick, player_action, server_state, system_event, debug_note. ' +
    'Columns: events_schema. In events an event with a projection has two rows: filter doc_type, or use a view. Files, settings, extensions, ATTACH, COPY and the like are refused. ' +
    'Use typed columns for money (payload->>… goes through doubles). Page with LIMIT and a WHERE on (ts, session_id, seq).',
  annotations: READS,
  available: (ports) => ports.sql !== undefined,
  input: z.strictObject({
    sql: z.string().min(1).max(20_000),
    max_rows: z.int().min(1).max(5_000).default(200),
    timeout_ms: z.int().min(100).max(60_000).default(15_000),
    max_chars: maxChars,
  }),
  output: z.object({
    notice: z.string(),
    columns: z.array(z.object({ name: z.string(), type: z.string() })),
    rows: z.array(z.array(z.unknown())).describe('DECIMAL and BIGINT are texts where a number would lose digits'),
    missing: z.array(z.string()).describe('what the store knows to be missing from what was read: damaged files, declared gaps'),
    returned: z.int(),
    truncated: z.boolean(),
    cut: z.array(z.string()),
  }),
  async run({ sql, max_rows, timeout_ms, max_chars }, context) {
    const answer = await present(context.ports.sql).sql(sql, { maxRows: max_rows, timeoutMs: timeout_ms }, context)
    const missing = answer.missing.slice(0, 5).map((text) => text.slice(0, 200))
    if (answer.missing.length > missing.length) missing.push(`and ${answer.missing.length - missing.length} more`)
    const head = sizeOf([answer.columns, missing])
    const left = max_chars - ENVELOPE_CHARS - head
    if (left < 100)
      throw new McpError(
        'MCP_ARGUMENT',
        `the ${answer.columns.length} columns and what is missing take ${head} of ${max_chars} characters; name fewer columns, or raise max_chars`,
      )
    const page = await takePage(answer.rows, { limit: max_rows, maxChars: left, show: (row) => [...row] })
    return {
      notice: NOTICE,
      columns: [...answer.columns],
      rows: [...page.shown],
      missing,
      returned: page.items.length,
      truncated: answer.truncated || page.truncated,
      cut: [...page.cut],
    }
  },
})
