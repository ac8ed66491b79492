import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, it, onTestFinished } from 'vitest'
import { checkServers, type PeerAddress, type ServerDefinition } from '../../src/index.ts'
import { fake } from '../fake.ts'

function definition(name: string, address: PeerAddress | undefined, more: Partial<ServerDefinition> = {}): ServerDefinition {
  const shown =
    address === undefined ? '' : 'command' in address ? [address.command, ...(address.args ?? [])].join(' ') : address.url
  return { name, scope: 'user', file: '/home/ada/.claude.json', address, shown, approved: true, problems: [], ...more }
}

/** Long enough for many Node processes that start at once on a busy machine; a silent server has a test of its own. */
const LIMITS = { connect: true, connectMs: 25_000, probeMs: 5_000 }

it('tells every state apart, side by side', { timeout: 60_000 }, async () => {
  const cases: readonly (readonly [ServerDefinition, string, RegExp | null])[] = [
    [definition('md', fake('motherduck', '1.0'), { shown: 'uvx mcp-server-motherduck' }), 'ok', null],
    [definition('old', fake('motherduck', '0.8'), { shown: 'uvx mcp-server-motherduck' }), 'ok', null],
    [
      definition('hidden', fake('motherduck', '1.0', 'hidden'), { shown: 'uvx mcp-server-motherduck' }),
      'probe-failed',
      /execute_query/,
    ],
    [definition('wrong', fake('lance'), { shown: 'uvx chroma-mcp' }), 'tools-mismatch', /chroma/],
    [definition('unknown', fake('lance')), 'ok', null],
    [definition('fragile', fake('hostile', 'dies-in-discovery')), 'ok', null],
    [definition('dead', fake('hostile', 'dies')), 'handshake-failed', /by hand/],
    [definition('quiet', fake('hostile', 'silent-tool'), { shown: 'mcp-server-motherduck' }), 'probe-failed', /own log/],
    [definition('gone', { command: '/nowhere/server' }), 'spawn-failed', /install/],
    [definition('web', { url: 'http://127.0.0.1:9/mcp' }), 'handshake-failed', /listen/],
    [definition('lost', fake('lance'), { scope: 'misplaced' }), 'misplaced', /move it/],
    [definition('odd', undefined, { problems: ['it has neither "command" nor "url"'] }), 'invalid', /mend/],
    [definition('stranger', fake('lance'), { scope: 'project', approved: false }), 'unapproved', /--connect stranger/],
  ]
  const found = await checkServers(
    cases.map(([one]) => one),
    LIMITS,
  )
  expect(found.map(({ definition: { name }, state }) => [name, state])).toEqual(cases.map(([{ name }, state]) => [name, state]))
  for (const [index, [, , fix]] of cases.entries()) {
    if (fix === null) expect(found[index]?.fix).toBeNull()
    else expect(found[index]?.fix).toMatch(fix)
  }
  expect(found[0]).toMatchObject({
    kind: 'motherduck',
    era: 'legacy',
    protocol: '2025-06-18',
    server: 'mcp-server-motherduck 0.0.1',
    missing: [],
  })
})

it('silent servers take their time once, not one after the other', async () => {
  const started = performance.now()
  const silent = ['a', 'b', 'c', 'd'].map((name) => definition(name, fake('hostile', 'silent')))
  const found = await checkServers(silent, { connect: true, connectMs: 2_000 })
  expect(performance.now() - started).toBeLessThan(5_000)
  for (const { state, fix } of found) expect([state, fix]).toEqual(['handshake-failed', expect.stringContaining('--timeout')])
})

it.each([
  ['balance-server', '/home/lance/bin/balance-server', 'alive', 'ok'],
  ['an address', 'http://127.0.0.1:1/mcp', 'vectra', 'tools-mismatch'],
])('what %s is, is told by the server’s own name, not by a path: %s', async (_name, shown, mode, state) => {
  const [found] = await checkServers([definition('x', fake('hostile', mode), { shown })], LIMITS)
  expect([found?.state, found?.kind]).toEqual([state, mode === 'vectra' ? 'vectra' : null])
})

it('names what a hostile server says of itself without its control characters', async () => {
  const [found] = await checkServers([definition('nice', fake('hostile', 'injection'))], LIMITS)
  expect(found?.server).toBe('niceserver 0.0.1')
})

it('wanted credentials are told, with how to give them by reference', async () => {
  const server = createServer((_request, response) => void response.writeHead(401, { 'WWW-Authenticate': 'Bearer' }).end())
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp`
  const found = await checkServers(
    [
      definition('web', { url }),
      definition('md', fake('motherduck', '1.0', 'unauthorized'), { shown: 'uvx mcp-server-motherduck' }),
      definition('shy', { command: process.execPath, args: ['-e', 'console.error("no token given"); process.exit(1)'] }),
      definition('broken', { command: process.execPath, args: ['-e', 'console.error("Unexpected token }"); process.exit(1)'] }),
    ],
    LIMITS,
  )
  expect(found.map(({ state, fix }) => [state, fix])).toEqual([
    ['auth-required', expect.stringContaining('"Authorization": "Bearer ${MY_TOKEN}"')],
    ['auth-required', expect.stringContaining('"motherduck_token": "${MOTHERDUCK_TOKEN}"')],
    ['handshake-failed', expect.stringContaining('"env": {"API_KEY"')],
    ['handshake-failed', expect.stringContaining('start it by hand')],
  ])
})

it('known ways in which servers fail to start are told by all they said, with the way out', async () => {
  const failing = (name: string, shown: string, said: string, more: Partial<ServerDefinition> = {}) =>
    definition(
      name,
      { command: process.execPath, args: ['-e', `console.error(${JSON.stringify(said)}); process.exit(2)`] },
      { shown, ...more },
    )
  const found = await checkServers(
    [
      failing(
        'memory',
        'uvx mcp-server-motherduck',
        'Error: in-memory databases are read-write\n  - Use md: with a MotherDuck token',
      ),
      failing('sdk', 'uvx chroma-mcp', "ModuleNotFoundError: No module named 'mcp.server.fastmcp'\nlast line"),
      failing('pydantic', 'uvx chroma-mcp', 'TypeError: pydantic … eval_type_backport\nlast line'),
      failing('unset', 'x', 'no', { problems: ['the variable NOPE is not set: it reaches the server as it is written'] }),
    ],
    LIMITS,
  )
  const gone = { problems: ['the variable NOPE is not set: it reaches the server as it is written'] }
  const spawned = await checkServers(
    [definition('path', { command: '${NOPE}/x' }, gone), definition('other', { command: '/nowhere/x', args: ['${NOPE}'] }, gone)],
    LIMITS,
  )
  expect(spawned.map(({ state, fix }) => [state, fix])).toEqual([
    ['spawn-failed', expect.stringContaining('set NOPE')],
    ['spawn-failed', expect.stringContaining('install /nowhere/x')],
  ])
  expect(found.map(({ state, fix }) => [state, fix])).toEqual([
    ['handshake-failed', expect.stringContaining('--read-write')],
    ['handshake-failed', expect.stringContaining("--with 'mcp<2'")],
    ['handshake-failed', expect.stringContaining("--with 'pydantic<2.12'")],
    ['handshake-failed', expect.stringContaining('set NOPE')],
  ])
})

it('starts nothing unless it is asked to, and a stranger only by name', async () => {
  const stranger = definition('stranger', fake('motherduck', '1.0'), { scope: 'project', approved: false })
  const own = definition('own', { command: '/nowhere' })
  expect((await checkServers([stranger, own], { connect: false })).map(({ state }) => state)).toEqual([
    'unapproved',
    'configured',
  ])
  expect((await checkServers([stranger, own], { ...LIMITS, names: ['stranger'] })).map(({ state }) => state)).toEqual([
    'ok',
    'configured',
  ])
})
