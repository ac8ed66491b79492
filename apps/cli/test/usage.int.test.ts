import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { scratch, startCli, vectra } from './run-cli.ts'

it.each([
  ['an unknown verb', ['recrod'], /unknown command 'recrod'/, /did you mean record\?/],
  ['an unknown option', ['import', 'x.jsonl', '--strct'], /unknown option '--strct'/, /did you mean --strict\?/],
  ['an unknown option of vectra itself', ['--dta-dir', 'x'], /unknown option '--dta-dir'/, /did you mean --data-dir\?/],
  ['an unknown verb of a group', ['store', 'verfy'], /unknown command 'verfy'/, /did you mean verify\?/],
  [
    'a value that is not offered',
    ['query', '--format', 'xml', 'SELECT 1'],
    /Allowed choices are table, json, ndjson, csv, parquet/,
    /--help/,
  ],
  ['a missing operand', ['game'], /missing required argument 'id'/, /--help/],
  ['one operand too many', ['sessions', 'now'], /too many arguments/, /--help/],
  ['a missing option', ['store', 'prune', '--yes'], /--older-than <age>' not specified/, /--help/],
  ['a number without a unit', ['query', 'SELECT 1', '--timeout', '30'], /--timeout 30: expected a duration/, /./],
  ['a bad port', ['replay', 'x.jsonl', '--as-server', ':99999'], /Expected a port on this machine/, /./],
  ['a port on another machine', ['replay', 'x.jsonl', '--as-server', '0.0.0.0:80'], /only 127\.0\.0\.1 is served/, /./],
])('%s is a usage error: exit 2, one screen, stdout empty', async (_name, args, message, hint) => {
  const { code, stdout, stderr } = await vectra(args)
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
  expect(stderr).toMatch(message)
  expect(stderr).toMatch(hint)
  expect(stderr).toMatch(/code {2}CLI_USAGE \(exit 2\)/)
  expect(stderr.split('\n').length).toBeLessThan(8)
})

it('with --json an error is one JSON object on stderr', async () => {
  const { code, stdout, stderr } = await vectra(['recrod', '--json'])
  expect(code).toBe(2)
  expect(stdout).toBe('')
  expect(JSON.parse(stderr)).toEqual({
    error: {
      code: 'CLI_USAGE',
      message: "unknown command 'recrod'",
      where: null,
      hint: 'did you mean record?',
      detail: null,
      exit: 2,
    },
  })
})

it('help goes to stdout, lists the verbs that exist and only those, and exits 0', async () => {
  const { code, stdout, stderr } = await vectra(['--help'])
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  for (const verb of [
    'record',
    'import',
    'replay',
    'sim',
    'demo',
    'play',
    'serve',
    'query',
    'fair',
    'games',
    'game',
    'events',
    'tail',
    'sessions',
    'context',
    'index',
    'search',
    'note',
    'store',
    'config',
    'version',
  ]) {
    expect(stdout).toMatch(new RegExp(`^ {2}${verb}\\b`, 'm'))
  }
})

it.each([
  [['record', '--replay', 'capture.jsonl'], /--replay is for --source replay.*\n +fix +add --source replay/],
  [['record', '--source', 'cdp', '--loop'], /--loop is for --source replay/],
  [['record', '--reload-on-attach'], /--reload-on-attach is for --source cdp/],
  [['replay', 'capture.jsonl', '--once'], /--once is for --as-server/],
  [['replay', 'capture.jsonl', '--raw', '--as-server', ':0'], /'--raw' cannot be used with option '--as-server/],
  [['browser', 'launch', '--pipe', '--port', ':9222'], /'--pipe' cannot be used.*\n +fix +`vectra browser launch --help`/],
] as const)('an option that would do nothing is a mistake, not ignored: %j', async (args, told) => {
  using dir = scratch()
  const { code, stdout, stderr } = await vectra([...args, '--data-dir', join(dir.path, 'data')])
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
  expect(stderr).toMatch(told)
  expect(existsSync(join(dir.path, 'data'))).toBe(false)
})

it('a group without a verb shows its help on stderr and exits 2', async () => {
  const { code, stdout, stderr } = await vectra(['store'])
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
  expect(stderr).toMatch(/verify/)
})

it('vectra alone is never an error: nothing there, a broken config, JSON', async () => {
  using dir = scratch()
  const empty = await vectra([], { cwd: dir.path })
  expect(empty).toMatchObject({ code: 0, stderr: '' })
  expect(empty.stdout).toMatch(/rugs_data {2}\(not there yet\)/)
  expect(empty.stdout).toMatch(/next +vectra record/)
  writeFileSync(join(dir.path, 'vectra.config.json'), '{"datadir": 1}')
  const broken = await vectra(['--json'], { cwd: dir.path })
  expect(broken.code).toBe(0)
  expect(JSON.parse(broken.stdout)).toMatchObject({
    exists: false,
    running: [],
    problem: expect.stringMatching(/unknown key datadir/),
  })
})

it('version and config answer in both forms', async () => {
  using dir = scratch()
  const options = { cwd: dir.path, env: { RUGS_DATA_DIR: '/seed' } }
  expect((await vectra(['--version'])).stdout).toMatch(/^\d+\.\d+\.\d+\n$/)
  expect((await vectra(['version'])).stdout).toMatch(/^vectra +\d.*\nnode +\d.*\nduckdb +\d/)
  expect(JSON.parse((await vectra(['version', '--json'])).stdout)).toMatchObject({
    node: process.versions.node,
    duckdb: expect.stringMatching(/^\d/),
  })
  expect((await vectra(['config', 'show', '--origin'], options)).stdout).toMatch(/^dataDir +\/seed +env RUGS_DATA_DIR$/m)
  const shown: unknown = JSON.parse(
    (await vectra(['config', 'show', '--origin', '--json', '--data-dir', '/flag'], options)).stdout,
  )
  expect(shown).toMatchObject({
    dataDir: { value: '/flag', origin: 'flag', from: '--data-dir' },
    'query.timeout': { value: 30_000, origin: 'default', from: null },
  })
  expect(await vectra(['config', 'path'], options)).toMatchObject({ code: 1, stdout: '' })
  writeFileSync(join(dir.path, 'vectra.config.ts'), "export default { logLevel: 'warn' }\n")
  expect((await vectra(['config', 'path'], options)).stdout).toBe(`${join(dir.path, 'vectra.config.ts')}\n`)
  expect(await vectra(['config', 'check'], options)).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/^ok: 2 set \(dataDir, logLevel\)/),
  })
})

it('a bad config is exit 78 and says where, in every verb that needs it', async () => {
  using dir = scratch()
  const file = join(dir.path, 'vectra.config.json')
  writeFileSync(file, '{"record": {"url": "nowhere"}}')
  for (const verb of [['config', 'check'], ['games'], ['record', '--duration', '1s']]) {
    const { code, stdout, stderr } = await vectra(verb, { cwd: dir.path })
    expect({ code, stdout }).toEqual({ code: 78, stdout: '' })
    expect(stderr).toContain(file)
    expect(stderr).toMatch(/record\.url is "nowhere"/)
  }
  expect(await vectra(['config', 'check', '--config', 'missing.ts'], { cwd: dir.path })).toMatchObject({ code: 78 })
})

it('NO_COLOR and --no-color leave no escape sequence, FORCE_COLOR brings them', async () => {
  expect((await vectra(['--help'], { env: { FORCE_COLOR: '1' } })).stdout).toContain('\u001b[1m')
  expect((await vectra(['--help', '--no-color'])).stdout).not.toContain('\u001b')
  expect((await vectra(['recrod'], { env: { NO_COLOR: '1' } })).stderr).not.toContain('\u001b')
})

it('a reader that leaves early is no error', async () => {
  const running = startCli(['--help'])
  running.child.stdout?.destroy()
  const { code, stderr } = await running.done
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
})

it('--help loads commander and the command tree, and nothing heavy', async () => {
  const tell =
    "import { registerHooks } from 'node:module'; registerHooks({ load: (url, context, next) => { process.stderr.write(url + '\\n'); return next(url, context) } })"
  const { code, stderr } = await vectra(['--help'], {
    env: { NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(tell)}` },
  })
  expect(code).toBe(0)
  const loaded = stderr.trim().split('\n')
  expect(loaded.some((url) => url.includes('/commander/'))).toBe(true)
  expect(
    loaded.filter((url) => /\/(zod|pino|packages|recorder|simulator|socket\.io|@duckdb)\//.test(url) || /commands\//.test(url)),
  ).toEqual([])
})
