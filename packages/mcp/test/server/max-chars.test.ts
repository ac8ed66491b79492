import { expect, it } from 'vitest'
import { connectTo } from '../connect.ts'
import { eventRows, fakePorts, gameRecord } from '../fake-ports.ts'

const many = <T>(count: number, make: (index: number) => T): T[] => Array.from({ length: count }, (_, index) => make(index))

/** Answers that are wide in every direction: long lists, long texts, many columns. */
function widePorts() {
  const ports = fakePorts()
  const game = { ...gameRecord('20251210-wide', 0, ['gap']), sessions: many(300, (n) => `session ${n}`) }
  const document = {
    path: `src/${'deep/'.repeat(20)}CONTEXT.md`,
    subject: 'src',
    files: [],
    text: '< text > '.repeat(5_000),
    rows: many(300, (n) => ({
      target: `./t${n}.ts`,
      relation: 'Imports X from',
      line: n,
      verdict: 'VERIFIED',
      reason: 'because '.repeat(9),
    })),
    omitted: many(300, (n) => ({ direction: 'in', path: `a${n}.ts`, names: ['A', 'B'] })),
    stale: many(300, (n) => `src/stale/${n}.ts`),
  }
  return fakePorts(
    {
      events: { ...ports.events, columns: () => many(200, (n) => ({ name: `column_${n}`, type: 'DECIMAL(38,20)' })) } as never,
      sql: {
        sql: async (text) => ({
          columns: many(text === 'wide' ? 400 : 3, (n) => ({ name: `c<${n}>`, type: 'BIGINT' })),
          rows: many(500, () => many(text === 'wide' ? 400 : 3, () => '<'.repeat(50))),
          truncated: false,
          missing: many(50, () => 'a gap '.repeat(100)),
        }),
      },
      games: {
        ...ports.games,
        get: async () => ({ ...game, missing: many(300, (n) => `tick ${n} is missing`) }),
        fairness: async () => ({
          verdict: 'mismatch',
          compared: 9,
          equal: 1,
          server_seed: 'ab'.repeat(32),
          faults: many(99, (n) => `price of tick ${n}`),
        }),
      } as never,
      context: {
        ...ports.context,
        get: async () => document,
        impact: async (paths: readonly string[]) =>
          paths.map((path) => ({
            path,
            importers: many(400, (n) => ({ path: `src/${n}.ts`, line: n, names: ['A'], test: false })),
            rows: many(100, (n) => ({
              path: 'CONTEXT.md',
              line: n,
              target: path,
              relation: 'Imports X from',
              verdict: 'VERIFIED',
            })),
          })),
      } as never,
      search: {
        ...ports.search,
        search: async () => ({
          hits: many(20, (n) => ({
            ...{
              id: `h${n}`,
              kind: 'x',
              title: 't<'.repeat(300),
              heading_path: 'h'.repeat(300),
              body: 'b<'.repeat(3_000),
              score: 1,
            },
            reference: { path: 'p'.repeat(300) },
          })),
          ...{
            next: 'n'.repeat(60),
            mode: 'bm25',
            notices: ['indexed without a model'],
            freshness: [{ table: 'events', rows: 5, synced_at: 0, complete: true }],
          },
        }),
      } as never,
    },
    eventRows(300).map((row) => ({ ...row, raw_json: '<'.repeat(30_000) })),
  )
}

const CALLS: readonly (readonly [string, Record<string, unknown>])[] = [
  ['events_query', { format: 'detailed', limit: 500 }],
  ['events_schema', {}],
  ['events_schema', { event: 'gameStateUpdate' }],
  ['events_sql', { sql: 'narrow', max_rows: 5_000 }],
  ['games_list', { limit: 500 }],
  ['game_get', { game_id: '20251210', include: ['trades', 'ticks'], limit: 500 }],
  ['events_search', { text: 'why', k: 50 }],
  ['code_context_get', { path: 'src' }],
  ['code_context_impact', { paths: many(3, (n) => `src/${n}.ts`) }],
]

it.each(CALLS)(
  '%s %o: whatever there is to say, the answer has at most max_chars characters, and says that it was cut',
  async (name, args) => {
    const client = await connectTo(widePorts())
    for (const max_chars of [2_000, 3_000, 20_000]) {
      const { isError, structuredContent, content } = await client.callTool({ name, arguments: { ...args, max_chars } })
      expect(isError, JSON.stringify(content)).toBeFalsy()
      expect(JSON.stringify(structuredContent).replaceAll('<', '\\u003c').length).toBeLessThanOrEqual(max_chars)
      if (max_chars === 2_000) expect(structuredContent).toMatchObject({ truncated: true })
    }
  },
)

it.each(CALLS)('%s %o: the smallest budget gives an answer of ordinary things', async (name, args) => {
  const client = await connectTo(fakePorts())
  const one = name === 'code_context_impact' ? { paths: ['src/a.ts'] } : args
  const { isError, structuredContent, content } = await client.callTool({ name, arguments: { ...one, max_chars: 1_000 } })
  expect(isError, JSON.stringify(content)).toBeFalsy()
  expect(JSON.stringify(structuredContent).replaceAll('<', '\\u003c').length).toBeLessThanOrEqual(1_000)
})

it.each([
  ['events_sql', { sql: 'wide', max_chars: 2_000 }, /400 columns.*raise max_chars/],
  [
    'code_context_impact',
    { paths: many(20, (n) => `src/${'x'.repeat(100)}${n}.ts`), max_chars: 1_000 },
    /below \d+ characters; raise max_chars/,
  ],
])('%s: what cannot be cut to fit is an error that says what to do', async (name, args, says) => {
  const client = await connectTo(widePorts())
  const { isError, content } = await client.callTool({ name, arguments: args })
  expect(isError).toBe(true)
  expect((content[0] as { text: string }).text).toMatch(says)
})
