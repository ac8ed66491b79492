import { join } from 'node:path'
import { expect, it } from 'vitest'
import { scratch, startCli, vectra } from './run-cli.ts'

it('vectra sim serves a game that vectra record records and vectra fair proves', { timeout: 120_000 }, async () => {
  using dir = scratch()
  const data = join(dir.path, 'data')
  const sim = startCli(['sim', '--port', ':0', '--speed', '100', '--seed', 'cli', '--bots', '5', '--json'], { cwd: dir.path })
  const [, listening = ''] = await sim.seen(/^(\{"event":"listening".*\})$/m)
  const { url, seed } = JSON.parse(listening) as { url: string; seed: string }
  expect(seed).toBe('cli')
  const recorded = await vectra(['record', '--url', url, '--until-games', '2', '--data-dir', data], { cwd: dir.path })
  expect(recorded.code).toBe(0)
  const summary = JSON.parse(recorded.stdout) as { games: number; issues: number; events: number; stored: number }
  expect([summary.games, summary.issues, summary.events === summary.stored]).toEqual([2, 0, true])
  const fair = await vectra(['fair', '--all', '--data-dir', data, '--json'], { cwd: dir.path })
  expect(fair.code).toBe(0)
  const verdicts = fair.stdout
    .trim()
    .split('\n')
    .map((line) => (JSON.parse(line) as { verdict: string }).verdict)
  expect(verdicts.filter((verdict) => verdict === 'fair').length).toBeGreaterThanOrEqual(10)
  sim.child.kill('SIGINT')
  const { code, stdout } = await sim.done
  expect(code).toBe(0)
  expect(JSON.parse(stdout.trim().split('\n').at(-1) ?? '')).toMatchObject({ event: 'stopped', exit: 'clean', seed: 'cli' })
})

it('vectra demo records by itself, ends, and shows counts, a game and its proof', { timeout: 120_000 }, async () => {
  using dir = scratch()
  const data = join(dir.path, 'data')
  const { code, stdout, stderr } = await vectra(
    ['demo', '--speed', '100', '--until-games', '2', '--seed', 'show', '--data-dir', data, '--log-level', 'warn'],
    { cwd: dir.path },
  )
  expect(code).toBe(0)
  expect(stderr).toMatch(/a simulated game of dec2025 on http:\/\/127\.0\.0\.1:\d+/)
  expect(stdout).toMatch(/stopped cleanly: .* 2 games/)
  expect(stdout).toMatch(/ws_event +\d/)
  expect(stdout).toMatch(/first and last six of|rug/)
  expect(stdout).toMatch(/[12] fair, 0 mismatches/)
  expect(stdout).toMatch(/Try next:/)
  const verify = await vectra(['store', 'verify', '--data-dir', data], { cwd: dir.path })
  expect(verify.code).toBe(0)
})

it.each([
  [['sim', '--speed', '0'], /factor from 1 to 1000/],
  [['sim', '--era', 'may1999'], /Allowed choices are aug2025, dec2025, feb2026/],
  [['sim', '--chaos', 'dropp=1%'], /chaos has no "dropp"/],
  [['demo', '--chaos', 'drop=2'], /a chance is written/],
])('%j is a usage error', async (args, message) => {
  using dir = scratch()
  const { code, stdout, stderr } = await vectra(args, { cwd: dir.path })
  expect([code, stdout]).toEqual([2, ''])
  expect(stderr).toMatch(message)
})

it('a port in use is told', { timeout: 60_000 }, async () => {
  using dir = scratch()
  const sim = startCli(['sim', '--port', ':0', '--json'], { cwd: dir.path })
  const [, listening = ''] = await sim.seen(/^(\{"event":"listening".*\})$/m)
  const { port } = JSON.parse(listening) as { port: number }
  const second = await vectra(['sim', '--port', `:${port}`], { cwd: dir.path })
  expect([second.code, /CLI_PORT_IN_USE/.test(second.stderr)]).toEqual([75, true])
  sim.child.kill('SIGTERM')
  expect((await sim.done).code).toBe(0)
})
