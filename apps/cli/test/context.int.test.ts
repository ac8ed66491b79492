import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { scratch, vectra } from './run-cli.ts'

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
