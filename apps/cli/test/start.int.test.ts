import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { scratch, startCli, vectra } from './run-cli.ts'

const START = fileURLToPath(new URL('../src/start.ts', import.meta.url))

it('npm start works twice in a row: it ends by itself, shows what is stored and what to try next', async () => {
  using dir = scratch()
  const options = { entry: START, cwd: dir.path, env: { RUGS_DATA_DIR: join(dir.path, 'data') } }
  for (const seed of ['one', 'two']) {
    const { code, stdout } = await startCli(['--speed', '60', '--seed', seed], options).done
    expect(code).toBe(0)
    expect(stdout).toMatch(/^stopped cleanly: [\d,]+ frames received, [\d,]+ stored, 2 games, \d+ part files$/m)
    expect(stdout).toMatch(/^ws_event +[\d,]+$/m)
    expect(stdout).toMatch(/^game_tick +[\d,]+$/m)
    expect(stdout).toMatch(/^game +\d{8}-[0-9a-f]{16}$/m)
    expect(stdout).toMatch(/^ *0 +1 +\d{4}-/m)
    expect(stdout).toMatch(/^Try next:$/m)
    expect((await vectra(['store', 'verify'], { cwd: dir.path, env: options.env })).code).toBe(0)
  }
  const sessions = await vectra(['sessions', '--json'], { cwd: dir.path, env: options.env })
  expect(
    sessions.stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line)),
  ).toMatchObject([
    { state: 'ended', missing: 0 },
    { state: 'ended', missing: 0 },
  ])
}, 120_000)

it('what it suggests runs as written', async () => {
  using dir = scratch()
  const { stdout } = await startCli(['--speed', '60', '--seed', 'one', '--data-dir', dir.path], {
    entry: START,
    env: { VECTRA_COMMAND: 'npm run -s vectra --' },
  }).done
  const [, sql = '', rest = ''] = /^ {2}npm run -s vectra -- query "(.*)"(.*)$/m.exec(stdout) ?? []
  expect((await vectra(['query', sql, ...rest.trim().split(' ')], { cwd: dir.path })).code).toBe(0)
}, 60_000)

const SCRIPT = '/usr/bin/script'

it.runIf(existsSync(SCRIPT))(
  'on a terminal the status is one line that rewrites itself, and CI turns it off',
  async () => {
    using dir = scratch()
    const command = `${process.execPath} --conditions=@vectra/source ${START} --speed 60 --seed one --data-dir ${dir.path}`
    const run = (env: Record<string, string>): string =>
      execFileSync(SCRIPT, ['-qec', command, '/dev/null'], {
        encoding: 'utf8',
        env: { PATH: process.env.PATH ?? '', HOME: dir.path, TERM: 'xterm', ...env },
      })
    const live = run({})
    expect(live).toMatch(/\r\u001b\[2K● public_ws live {2}[\d.]+ ev\/s {2}stored [\d,]+/)
    expect(live).toMatch(/\u001b\[2K(stopped|\u001b|•)/)
    expect(live).not.toContain('"msg"')
    const ci = run({ CI: 'true' })
    expect(ci).not.toContain('\u001b[2K')
    expect(ci).toContain('"msg":"recording"')
  },
  60_000,
)
