import { execFile } from 'node:child_process'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'
import { fillStore, serverOf } from './mcp-server.ts'
import { scratch, vectra } from './run-cli.ts'

const INSPECTOR = join(
  dirname(createRequire(import.meta.url).resolve('@modelcontextprotocol/inspector/package.json')),
  'clients/launcher/build/index.js',
)

/** One good call of every tool. */
const CALLS: Readonly<Record<string, readonly string[]>> = {
  status: [],
  events_query: ['limit=2'],
  events_schema: ['event=gameStateUpdate'],
  events_sql: ['sql=SELECT count(*) FROM events'],
  games_list: ['limit=2'],
  game_get: ['game_id=20251212-ce238439fcae9970'],
  events_search: ['text=rug'],
  code_context_search: ['text=why Decimal'],
  code_context_get: ['path=packages/schemas'],
  code_context_impact: ['paths=["packages/schemas/src/decimal.ts"]'],
  debug_notes_search: ['text=gap'],
  debug_note_add: ['text=seen by the inspector'],
}

it('mcp-inspector --cli lists and calls every tool, reads every kind of resource, and gets the prompt', {
  timeout: 400_000,
}, async () => {
  using dir = scratch()
  const data = await fillStore(dir.path)
  await vectra(['note', 'add', 'a gap', '--data-dir', data])
  await vectra([
    'index',
    'run',
    '--model',
    'none',
    '--table',
    'events',
    'code',
    'notes',
    '--data-dir',
    data,
    '--repo',
    join(import.meta.dirname, '../../..'),
  ])
  const { command, args = [] } = serverOf(data, '--allow-sql', '--allow-write')
  const inspect = async (...more: readonly string[]): Promise<Record<string, unknown>> => {
    const { stdout } = await promisify(execFile)(process.execPath, [INSPECTOR, '--cli', command, ...args, ...more], {
      env: { PATH: process.env.PATH, HOME: dir.path },
      maxBuffer: 64 * 2 ** 20,
    })
    return JSON.parse(stdout) as Record<string, unknown>
  }
  const { tools } = (await inspect('--method', 'tools/list', '--strict')) as { tools: { name: string }[] }
  expect(tools.map((tool) => tool.name)).toEqual(Object.keys(CALLS))
  for (const [name, pairs] of Object.entries(CALLS)) {
    const given = pairs.length === 0 ? [] : ['--tool-arg', ...pairs]
    const result = await inspect('--method', 'tools/call', '--tool-name', name, ...given)
    expect(result['isError'], `${name}: ${JSON.stringify(result['content'])}`).toBeFalsy()
    expect(result['structuredContent']).toBeTypeOf('object')
  }
  for (const [uri, holds] of [
    ['vectra://context/packages/schemas/CONTEXT.md', '"verdict":"VERIFIED"'],
    ['vectra://schema/standard/newTrade', '"$schema"'],
    [`vectra://game/${CALLS['game_get']?.[0]?.slice('game_id='.length)}`, '"fairness"'],
  ] as const) {
    const { contents } = (await inspect('--method', 'resources/read', '--uri', uri)) as { contents: { text: string }[] }
    expect(contents[0]?.text, uri).toContain(holds)
  }
  const asked = ['--method', 'prompts/get', '--prompt-name', 'context', '--prompt-args', 'target=packages/schemas']
  expect(JSON.stringify(await inspect(...asked))).toContain('packages/schemas/CONTEXT.md')
  await expect(inspect('--method', 'resources/read', '--uri', 'vectra://context/..%2F..%2Fetc/passwd')).rejects.toThrow(/outside/)
})
