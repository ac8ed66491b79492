import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { scratch, startCli, vectra } from './run-cli.ts'

const context = (purpose: string): string =>
  `# x Context\n\n## Purpose\n${purpose}\n\n## Key Decisions\n- **Why zinc:** it does not rust.\n`

/** A repository with one CONTEXT.md, and how to run the command line in it. */
function repository(path: string) {
  mkdirSync(join(path, '.git'))
  writeFileSync(join(path, 'CONTEXT.md'), context('Keeps bytes.'))
  const args = (words: readonly string[]): string[] => [...words, '--model', 'none', '--data-dir', join(path, 'data')]
  return {
    run: (...words: string[]) => vectra(args(words), { cwd: path }),
    start: (...words: string[]) => startCli(args(words), { cwd: path }),
  }
}

it('rm -rf vectors and rebuild: the same hits; explain shows both ranks', { timeout: 120_000 }, async () => {
  using dir = scratch()
  const { run } = repository(dir.path)
  expect((await run('index', 'run')).stdout).toMatch(/code_context: 2 rows written, 0 deleted/)
  const hits = async (): Promise<unknown> =>
    JSON.parse((await run('search', 'zinc', 'rust', '--table', 'code', 'events', '--json')).stdout).hits
  const before = await hits()
  rmSync(join(dir.path, 'data/vectors'), { recursive: true })
  const rebuilt = await run('index', 'rebuild')
  expect([rebuilt.code, rebuilt.stdout]).toEqual([0, expect.stringMatching(/code_context: 2 rows written, 0 deleted/)])
  expect(await hits()).toEqual(before)
  const { stdout } = await run('search', 'zinc', '--table', 'code', '--explain')
  expect(stdout).toMatch(/bm25 #1 dense #–/)
  expect(stdout).toMatch(/CONTEXT\.md:7/)
})

it('watch says what it did, serves metrics, and ends with a signal', { timeout: 120_000 }, async () => {
  using dir = scratch()
  const { run, start } = repository(dir.path)
  const watch = start('index', 'watch', '--metrics-port', '0')
  const [, url = ''] = await watch.seen(/"url":"(http:[^"]+)"/)
  await watch.seen(/up to date, watching/)
  // As editors save: whole or not at all.
  writeFileSync(join(dir.path, '.CONTEXT.md.new'), context('Zeppelin archive.'))
  renameSync(join(dir.path, '.CONTEXT.md.new'), join(dir.path, 'CONTEXT.md'))
  await watch.seen(/"changed":"code_context: 1 rows written[^}]*"msg":"updated"/)
  const { hits } = JSON.parse((await run('search', 'zeppelin', '--table', 'code', '--json')).stdout)
  expect(hits).toHaveLength(1)
  expect(await (await fetch(url)).text()).toContain('vectra_index_table_rows{table="code_context"} 2')
  watch.child.kill('SIGINT')
  expect(await watch.done).toMatchObject({ code: 0, stdout: '' })
})

it('a damaged table exits 65 and says rebuild; status shows the others', { timeout: 120_000 }, async () => {
  using dir = scratch()
  const { run } = repository(dir.path)
  await run('index', 'run')
  rmSync(join(dir.path, 'data/vectors/code_context.lance/_versions'), { recursive: true })
  const found = await run('search', 'zinc', '--table', 'code')
  expect([found.code, found.stderr]).toEqual([65, expect.stringMatching(/vectra index rebuild[\s\S]*VECTORS_DAMAGED/)])
  const status = await run('index', 'status')
  expect(status.code).toBe(0)
  expect(status.stdout).toMatch(/events +\d+ .*ago/)
  expect(status.stdout).toMatch(/code_context +0 .*damaged: rebuild/)
  expect((await run('index', 'rebuild')).code).toBe(0)
  expect((await run('search', 'zinc', '--table', 'code')).code).toBe(0)
})

it.each([
  [['search', 'x', '--table', 'code', '--kind', 'decisions'], 2, /no kind decisions[\s\S]*decision/],
  [['search', 'x', '--table', 'notes'], 1, /VECTORS_TABLE_MISSING/],
  [['index', 'status'], 0, /no model was asked for/],
])('%j in an empty directory exits %d and leaves nothing behind', async (args, code, message) => {
  using dir = scratch()
  const result = await repository(dir.path).run(...args)
  expect([result.code, result.stderr]).toEqual([code, expect.stringMatching(message)])
  expect(existsSync(join(dir.path, 'data'))).toBe(false)
})
