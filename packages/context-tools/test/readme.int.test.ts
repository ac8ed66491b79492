import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'

const folder = fileURLToPath(new URL('..', import.meta.url))
const readme = readFileSync(`${folder}/README.md`, 'utf8')
const examples = [...readme.matchAll(/```ts\n(.*?)```\n+```text\n(.*?)```/gs)].map(
  ([, code, output]) => [code ?? '', output ?? ''] as const,
)

test('every example shows its output', () => {
  expect(examples.length).toBeGreaterThan(0)
  expect(examples).toHaveLength(readme.match(/```ts\n/g)?.length ?? 0)
})

test.each(examples)('example %# runs as written', async (code, output) => {
  const args = ['--conditions=@vectra/source', '--input-type=module-typescript', '--eval', code]
  const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: folder, env: { ...process.env, NO_COLOR: '1' } })
  expect(stdout).toBe(output)
})

test('the README names every export', async () => {
  const surface = Object.keys(await import('../src/index.ts'))
  expect(surface.filter((name) => !readme.includes(`\`${name}`))).toEqual([])
})
