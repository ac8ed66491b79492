import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { scratch, startCli, vectra } from './run-cli.ts'

it('context: passes verbs, options and exit codes of vectra-context through', async () => {
  using dir = scratch()
  mkdirSync(join(dir.path, 'lib'))
  writeFileSync(join(dir.path, 'lib', 'a.ts'), 'export const a = 1\n')
  const missing = await vectra(['context', 'check', '--repo', dir.path, '--json'])
  expect(missing.code).toBe(65)
  expect(JSON.parse(missing.stdout)).toMatchObject({ ok: false, totals: { missing: 1 } })
  expect((await vectra(['context', 'stub', '--repo', dir.path, '--all'])).code).toBe(0)
  expect((await vectra(['context', 'check', '--repo', dir.path])).code).toBe(0)
  expect(await vectra(['context', 'frobnicate'])).toMatchObject({ code: 2, stdout: '' })
  expect((await vectra(['context', 'slash', '--repo', dir.path])).code).toBe(0)
})

it('context: notes of the store and the state of the search tables reach it; the tables write their metrics', {
  timeout: 60_000,
}, async () => {
  using dir = scratch()
  const repo = join(dir.path, 'repo')
  mkdirSync(join(repo, '.git'), { recursive: true })
  mkdirSync(join(repo, 'lib'))
  writeFileSync(join(repo, 'lib', 'a.ts'), 'export const a = 1\n')
  const data = join(dir.path, 'data')
  const run = (...args: string[]) => vectra(['--data-dir', data, ...args], { cwd: repo })
  expect((await run('context', 'stub', '--all', '--repo', repo)).code).toBe(0)
  const file = join(repo, 'lib', 'CONTEXT.md')
  writeFileSync(file, readFileSync(file, 'utf8').replace('[ ] Indexed', '[x] Indexed'))

  expect((await run('context', 'show', 'lib', '--repo', repo)).stdout).not.toContain('<notes')
  expect((await run('note', 'add', 'a must stay one', '--author', 'ada', '--file', 'lib/a.ts')).code).toBe(0)
  const shown = await run('context', 'show', 'lib', '--repo', repo)
  expect(shown.stdout).toMatch(/note \d{4}-\d\d-\d\dT\d\d:\d\d by ada on lib\/a\.ts: a must stay one/)

  const stale = await run('context', 'check', '--indexed', '--repo', repo)
  expect(stale.stdout).toMatch(/"Indexed.*" is ticked, but the index does not hold this file/)
  const metrics = join(dir.path, 'vectra.prom')
  expect((await run('index', 'run', '--model', 'none', '--table', 'code', '--metrics-file', metrics)).code).toBe(0)
  expect(readFileSync(metrics, 'utf8')).toContain('vectra_index_rows_total{table="code_context",change="written"}')
  expect((await run('context', 'check', '--indexed', '--repo', repo)).stdout).not.toContain('is ticked')
  const state = join(dir.path, 'state.json')
  writeFileSync(state, (await run('index', 'state')).stdout)
  expect((await run('context', 'check', '--index-state', state, '--repo', repo)).stdout).not.toContain('is ticked')
  expect(await run('context', 'check', '--index-state', state, '--indexed', '--repo', repo)).toMatchObject({ code: 2 })
})

it('context: many lines to a reader that has enough: nothing on stderr', async () => {
  using dir = scratch()
  for (let at = 0; at < 12; at++) {
    mkdirSync(join(dir.path, `lib${at}`))
    writeFileSync(join(dir.path, `lib${at}`, 'a.ts'), `export const a${at} = 1\n`)
  }
  expect((await vectra(['context', 'stub', '--repo', dir.path, '--all'])).code).toBe(0)
  const { child, done } = startCli(['context', 'records', '--repo', dir.path])
  child.stdout?.destroy()
  expect(await done).toMatchObject({ code: 0, stderr: '' })
})
