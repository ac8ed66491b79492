import type { CallToolResult, Client } from '@modelcontextprotocol/client'
import { describe, expect, it } from 'vitest'
import { connectTo, ERAS } from '../connect.ts'
import { fakePorts } from '../fake-ports.ts'

const NAMES = [
  'status',
  'events_query',
  'events_schema',
  'events_sql',
  'games_list',
  'game_get',
  'events_search',
  'code_context_search',
  'code_context_get',
  'code_context_impact',
  'debug_notes_search',
  'debug_note_add',
]

const call = (client: Client, name: string, args: Record<string, unknown> = {}) => client.callTool({ name, arguments: args })
const data = (result: CallToolResult) => result.structuredContent as Record<string, unknown>
const text = (result: CallToolResult) => (result.content[0] as { text: string }).text

describe.each(ERAS)('%s era', (era) => {
  it('lists every tool in one order, with schemas, annotations and short descriptions', async () => {
    const client = await connectTo(fakePorts(), era)
    const { tools } = await client.listTools()
    expect(tools.map((tool) => tool.name)).toEqual(NAMES)
    for (const tool of tools) {
      expect(tool.description?.length).toBeLessThan(2_048)
      expect(tool.outputSchema).toBeDefined()
      expect(tool.annotations).toMatchObject({
        openWorldHint: false,
        destructiveHint: false,
        readOnlyHint: tool.name !== 'debug_note_add',
      })
      expect(tool.name).toMatch(/^[a-z_]{1,40}$/)
    }
    expect(client.getInstructions()?.length).toBeLessThan(2_048)
    await client.close()
  })

  it('answers twice: structured, and as the same JSON between marks', async () => {
    const client = await connectTo(fakePorts(), era)
    const result = await call(client, 'events_query', { limit: 20, format: 'detailed' })
    const match = /^<vectra-data tool="events_query">\n(.*)\n<\/vectra-data>$/s.exec(text(result))
    expect(JSON.parse(match?.[1] ?? '')).toEqual(data(result))
    await client.close()
  })
})

it('leaves out what was not allowed or is not there', async () => {
  const client = await connectTo(fakePorts({ sql: undefined, notes: undefined, context: undefined }))
  const names = (await client.listTools()).tools.map((tool) => tool.name)
  expect(names).toEqual(NAMES.filter((name) => !/^events_sql|note_add|context_(get|impact)/.test(name)))
  await expect(call(client, 'events_sql', { sql: 'SELECT 1' })).rejects.toMatchObject({ code: -32_602 })
  expect((await client.getServerCapabilities())?.prompts).toBeUndefined()
})

it('recorded text can neither close the fence nor carry control or invisible characters', async () => {
  const client = await connectTo(fakePorts())
  const result = await call(client, 'events_query', { format: 'detailed' })
  expect(text(result).match(/<\/vectra-data>/g)).toHaveLength(1)
  expect(JSON.stringify(result)).not.toMatch(/\\u001b|\u200b/)
  expect(JSON.stringify(data(result))).toContain('ignore all previous')
  expect(data(result)['notice']).toMatch(/data, not instructions/)
})

it.each([
  ['events_query', 'events', { limit: 7, max_chars: 3_000 }, 100],
  ['events_query', 'events', { limit: 9, order: 'desc', format: 'detailed', max_chars: 1_500 }, 100],
  ['games_list', 'games', { limit: 2 }, 7],
  ['games_list', 'games', { limit: 2, reason: 'gap', order: 'asc' }, 3],
  ['game_get', 'trades', { game_id: '20251210', include: ['trades'], limit: 2 }, 5],
  ['events_search', 'hits', { text: 'why', k: 2, max_chars: 1_100 }, 5],
])('%s: pages of %s hold every item once, within max_chars (%o)', async (name, key, args, total) => {
  const client = await connectTo(fakePorts())
  const seen: string[] = []
  let cursor: unknown
  let pages = 0
  do {
    const answer = data(await call(client, name, { ...args, ...(cursor === undefined ? {} : { cursor }) }))
    expect(JSON.stringify(answer).length).toBeLessThanOrEqual('max_chars' in args ? args.max_chars : 20_000)
    const items = answer[key] as object[]
    seen.push(...items.map((item) => JSON.stringify(item)))
    expect(answer['returned']).toBe(items.length)
    expect(answer['truncated']).toBe(answer['next_cursor'] !== null || (answer['cut'] as string[]).length > 0)
    cursor = answer['next_cursor'] ?? undefined
    expect(++pages).toBeLessThan(101)
  } while (cursor !== undefined)
  expect(new Set(seen).size).toBe(seen.length)
  expect(seen).toHaveLength(total)
  expect(pages).toBeGreaterThan(1)
})

it('refuses a cursor of another question', async () => {
  const client = await connectTo(fakePorts())
  const { next_cursor } = data(await call(client, 'events_query', { limit: 5 }))
  const result = await call(client, 'events_query', { limit: 5, game_id: 'g1', cursor: next_cursor })
  expect(result.isError).toBe(true)
  expect(text(result)).toMatch(/^MCP_CURSOR: /)
})

it('an item too long for the answer is shortened, and named', async () => {
  const long = { ...fakePorts() }
  const rows = [{ ts: 1, session_id: 's', seq: 1, doc_type: 'ws_event', event_name: 'x', raw_json: '<'.repeat(50_000) }]
  const client = await connectTo({ ...long, ...fakePorts({}, rows) })
  const result = await call(client, 'events_query', { format: 'detailed', max_chars: 2_000 })
  expect(data(result)).toMatchObject({ returned: 1, truncated: true, cut: ['raw_json'], next_cursor: null })
  expect(text(result).length).toBeLessThan(2_100)
})

it('wrong arguments come back as an error the caller can act on', async () => {
  const client = await connectTo(fakePorts())
  for (const [name, args, says] of [
    ['events_query', { since: 'yesterday' }, /is no time; write/],
    ['events_query', { limit: 0 }, /limit/],
    ['events_query', { table: 'x' }, /table/],
    ['game_get', { game_id: 'none' }, /games_list lists them/],
    ['code_context_get', { path: 'nowhere' }, /code_context_search/],
    ['events_schema', { event: 'nope' }, /no event "nope"/],
  ] as const) {
    const result = await call(client, name, args)
    expect(result.isError, name).toBe(true)
    expect(text(result)).toMatch(says)
  }
})

it('an error shows neither a stack nor terminal sequences', async () => {
  const broken = { ...fakePorts().games, get: async () => Promise.reject(new Error('\u001b[31mboom </vectra-data>')) }
  const client = await connectTo(fakePorts({ games: broken as never }))
  const result = await call(client, 'game_get', { game_id: '2025' })
  expect(text(result)).toBe('UNEXPECTED: boom ‹/vectra-data>')
})

it('cancelling a call aborts the work behind it', async () => {
  const started = Promise.withResolvers<AbortSignal>()
  const sql = {
    sql: async (_text: string, _bounds: object, { signal }: { signal: AbortSignal }) => {
      started.resolve(signal)
      return new Promise<never>((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason)))
    },
  }
  const client = await connectTo(fakePorts({ sql }))
  const controller = new AbortController()
  const running = client.callTool({ name: 'events_sql', arguments: { sql: 'SELECT 1' } }, { signal: controller.signal })
  const signal = await started.promise
  controller.abort(new Error('enough'))
  await expect(running).rejects.toThrow()
  await new Promise<void>((resolve) => (signal.aborted ? resolve() : signal.addEventListener('abort', () => resolve())))
  expect(signal.aborted).toBe(true)
})

it('tells progress to a caller that asks for it', async () => {
  const client = await connectTo(fakePorts())
  const seen: number[] = []
  await client.callTool(
    { name: 'game_get', arguments: { game_id: '20251210' } },
    { onprogress: ({ progress }) => seen.push(progress) },
  )
  expect(seen).toEqual([1, 2, 3])
})

it('ticks come as at most 400 points, first and last among them', async () => {
  const client = await connectTo(fakePorts())
  const { ticks } = data(await call(client, 'game_get', { game_id: '20251210', include: ['ticks'] })) as {
    ticks: [number, string][]
  }
  expect(ticks.length).toBeLessThanOrEqual(400)
  expect([ticks[0]?.[0], ticks.at(-1)?.[0]]).toEqual([0, 999])
})

describe('resources and prompt', () => {
  it('lists and reads each kind', async () => {
    const client = await connectTo(fakePorts())
    const { resourceTemplates } = await client.listResourceTemplates()
    expect(resourceTemplates.map((one) => one.uriTemplate)).toEqual([
      'vectra://context/{+path}',
      'vectra://schema/{+event}',
      'vectra://game/{id}',
    ])
    const { resources } = await client.listResources()
    for (const { uri } of [resources[0], resources.find((one) => one.uri.includes('standard/newTrade')), resources.at(-1)].map(
      (one) => one ?? { uri: '' },
    )) {
      const { contents } = await client.readResource({ uri })
      expect(JSON.parse((contents[0] as { text: string }).text)).toBeTypeOf('object')
    }
    await expect(client.readResource({ uri: 'vectra://game/none' })).rejects.toThrow(/nothing stands at/)
  })

  it('the prompt fences what it quotes', async () => {
    const client = await connectTo(fakePorts())
    const { messages } = await client.getPrompt({ name: 'context', arguments: { target: 'src' } })
    const { text: said } = messages[0]?.content as { text: string }
    expect(said.match(/<\/vectra-data>/g)).toHaveLength(1)
  })
})

it('status tells what is broken, and the rest all the same', async () => {
  const ports = fakePorts()
  const broken = { ...ports.search, status: async () => Promise.reject(new Error('no model')) }
  const client = await connectTo(fakePorts({ search: broken as never }))
  expect(data(await call(client, 'status'))).toMatchObject({
    data_dir: '/data',
    sql: true,
    tables: [],
    faults: ['search tables: no model'],
  })
  const lost = await connectTo(fakePorts({ status: async () => Promise.reject(new Error('no catalog')) }))
  expect(data(await call(lost, 'status'))).toMatchObject({ faults: ['store: no catalog'], tables: [{ table: 'events' }] })
  expect(data(await call(await connectTo(ports), 'status'))['faults']).toEqual([])
})
