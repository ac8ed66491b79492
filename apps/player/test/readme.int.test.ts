import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'

const folder = fileURLToPath(new URL('..', import.meta.url))
const readme = readFileSync(`${folder}/README.md`, 'utf8')
const examples = [...readme.matchAll(/```ts\n(.*?)```\n+```text\n(.*?)```/gs)].map(
  ([, code, output]) => [code ?? '', output ?? ''] as const,
)

it.each(examples)('the README runs as written: %#', async (code, output) => {
  const node = ['--conditions=@vectra/source', '--input-type=module-typescript', '--eval', code]
  const { stdout } = await promisify(execFile)(process.execPath, node, { cwd: folder })
  expect(stdout).toBe(output)
})

it('the README names every export', async () => {
  expect(examples).toHaveLength(1)
  const surface = Object.keys(await import('../src/index.ts'))
  expect(surface.filter((name) => !readme.includes(name))).toEqual([])
})
