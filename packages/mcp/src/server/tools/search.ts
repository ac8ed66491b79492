import { z } from 'zod'
import type { SearchHit, SearchTable } from '../../ports.ts'
import { ENVELOPE_CHARS, sizeOf, takePage } from '../budget.ts'
import { decodeCursor, encodeCursor } from '../cursor.ts'
import { defineTool, maxChars, NOTICE, PAGE, READS, type ToolDefinition } from '../tool.ts'
import { isoMicros, parseWhen } from '../when.ts'
import { present } from './events.ts'

const BASE = {
  text: z.string().min(1).max(1_000).describe('words, a name, or a question'),
  k: z.int().min(1).max(50).default(8).describe('hits of one page'),
  mode: z.enum(['hybrid', 'bm25', 'dense']).optional().describe('default hybrid: by words and by meaning'),
  cursor: z.string().max(1_000).optional(),
  max_chars: maxChars,
}

const TIMES = {
  since: z.string().max(40).optional().describe('2025-12-12, an ISO time, or an age such as 24h'),
  until: z.string().max(40).optional(),
}

const OUTPUT = z.object({
  ...PAGE,
  mode: z.string(),
  notices: z.array(z.string()),
  fresh: z.string().describe('how current the table is'),
  hits: z.array(z.looseObject({ id: z.string(), kind: z.string(), title: z.string(), body: z.string(), score: z.number() })),
})

/** Search in the recorded events and the protocol's documentation. */
export const eventsSearch = searchTool({
  name: 'events_search',
  title: 'Search events',
  description:
    'Search what was recorded and how the protocol works: games, rugs, large trades and bets, own orders, gaps, faults, event schemas and protocol pages. Not every tick is here: use events_query or events_sql to count. ' +
    'Hits carry session_id and seq, or a path.',
  table: 'events',
  input: z.strictObject({
    ...BASE,
    ...TIMES,
    game_id: z.string().max(64).optional(),
    event: z.string().max(80).optional(),
    kinds: z.array(z.string().max(40)).max(10).optional().describe('e.g. rug, trade, gap, schema, protocol'),
  }),
})

/** Search in the CONTEXT.md files. */
export const codeContextSearch = searchTool({
  name: 'code_context_search',
  title: 'Search code context',
  description:
    'Search the CONTEXT.md files of the repository: what modules are for, how they relate, and why they are as they are ("why Decimal?"). Rows carry the verdict of a check against the code ' +
    '(VERIFIED, CONTRADICTED, UNVERIFIABLE) and the path to read. Read the whole with code_context_get.',
  table: 'code_context',
  input: z.strictObject({ ...BASE, path: z.string().max(400).optional().describe('only this file, or folder/') }),
})

/** Search in the notes. */
export const debugNotesSearch = searchTool({
  name: 'debug_notes_search',
  title: 'Search debug notes',
  description:
    'Search notes that people and agents left: what was tried, found and decided. A note is the opinion of its author at its time, not a fact about the code.',
  table: 'debug_notes',
  input: z.strictObject({
    ...BASE,
    ...TIMES,
    game_id: z.string().max(64).optional(),
    author: z.string().max(100).optional(),
    tags: z.array(z.string().max(60)).max(10).optional().describe('notes with all of these'),
  }),
})

interface Filters {
  readonly since?: string | undefined
  readonly until?: string | undefined
  readonly game_id?: string | undefined
  readonly event?: string | undefined
  readonly kinds?: readonly string[] | undefined
  readonly tags?: readonly string[] | undefined
  readonly author?: string | undefined
  readonly path?: string | undefined
}

function searchTool<Input extends z.ZodObject<typeof BASE>>(tool: {
  readonly name: string
  readonly title: string
  readonly description: string
  readonly table: SearchTable
  readonly input: Input
}): ToolDefinition {
  return defineTool({
    ...tool,
    annotations: READS,
    output: OUTPUT,
    available: (ports) => ports.search !== undefined,
    async run(input, context) {
      const { text, k, mode, cursor, max_chars, ...filters } = input as z.output<z.ZodObject<typeof BASE>> & Filters
      const question = { table: tool.table, text, mode, filters }
      const now = context.now()
      const [since, until] = [filters.since, filters.until].map((when) => (when === undefined ? undefined : parseWhen(when, now)))
      const { game_id: game, event, kinds, tags, author, path } = filters
      const [pageCursor, skip] =
        cursor === undefined ? [undefined, 0] : (decodeCursor(question, cursor) as [string | undefined, number])
      const answer = await present(context.ports.search).search(
        {
          ...{ table: tool.table, text, mode, k, cursor: pageCursor ?? undefined },
          filter: { since, until, game, event, kinds, tags, author, path },
        },
        context,
      )
      const fresh = answer.freshness.map(freshness).join('; ')
      const maxChars = max_chars - ENVELOPE_CHARS - sizeOf([fresh, answer.notices])
      const page = await takePage(answer.hits.slice(skip), { limit: k, maxChars, show: shownHit })
      const taken = skip + page.items.length
      // A page of the index that did not fit is asked for again, from where this one ended.
      const next = taken < answer.hits.length ? [pageCursor ?? null, taken] : answer.next === null ? undefined : [answer.next, 0]
      return {
        notice: NOTICE,
        returned: page.items.length,
        truncated: page.truncated || next !== undefined,
        next_cursor: next === undefined ? null : encodeCursor(question, next),
        cut: [...page.cut],
        mode: answer.mode,
        notices: [...answer.notices],
        fresh,
        hits: [...page.shown],
      }
    },
  })
}

function shownHit({ id, kind, title, heading_path, body, score, reference }: SearchHit) {
  const { ts, ...rest } = reference
  return {
    ...{ id, kind, title, body, score: Math.round(score * 10_000) / 10_000 },
    ...(heading_path === '' || heading_path === title ? {} : { heading_path }),
    ...(typeof ts === 'number' ? { ts: isoMicros(ts) } : {}),
    ...rest,
  }
}

function freshness({
  table,
  rows,
  synced_at,
  complete,
}: {
  table: string
  rows: number
  synced_at: number | null
  complete: boolean
}): string {
  const when = synced_at === null ? 'never brought up to date' : `as of ${new Date(synced_at).toISOString()}`
  return `${table}: ${rows} rows, ${when}${complete ? '' : ', not complete'}`
}
