import { existsSync, readdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { type CodeDocument, openVectorIndex, type VectorIndex } from '../src/index.ts'
import { writerLock } from '../src/writer-lock.ts'
import { hashEmbedder } from './hash-embedder.ts'
import { codeDocument, memorySource, noteDocument } from './memory-source.ts'
import { temporaryFolder } from './temporary-folder.ts'

const SCOPES = new Map<string, readonly CodeDocument[]>([
  ['a', [codeDocument('one', 'zinc does not rust')]],
  ['b', [codeDocument('two', 'iron does')]],
])
const code = () => memorySource('code_context', SCOPES)
const notes = () => memorySource('debug_notes', new Map([['n', [noteDocument('one', 'a note')]]]))

function open(dir: string, cacheFile?: string): Promise<VectorIndex> {
  const opened = openVectorIndex({ dir, embedder: hashEmbedder(), cacheFile })
  onTestFinished(async () => (await opened).close())
  return opened
}

async function filled(): Promise<{ dir: string; rows: unknown[] }> {
  const dir = join(temporaryFolder(), 'vectors')
  const index = await open(dir)
  await index.sync(code())
  await index.sync(notes())
  const rows = await index.contents('code_context')
  await index.close()
  return { dir, rows }
}

const first = (folder: string): string => join(folder, readdirSync(folder).sort()[0] ?? '')

it.each([
  ['a torn manifest', (table: string) => truncateSync(first(join(table, '_versions')), 10)],
  ['no manifests', (table: string) => rmSync(join(table, '_versions'), { recursive: true })],
  ['a lost data file', (table: string) => rmSync(first(join(table, 'data')))],
  ['a torn data file', (table: string) => truncateSync(first(join(table, 'data')), 20)],
])('%s: every answer says rebuild, the other tables work, and a rebuild brings the rows back', async (_name, damage) => {
  const { dir, rows } = await filled()
  damage(join(dir, 'code_context.lance'))
  const index = await open(dir)
  const said = { code: 'VECTORS_DAMAGED', message: expect.stringContaining('vectra index rebuild') }
  await expect(index.search({ text: 'zinc', tables: ['code_context'] })).rejects.toMatchObject(said)
  await expect(index.contents('code_context')).rejects.toMatchObject(said)
  expect(await index.contents('debug_notes')).toHaveLength(1)
  expect((await index.status()).find((one) => one.table === 'debug_notes')).toMatchObject({ rows: 1, usable: true })
  await index.rebuild(code())
  expect(await index.contents('code_context')).toEqual(rows)
})

it.each(['checkpoint.sqlite', 'writer.lock', '../cache.sqlite'])(
  '%s full of rubbish is made again: nothing is lost with it',
  async (file) => {
    const { dir, rows } = await filled()
    for (const suffix of ['-wal', '-shm']) rmSync(join(dir, file + suffix), { force: true })
    writeFileSync(join(dir, file), 'rubbish '.repeat(1_000))
    const index = await open(dir, join(dir, '../cache.sqlite'))
    expect((await index.search({ text: 'zinc', tables: ['code_context'], mode: 'bm25' })).hits[0]?.id).toBe('a#one')
    expect(await index.sync(code())).toMatchObject({ written: 0, deleted: 0 })
    expect(await index.contents('code_context')).toEqual(rows)
  },
)

it('a folder that cannot be made is no other writer', () => {
  const file = join(temporaryFolder(), 'file')
  writeFileSync(file, '')
  expect(() => writerLock(join(file, 'vectors'), 0)).toThrow(expect.objectContaining({ code: 'VECTORS_WRITE' }))
})

it('who only looks leaves no folder behind', async () => {
  const dir = join(temporaryFolder(), 'vectors')
  const index = await open(dir)
  expect((await index.status()).map(({ exists }) => exists)).toEqual([false, false, false])
  await expect(index.search({ text: 'x', tables: ['events'] })).rejects.toMatchObject({ code: 'VECTORS_TABLE_MISSING' })
  expect(await index.scopes('events')).toEqual(new Map())
  expect(existsSync(dir)).toBe(false)
})

it('a folder that is deleted under an open index is filled by its next run, and others see that it is complete', async () => {
  const { dir, rows } = await filled()
  const index = await open(dir)
  await index.sync(code())
  rmSync(dir, { recursive: true })
  expect(await index.contents('code_context')).toEqual([])
  expect(await index.sync(code())).toMatchObject({ written: 2 })
  const other = await open(dir)
  expect(await other.contents('code_context')).toEqual(rows)
  expect((await other.status()).find((one) => one.table === 'code_context')).toMatchObject({ complete: true, rows: 2 })
})
