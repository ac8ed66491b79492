import { expect, it } from 'vitest'
import { findDefinitions, redact } from '../../src/index.ts'

const HOME = '/home/ada'
const PROJECT = '/srv/project'

function find(files: Readonly<Record<string, unknown>>, env: Record<string, string> = {}) {
  const texts = new Map(
    Object.entries(files).map(([path, value]) => [path, typeof value === 'string' ? value : JSON.stringify(value)]),
  )
  return findDefinitions({ projectDir: PROJECT, home: HOME, env, read: (path) => texts.get(path) })
}

const server = (command: string, ...args: string[]) => ({ command, args })

it('finds definitions where Claude Code keeps them, and says which are misplaced', () => {
  const { servers } = find({
    [`${PROJECT}/.mcp.json`]: { mcpServers: { a: server('a'), b: server('b') } },
    [`${HOME}/.claude.json`]: {
      mcpServers: { user: server('u') },
      projects: {
        [PROJECT]: { mcpServers: { local: server('l') }, enabledMcpjsonServers: ['a'] },
        '/other': { mcpServers: { other: server('o') } },
      },
    },
    [`${HOME}/.claude/settings.json`]: { mcpServers: { lost: server('x') }, hooks: {} },
    [`${HOME}/.claude/plugins/installed_plugins.json`]: { version: 2, plugins: { 'p@m': [{ installPath: '/plugins/p' }] } },
    '/plugins/p/.mcp.json': { mcpServers: { plug: server('${CLAUDE_PLUGIN_ROOT}/run') } },
  })
  expect(servers.map(({ name, scope, approved }) => [name, scope, approved])).toEqual([
    ['a', 'project', true],
    ['b', 'project', false],
    ['local', 'local', true],
    ['user', 'user', true],
    ['plug', 'plugin', true],
    ['lost', 'misplaced', true],
  ])
  expect(servers[4]?.address).toMatchObject({ command: '/plugins/p/run' })
  expect(servers[5]?.problems[0]).toMatch(/settings.json is not read/)
})

it.each([
  ['.mcp.json', 'without "mcpServers"', { '/plugins/p/.mcp.json': { plug: server('p') } }],
  [
    'servers/mine.json',
    'that the manifest names',
    {
      '/plugins/p/.claude-plugin/plugin.json': { name: 'p', mcpServers: './servers/mine.json' },
      '/plugins/p/servers/mine.json': { mcpServers: { plug: server('p') } },
      '/plugins/p/.mcp.json': { other: server('o') },
    },
  ],
  [
    '.claude-plugin/plugin.json',
    'the manifest itself',
    {
      '/plugins/p/.claude-plugin/plugin.json': { name: 'p', mcpServers: { plug: server('p') } },
    },
  ],
])('a plugin’s servers in %s, %s', (file, _how, files) => {
  const installed = { version: 2, plugins: { 'p@m': [{ installPath: '/plugins/p' }] } }
  const { servers } = find({ [`${HOME}/.claude/plugins/installed_plugins.json`]: installed, ...files })
  expect(servers.map((one) => [one.name, one.scope, one.file])).toEqual([['plug', 'plugin', `/plugins/p/${file}`]])
})

it('approval by settings, and a refusal that wins', () => {
  const approved = (settings: object) =>
    find({ [`${PROJECT}/.mcp.json`]: { mcpServers: { a: server('a') } }, [`${PROJECT}/.claude/settings.local.json`]: settings })
      .servers[0]?.approved
  expect(approved({ enableAllProjectMcpServers: true })).toBe(true)
  expect(approved({ enabledMcpjsonServers: ['a'] })).toBe(true)
  expect(approved({ enabledMcpjsonServers: ['a'], disabledMcpjsonServers: ['a'] })).toBe(false)
  expect(approved({})).toBe(false)
})

it('expands ${VAR} and ${VAR:-default} alone, and says what is not set', () => {
  const { servers } = find(
    {
      [`${HOME}/.claude.json`]: {
        mcpServers: { a: { command: 'x', args: ['${SET}', '${UNSET:-d}', '${UNSET}', '$SET', '~/data'], env: { K: '${SET}' } } },
      },
    },
    { SET: 'value' },
  )
  expect(servers[0]?.address).toEqual({ command: 'x', args: ['value', 'd', '${UNSET}', '$SET', '~/data'], env: { K: 'value' } })
  expect(servers[0]?.problems.join()).toMatch(/UNSET is not set.*begins with ~/)
})

it('a broken file is said, and hides nothing else', () => {
  const { servers, unreadable } = find({
    [`${PROJECT}/.mcp.json`]: '{"mcpServers": {"a": ',
    [`${HOME}/.claude.json`]: { mcpServers: { user: server('u'), odd: 'text', both: {} } },
  })
  expect(unreadable).toEqual([{ file: `${PROJECT}/.mcp.json`, why: expect.stringMatching(/at character \d+/) }])
  expect(servers.map(({ name, address }) => [name, address !== undefined])).toEqual([
    ['user', true],
    ['odd', false],
    ['both', false],
  ])
  expect(find({ [`${PROJECT}/.mcp.json`]: { servers: { a: server('a') } } }).unreadable[0]?.why).toMatch(
    /Claude Code reads "mcpServers"/,
  )
})

it.each([
  [
    'uvx mcp-server-motherduck --db-path md:db?motherduck_token=abc.def',
    'uvx mcp-server-motherduck --db-path md:db?motherduck_token=***',
  ],
  ['x --api-key SECRET --host a', 'x --api-key *** --host a'],
  ['http://user:pass@host/mcp', 'http://user:***@host/mcp'],
  ['Bearer abc', 'Bearer ***'],
  ['vectra mcp serve', 'vectra mcp serve'],
])('%s is shown as %s', (text, shown) => {
  expect(redact(text)).toBe(shown)
})
