import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it, onTestFinished, vi } from 'vitest'
import { Checkpoint } from '../src/checkpoint.ts'
import { entriesOf } from '../src/documents/entry.ts'
import type { CodeDocument, VectorIndex, VectorIndexOptions } from '../src/index.ts'
import { openVectorIndex } from '../src/index.ts'
import { LanceTable, openTables } from '../src/lance-table.ts'
import { writerLock } from '../src/writer-lock.ts'
import { hashEmbedder } from './hash-embedder.ts'
import { codeDocument, memorySource, noteDocument } from './memory-source.ts'
import { temporaryFolder } from './temporary-folder.ts'

async function open(options: VectorIndexOptions): Promise<VectorIndex> {
  const index = await openVectorIndex({ keepVersionsMs: 0, ...options })
  onTestFinished(() => index.close())
  return index
}

const corpus = (count: number): Map<string, readonly CodeDocument[]> =>
  new Map(
    Array.from({ length: count }, (_, at) => [
      `file-${at}`,
      [codeDocument('a', `body ${at} alpha`), codeDocument('b', `body ${at} beta`)],
    ]),
  )

it('an unchanged source loads nothing, embeds nothing and writes no version', async () => {
  const embedder = hashEmbedder()
  const index = await open({ dir: temporaryFolder(), embedder })
  const source = memorySource('code_context', corpus(5))
  const first = await index.sync(source)
  expect(first).toMatchObject({ scopes: 5, loaded: 5, written: 10, embedded: 10, deleted: 0, commits: 1 })
  const before = await index.status()
  source.loaded.length = 0
  embedder.texts.length = 0
  expect(await index.sync(source)).toMatchObject({ scopes: 5, loaded: 0, written: 0, embedded: 0, deleted: 0, commits: 0 })
  expect(source.loaded).toEqual([])
  expect(embedder.texts).toEqual([])
  const version = (all: Awaited<ReturnType<VectorIndex['status']>>) => all.find((item) => item.table === 'code_context')?.version
  expect(version(await index.status())).toBe(version(before))
})

it('an edited document embeds only itself; a removed one and a removed scope go', async () => {
  const embedder = hashEmbedder()
  const index = await open({ dir: temporaryFolder(), embedder })
  const scopes = corpus(4)
  await index.sync(memorySource('code_context', scopes))
  embedder.texts.length = 0
  scopes.set('file-1', [codeDocument('a', 'body 1 alpha'), codeDocument('b', 'changed')])
  scopes.set('file-2', [codeDocument('a', 'body 2 alpha')])
  scopes.delete('file-3')
  const report = await index.sync(memorySource('code_context', scopes))
  // One commit: no reader sees an edit without the deletions that came with it.
  expect(report).toMatchObject({ loaded: 2, written: 1, deleted: 3, embedded: 1, commits: 1 })
  expect(embedder.texts).toEqual(['src/CONTEXT.md - b\nchanged'])
  const rows = await index.contents('code_context')
  expect(rows.map((row) => row['id'])).toEqual(['file-0#a', 'file-0#b', 'file-1#a', 'file-1#b', 'file-2#a'])
})

it('P11: an incrementally kept table equals one rebuilt from nothing, and the cache saves its embeddings', async () => {
  const dir = temporaryFolder()
  const embedder = hashEmbedder()
  const options = { dir: join(dir, 'vectors'), embedder, cacheFile: join(dir, 'cache.sqlite') }
  const scopes = corpus(30)
  const index = await openVectorIndex(options)
  await index.sync(memorySource('code_context', scopes))
  for (let round = 0; round < 6; round++) {
    scopes.set(`file-${round}`, [codeDocument('a', `round ${round}`), codeDocument(`new-${round}`, 'gamma')])
    scopes.delete(`file-${10 + round}`)
    scopes.set(`added-${round}`, [codeDocument('z', `added ${round}`)])
    await index.sync(memorySource('code_context', scopes))
  }
  const kept = await index.contents('code_context')
  await index.close()
  rmSync(options.dir, { recursive: true })
  embedder.texts.length = 0
  const again = await open(options)
  const report = await again.rebuild(memorySource('code_context', scopes))
  expect(await again.contents('code_context')).toEqual(kept)
  expect(kept).toHaveLength(30 * 2 - 12 + 6)
  expect(report.embedded).toBe(0)
  expect(report.cached).toBe(report.written)
  expect(embedder.texts).toEqual([])
})

it('a run that dies between rows and checkpoint is repaired by the next, also when the source moved on', async () => {
  const dir = temporaryFolder()
  const scopes = corpus(1_000)
  const embedder = hashEmbedder()
  const index = await open({ dir, embedder })
  let calls = 0
  embedder.fail = () => {
    if (++calls === 3) throw new Error('killed')
  }
  await expect(index.sync(memorySource('code_context', scopes))).rejects.toThrow('killed')
  expect((await index.status()).find((item) => item.table === 'code_context')).toMatchObject({ complete: false, rows: 1_024 })
  embedder.fail = undefined
  scopes.delete('file-0')
  scopes.set('file-1', [codeDocument('a', 'other')])
  await index.sync(memorySource('code_context', scopes))
  const clean = await open({ dir: temporaryFolder(), embedder })
  await clean.sync(memorySource('code_context', scopes))
  expect(await index.contents('code_context')).toEqual(await clean.contents('code_context'))
})

it('P11: a run that dies after its rows and before its checkpoint leaves nothing behind, also when the edit is taken back', async () => {
  const dir = temporaryFolder()
  const embedder = hashEmbedder()
  const scopes = corpus(3)
  const index = await open({ dir, embedder })
  await index.sync(memorySource('code_context', scopes))
  const rows = await index.contents('code_context')
  const commit = vi.spyOn(Checkpoint.prototype, 'commit').mockImplementation(() => {
    throw new Error('killed')
  })
  onTestFinished(() => commit.mockRestore())
  const edited = new Map(scopes).set('file-1', [codeDocument('a', 'edited')]).set('new', [codeDocument('a', 'new')])
  edited.delete('file-2')
  await expect(index.sync(memorySource('code_context', edited))).rejects.toThrow('killed')
  expect(await index.contents('code_context')).not.toEqual(rows)
  commit.mockRestore()
  await index.sync(memorySource('code_context', scopes))
  expect(await index.contents('code_context')).toEqual(rows)
})

it('of two writers that insert the same new row at once, one row is left: the table has a primary key', async () => {
  const dir = temporaryFolder()
  await (await open({ dir, embedder: hashEmbedder() })).sync(memorySource('code_context', corpus(1)))
  const handle = async () => LanceTable.open(await openTables(dir), dir, 'code_context')
  const [one, other] = [await handle(), await handle()]
  const [vector] = await hashEmbedder().embed(['x'])
  if (one === undefined || other === undefined || vector === undefined) throw new Error('no table')
  for (let round = 0; round < 5; round++) {
    const upserts = entriesOf('code_context', `twice-${round}`, codeDocument('a', 'same')).map((entry) => ({ entry, vector }))
    const change = { upserts, deletes: [], scopes: [] }
    await Promise.allSettled([one.apply(change), other.apply(change)])
    expect(await one.rowsOf([`twice-${round}`])).toBe(1)
  }
})

it.each(['checkpoint.sqlite', 'code_context.lance'])('losing %s changes nothing in the end', async (lost) => {
  const dir = temporaryFolder()
  const embedder = hashEmbedder()
  const scopes = corpus(10)
  const first = await openVectorIndex({ dir, embedder })
  await first.sync(memorySource('code_context', scopes))
  const rows = await first.contents('code_context')
  await first.close()
  rmSync(join(dir, lost), { recursive: true })
  for (const suffix of ['-wal', '-shm']) rmSync(join(dir, lost + suffix), { force: true })
  scopes.delete('file-9')
  const index = await open({ dir, embedder })
  const report = await index.sync(memorySource('code_context', scopes))
  expect(report.loaded).toBe(9)
  expect(report.written).toBe(lost === 'checkpoint.sqlite' ? 0 : 18)
  expect(await index.contents('code_context')).toEqual(rows.filter((row) => row['scope'] !== 'file-9'))
})

it('isolation: a note is refused by the code table, and nothing of the batch is written', async () => {
  const index = await open({ dir: temporaryFolder(), embedder: hashEmbedder() })
  const mixed = new Map([['x', [codeDocument('a', 'text'), noteDocument('n', 'note') as unknown as CodeDocument]]])
  await expect(index.sync(memorySource('code_context', mixed))).rejects.toMatchObject({ code: 'VECTORS_WRONG_TABLE' })
  expect(await index.contents('code_context')).toEqual([])
})

it('the same id twice in a scope is refused', async () => {
  const index = await open({ dir: temporaryFolder(), embedder: hashEmbedder() })
  const twice = new Map([['x', [codeDocument('a', 'one'), codeDocument('a', 'two')]]])
  await expect(index.sync(memorySource('code_context', twice))).rejects.toMatchObject({ code: 'VECTORS_DOCUMENT_INVALID' })
})

it('a table of another model is refused until it is rebuilt', async () => {
  const dir = temporaryFolder()
  const source = memorySource('code_context', corpus(2))
  const first = await open({ dir, embedder: hashEmbedder() })
  await first.sync(source)
  const other = await open({ dir, embedder: hashEmbedder({ model: 'other', dimensions: 16 }) })
  const refused = { code: 'VECTORS_FINGERPRINT', message: expect.stringContaining('rebuild') }
  await expect(other.sync(source)).rejects.toMatchObject(refused)
  await expect(other.search({ text: 'alpha', tables: ['code_context'] })).rejects.toMatchObject(refused)
  expect((await other.search({ text: 'alpha', tables: ['code_context'], mode: 'bm25' })).hits).toHaveLength(2)
  await other.rebuild(source)
  expect((await other.search({ text: 'alpha', tables: ['code_context'], mode: 'dense' })).hits.length).toBeGreaterThan(0)
})

it.each([
  ['of the wrong length', (vector: Float32Array) => vector.subarray(1)],
  ['that is not finite', (vector: Float32Array) => vector.fill(Number.NaN)],
  ['of zeros', (vector: Float32Array) => vector.fill(0)],
])('a vector %s is refused before it reaches LanceDB', async (_name, spoil) => {
  const embedder = hashEmbedder()
  const { embed } = embedder
  const index = await open({
    dir: temporaryFolder(),
    embedder: Object.assign(embedder, {
      embed: async (texts: readonly string[]) => (await embed(texts)).map((vector) => spoil(vector)),
    }),
  })
  await expect(index.sync(memorySource('code_context', corpus(1)))).rejects.toMatchObject({ code: 'VECTORS_VECTOR_INVALID' })
  expect(await index.contents('code_context')).toEqual([])
})

it('one writer at a time: a second one is told to try again', async () => {
  const dir = temporaryFolder()
  const index = await open({ dir, embedder: hashEmbedder() })
  const held = writerLock(dir, 0)
  await expect(index.sync(memorySource('code_context', corpus(1)))).rejects.toMatchObject({ code: 'VECTORS_BUSY' })
  held[Symbol.dispose]()
  expect(await index.sync(memorySource('code_context', corpus(1)))).toMatchObject({ written: 2 })
})

it('many small runs leave few versions and fragments', { timeout: 90_000 }, async () => {
  const dir = temporaryFolder()
  const index = await open({ dir, embedder: hashEmbedder() })
  const scopes = corpus(3)
  for (let round = 0; round < 60; round++) {
    scopes.set('file-0', [codeDocument('a', `edit ${round}`)])
    await index.sync(memorySource('code_context', scopes))
  }
  const table = await LanceTable.open(await openTables(dir), dir, 'code_context')
  expect((await table?.table.listVersions())?.length).toBeLessThan(30)
  expect((await table?.table.stats())?.fragmentStats.numFragments).toBeLessThan(20)
})

it('a source with the stamp of the last complete run is not looked at; one that owns less deletes less', async () => {
  const index = await open({ dir: temporaryFolder(), embedder: hashEmbedder() })
  const scopes = corpus(3)
  const source = { ...memorySource('code_context', scopes), stamp: 'a' }
  expect(await index.sync(source)).toMatchObject({ scopes: 3, written: 6 })
  scopes.clear()
  expect(await index.sync(source)).toMatchObject({ scopes: 0, deleted: 0 })
  expect(await index.sync({ ...source, stamp: 'b', owns: (scope) => scope !== 'file-1' })).toMatchObject({ deleted: 4 })
  expect((await index.contents('code_context')).map((row) => row['scope'])).toEqual(['file-1', 'file-1'])
})

it('a source whose stamp vouches for it makes the table as fresh as one that was looked through', async () => {
  let now = 1_000
  const index = await open({ dir: temporaryFolder(), embedder: hashEmbedder(), now: () => now })
  const source = { ...memorySource('code_context', corpus(1)), stamp: 'a' }
  const synced = async (): Promise<unknown> => (await index.status()).find((one) => one.table === 'code_context')?.syncedAt
  await index.sync(source)
  expect(await synced()).toBe(1_000)
  now = 2_000
  expect(await index.sync(source)).toMatchObject({ scopes: 0 })
  expect(await synced()).toBe(2_000)
})

it('a table can be searched while its first run goes on, and when that run died', async () => {
  const embedder = hashEmbedder()
  const index = await open({ dir: temporaryFolder(), embedder })
  let calls = 0
  embedder.fail = () => {
    if (++calls === 2) throw new Error('killed')
  }
  await expect(index.sync(memorySource('code_context', corpus(500)))).rejects.toThrow('killed')
  embedder.fail = undefined
  const answer = await index.search({ text: 'alpha', tables: ['code_context'], mode: 'bm25' })
  expect(answer.hits).toHaveLength(10)
  expect(answer.freshness).toMatchObject([{ complete: false, rows: 512 }])
})

it('the lock is held until the run has ended', async () => {
  const dir = temporaryFolder()
  const index = await open({ dir, embedder: hashEmbedder() })
  const source = memorySource('code_context', corpus(1))
  const inside: unknown[] = []
  const looking = {
    ...source,
    async *scopes(context: Parameters<typeof source.scopes>[0]) {
      try {
        writerLock(dir, 0)[Symbol.dispose]()
      } catch (error) {
        inside.push(error)
      }
      yield* source.scopes(context)
    },
  }
  await index.sync(looking)
  expect(inside).toMatchObject([{ code: 'VECTORS_BUSY' }])
  writerLock(dir, 0)[Symbol.dispose]()
})
