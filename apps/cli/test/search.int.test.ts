import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { scratch, vectra } from './run-cli.ts'

it('index, search and note: a note and a decision are found, a second run does nothing', { timeout: 60_000 }, async () => {
  using dir = scratch()
  mkdirSync(join(dir.path, '.git'))
  writeFileSync(join(dir.path, 'CONTEXT.md'), '# x Context\n\n## Key Decisions\n- **Why zinc:** it does not rust.\n')
  const options = { cwd: dir.path }
  const at = (...args: string[]) => vectra([...args, '--data-dir', join(dir.path, 'data')], options)

  const added = await at('note', 'add', 'Socket stalls at midnight', '--author', 'ada', '--tag', 'network', '--json')
  expect(added.code).toBe(0)
  expect(JSON.parse(added.stdout)).toMatchObject({ seq: 1 })
  expect((await at('note', 'ls')).stdout).toMatch(/ada {2}Socket stalls at midnight {2}\[network\]/)
  // A note is no recording that could have been cut off.
  expect(JSON.parse((await at('sessions', '--json')).stdout)).toMatchObject({ origin: 'note', state: 'ended' })

  const first = await at('index', 'run', '--model', 'none', '--json')
  expect([first.code, JSON.parse(first.stdout).tables.map((table: { table: string }) => table.table)]).toEqual([
    0,
    ['events', 'code_context', 'debug_notes'],
  ])
  const second = JSON.parse((await at('index', 'run', '--model', 'none', '--json')).stdout)
  expect(second.tables.every((table: { written: number; commits: number }) => table.written === 0 && table.commits === 0)).toBe(
    true,
  )
  expect((await at('index', 'run', '--session-start', '--model', 'none')).stdout).toBe('')

  const notes = JSON.parse((await at('search', 'socket', '--table', 'notes', '--model', 'none', '--json')).stdout)
  expect(notes).toMatchObject({ mode: 'bm25', hits: [{ table: 'debug_notes', reference: { author: 'ada', tags: ['network'] } }] })
  const code = await at('search', 'why', 'zinc', '--table', 'code', '--model', 'none')
  expect(code.stdout).toMatch(/it does not rust/)
  expect(code.stderr).toMatch(/BM25 alone/)
  expect((await at('index', 'status', '--model', 'none')).stdout).toMatch(/code_context +1 /)
})

it.each([
  [['search', 'x'], 2, /which table/],
  [['search', 'x', '--table', 'nothing'], 2, /events, code, notes/],
  [['search', 'x', '--table', 'events', '-k', '0'], 2, /1 to 100/],
  [['note', 'add', 'x', '--event', '12'], 2, /<session id>:<seq>/],
])('%j exits %d', async (args, code, message) => {
  using dir = scratch()
  const result = await vectra([...args, '--data-dir', join(dir.path, 'data')], { cwd: dir.path })
  expect([result.code, result.stdout]).toEqual([code, ''])
  expect(result.stderr).toMatch(message)
})

it('a search before any run says what to do', async () => {
  using dir = scratch()
  const result = await vectra(['search', 'x', '--table', 'events', '--model', 'none', '--data-dir', join(dir.path, 'data')], {
    cwd: dir.path,
  })
  expect(result.code).toBe(1)
  expect(result.stderr).toMatch(/vectra index run/)
})
