import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
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

it("while another process writes, run exits 75, and at the start of a session it is in nobody's way", {
  timeout: 120_000,
}, async () => {
  using dir = scratch()
  const { run } = repository(dir.path)
  await run('index', 'run')
  const lock = new DatabaseSync(join(dir.path, 'data/vectors/writer.lock'))
  lock.exec('PRAGMA locking_mode=EXCLUSIVE; BEGIN EXCLUSIVE')
  const busy = await run('index', 'run')
  expect([busy.code, busy.stderr]).toEqual([75, expect.stringMatching(/VECTORS_BUSY/)])
  const start = await run('index', 'run', '--session-start')
  expect([start.code, start.stdout]).toEqual([0, ''])
  expect(start.stderr).toMatch(/^search tables not updated: another process is indexing.*\n$/)
  lock.close()
  expect(await run('index', 'run', '--session-start')).toMatchObject({ code: 0, stdout: '', stderr: '' })
  writeFileSync(join(dir.path, 'CONTEXT.md'), context('Zeppelin archive.'))
  const changed = await run('index', 'run', '--session-start')
  writeFileSync(join(dir.path, 'data/catalog.sqlite'), 'rubbish')
  const torn = await run('index', 'run', '--session-start')
  expect([torn.code, torn.stdout, torn.stderr]).toEqual([
    0,
    '',
    expect.stringMatching(/^search tables not updated: catalog .*\n$/),
  ])
  expect((await run('index', 'run', '--session-start', '--table', 'nothing')).code).toBe(2)
  expect(changed).toMatchObject({
    code: 0,
    stdout: 'search tables updated: code_context: 1 rows written, 0 deleted\n',
    stderr: '',
  })
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

it.each([['garbage'], ['http://[bad'], ['']])('--model %j is refused, not looked up anywhere', async (model) => {
  using dir = scratch()
  const result = await vectra(['index', 'run', '--model', model, '--data-dir', join(dir.path, 'data')], { cwd: dir.path })
  expect([result.code, result.stderr]).toEqual([2, expect.stringMatching(/no model[\s\S]*INDEXER_MODEL/)])
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
