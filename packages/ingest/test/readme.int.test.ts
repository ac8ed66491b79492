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
    const node = ['--conditions=@vectra/source', '--input-type=module-typescript', '--eval', code]
    const { stdout } = await promisify(execFile)(process.execPath, node, { cwd: folder, env: { ...process.env, NO_COLOR: '1' } })
    expect(stdout).toBe(output)
  })

  it('names every function, class and constant of the package', async () => {
    const surface = Object.keys(await import('../src/index.ts'))
    expect(surface.length).toBeGreaterThan(20)
    expect(surface.filter((name) => !readme.includes(`\`${name}`))).toEqual([])
  })

  it('names every code of IngestError', () => {
    const codes = [...readFileSync(`${folder}/src/errors.ts`, 'utf8').matchAll(/'(INGEST_[A-Z_]+)'/g)].map(
      ([, code]) => code ?? '',
    )
    expect(codes.length).toBeGreaterThan(5)
    expect(codes.filter((code) => !readme.includes(code))).toEqual([])
  })
})
