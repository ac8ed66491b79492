import { chmodSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { scratch, vectra } from './run-cli.ts'

it('install, status, uninstall: an entry comes, answers, and goes; nothing else changes', { timeout: 240_000 }, async () => {
  using dir = scratch()
  mkdirSync(join(dir.path, '.git'))
  const file = join(dir.path, '.mcp.json')
  const before = '{\n  "mcpServers": {\n    "other": { "command": "/nowhere/other", "args": ["--token=SECRET"] }\n  }\n}\n'
  writeFileSync(file, before)
  const mcp = (...args: readonly string[]) => vectra(['mcp', ...args, '--json'], { cwd: dir.path })

  const dry = await vectra(['mcp', 'install', '--dry-run'], { cwd: dir.path })
  expect(JSON.parse(dry.stdout).mcpServers.vectra).toMatchObject({ type: 'stdio' })
  expect(readFileSync(file, 'utf8')).toBe(before)
  const added = JSON.parse((await mcp('install', '--data-dir', 'data', '--allow-sql')).stdout)
  expect(added).toMatchObject({ action: 'add', written: true, backup: `${file}.before-vectra` })
  expect(added.server.args.slice(-5)).toEqual(['mcp', 'serve', '--allow-sql', '--data-dir', join(dir.path, 'data')])
  expect(JSON.parse((await mcp('install', '--data-dir', 'data', '--allow-sql')).stdout)).toMatchObject({
    action: 'none',
    written: false,
  })

  const read = await mcp('status')
  expect(read.code).toBe(0)
  expect(read.stdout).not.toContain('SECRET')
  expect(JSON.parse(read.stdout).servers.map((one: { name: string; state: string }) => [one.name, one.state])).toEqual([
    ['other', 'unapproved'],
    ['vectra', 'unapproved'],
  ])
  const asked = await mcp('status', '--connect', 'vectra', '--timeout', '60s')
  expect(asked.code).toBe(0)
  expect(JSON.parse(asked.stdout).servers[1]).toMatchObject({
    name: 'vectra',
    state: 'ok',
    kind: 'vectra',
    era: 'modern',
    missing: [],
    fix: null,
  })
  const other = await mcp('status', '--connect', 'other')
  expect([other.code, JSON.parse(other.stdout).servers[0].state]).toEqual([69, 'spawn-failed'])

  expect(JSON.parse((await mcp('install', '--uninstall')).stdout)).toMatchObject({ action: 'remove' })
  expect(readFileSync(file, 'utf8')).toBe(before)
})

it('the file of the user keeps its rights; somebody else’s entry is not taken; a misplaced one is said', {
  timeout: 120_000,
}, async () => {
  using dir = scratch()
  const file = join(dir.path, '.claude.json')
  writeFileSync(file, '{"mcpServers":{"vectra":{"command":"other"}},"oauth":"secret"}')
  chmodSync(file, 0o600)
  const install = (...args: readonly string[]) => vectra(['mcp', 'install', '--scope', 'user', ...args], { cwd: dir.path })
  const refused = await install()
  expect([refused.code, refused.stderr]).toEqual([78, expect.stringMatching(/another server "vectra"/)])
  expect((await install('--name', 'mine', '--http', ':9000')).code).toBe(0)
  expect(statSync(file).mode & 0o777).toBe(0o600)
  expect(statSync(`${file}.before-vectra`).mode & 0o777).toBe(0o600)
  expect(JSON.parse(readFileSync(file, 'utf8'))).toMatchObject({
    oauth: 'secret',
    mcpServers: {
      mine: { type: 'http', url: 'http://127.0.0.1:9000/mcp', headers: { Authorization: 'Bearer ${VECTRA_MCP_TOKEN}' } },
    },
  })
  mkdirSync(join(dir.path, '.claude'))
  writeFileSync(join(dir.path, '.claude/settings.json'), '{"mcpServers":{"lost":{"command":"x"}}}')
  const status = await vectra(['mcp', 'status'], { cwd: dir.path })
  expect(status.code).toBe(78)
  expect(status.stdout).toMatch(/lost +misplaced/)
  expect(status.stderr).toMatch(/move it to \.mcp\.json/)
})

it('a configuration that this user may not read is left as it is, not taken for an empty one', async () => {
  using dir = scratch()
  chmodSync(dir.path, 0o777)
  const file = join(dir.path, '.mcp.json')
  const before = '{"mcpServers":{"other":{"command":"other"}}}'
  writeFileSync(file, before)
  chmodSync(file, 0o000)
  // Root may read anything: there another user is tried.
  const user = process.getuid?.() === 0 ? { uid: 65_534 } : {}
  const { code, stderr } = await vectra(['mcp', 'install'], { cwd: dir.path, ...user })
  expect([code, stderr]).toEqual([1, expect.stringMatching(/permission denied[\s\S]*\.mcp\.json/)])
  chmodSync(file, 0o600)
  expect(readFileSync(file, 'utf8')).toBe(before)
})

it('names that are nowhere are usage errors, and nothing is made', { timeout: 120_000 }, async () => {
  using dir = scratch()
  const file = join(dir.path, '.mcp.json')
  for (const [args, message] of [
    [['status', '--connect', 'nope'], /no server nope[\s\S]*none is configured/],
    [['status', '--project', 'nowhere'], /--project names no directory/],
    [['install', '--project', 'nowhere'], /--project names no directory/],
    [['serve', '--repo', 'nowhere'], /--repo names no directory/],
    [['install', '--name', 'my server'], /letters, digits/],
    [
      ['install', '--http', '--allow-sql', '--data-dir', 'x'],
      /--allow-sql --data-dir cannot[\s\S]*mcp serve --http --allow-sql --data-dir/,
    ],
  ] as const) {
    const { code, stdout, stderr } = await vectra(['mcp', ...args], { cwd: dir.path, input: '' })
    expect([code, stdout, stderr]).toEqual([2, '', expect.stringMatching(message)])
  }
  expect(readdirSync(dir.path)).toEqual([])
  writeFileSync(file, '{"mcpServers":{"one":{"command":"x"},"two":{"command":"y"}}}')
  const { code, stderr } = await vectra(['mcp', 'status', '--connect', 'one', 'tow'], { cwd: dir.path })
  expect([code, stderr]).toEqual([2, expect.stringMatching(/no server tow[\s\S]*there are one, two/)])
})
