import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'

const folder = fileURLToPath(new URL('..', import.meta.url))
const readme = readFileSync(`${folder}/README.md`, 'utf8')
/** Each `ts` block with the `text` block of its output. */
const examples = [...readme.matchAll(/```ts\n(.*?)```\n+```text\n(.*?)```/gs)].map(
  ([, code, output]) => [code ?? '', output ?? ''] as const,
)

describe('README', () => {
  it('shows the output of every example', () => {
    expect(examples.length).toBeGreaterThan(0)
    expect(examples).toHaveLength(readme.match(/```ts\n/g)?.length ?? 0)
  })

  it.each(examples)('runs as written: %#', async (code, output) => {
    const node = [
      '--conditions=@vectra/source',
      '--disable-warning=ExperimentalWarning',
      '--input-type=module-typescript',
      '--eval',
      `${code}\nawait (await import('node:fs/promises')).rm(dir, { recursive: true })`,
    ]
    const { stdout } = await promisify(execFile)(process.execPath, node, { cwd: folder, env: { ...process.env, NO_COLOR: '1' } })
    expect(stdout).toBe(output)
  })

  it('names every value that the package exports', async () => {
    const surface = Object.keys(await import('../src/index.ts'))
    expect(surface.filter((name) => !readme.includes(`\`${name}`))).toEqual([])
  })
})
