import { expect, it, onTestFinished } from 'vitest'
import { openVectorIndex, type SearchRequest, type VectorIndex } from '../../src/index.ts'
import { hashEmbedder } from '../hash-embedder.ts'
import { codeDocument, memorySource, noteDocument } from '../memory-source.ts'
import { temporaryFolder } from '../temporary-folder.ts'

async function filled(withModel = true): Promise<VectorIndex> {
  const index = await openVectorIndex({
    dir: temporaryFolder(),
    embedder: withModel ? hashEmbedder() : undefined,
    now: () => 1_700_000_000_000,
  })
  onTestFinished(() => index.close())
  const code = [
    codeDocument('player', 'decodes playerUpdate frames of the socket'),
    codeDocument('trade', 'fills of standard/newTrade and their price', { path: 'lib/CONTEXT.md' }),
    ...Array.from({ length: 20 }, (_, at) => codeDocument(`filler-${at}`, `unrelated text number ${at} about compaction`)),
  ]
  await index.sync(memorySource('code_context', new Map([['all', code]])))
  const notes = [
    noteDocument('why', 'use Decimal for prices because floats lose digits', { tags: ['money', "o'clock"], author: 'ada' }),
    noteDocument('later', 'socket stalls at midnight', {
      ts: 1_766_000_000_000_000,
      seq: 2,
      games: ['20251212-a'],
      files: ['docs/sockets.md', "src/o'net/socket.ts"],
      author: 'bob',
    }),
  ]
  await index.sync(memorySource('debug_notes', new Map([['s', notes]])))
  return index
}

const ids = async (index: VectorIndex, request: SearchRequest): Promise<string[]> =>
  (await index.search(request)).hits.map((hit) => hit.id)

it('hybrid fuses both ranks and explains them', async () => {
  const index = await filled()
  const answer = await index.search({ text: 'frames of the socket', tables: ['code_context'], explain: true })
  expect(answer.mode).toBe('hybrid')
  expect(answer.hits[0]).toMatchObject({ id: 'all#player', kind: 'section', reference: { path: 'src/CONTEXT.md', line: 1 } })
  const { bm25, dense, weights, form } = answer.hits[0]!.explain!
  expect({ form, weights, bm25: bm25?.rank, dense: dense?.rank }).toEqual({
    form: 'words',
    weights: { bm25: 0.3, dense: 1 },
    bm25: 1,
    dense: 1,
  })
  expect(answer.hits[0]!.score).toBeCloseTo(1.3 / 11, 10)
})

it('a query of names alone is ranked by BM25, also by the words inside them', async () => {
  const index = await filled()
  const answer = await index.search({ text: 'playerUpdate', tables: ['code_context'], explain: true })
  expect(answer.hits.map((hit) => hit.id)).toEqual(['all#player'])
  expect(answer.hits[0]!.explain).toMatchObject({ form: 'names', dense: null })
  expect(await ids(index, { text: 'new trade', tables: ['code_context'], mode: 'bm25' })).toEqual(['all#trade'])
})

it('isolation: a search sees the tables it names and no other', async () => {
  const index = await filled()
  const text = 'socket'
  expect(await ids(index, { text, tables: ['code_context'], mode: 'bm25' })).toEqual(['all#player'])
  expect(await ids(index, { text, tables: ['debug_notes'], mode: 'bm25' })).toEqual(['s#later'])
  const both = await index.search({ text, tables: ['code_context', 'debug_notes'], mode: 'bm25' })
  expect(new Set(both.hits.map((hit) => hit.table))).toEqual(new Set(['code_context', 'debug_notes']))
})

it('without a model search is BM25 alone and says so; dense is refused', async () => {
  const index = await filled(false)
  const answer = await index.search({ text: 'socket frames', tables: ['code_context'] })
  expect(answer).toMatchObject({ mode: 'bm25', notices: ['indexed without a model: ranked by BM25 alone'] })
  expect(answer.hits[0]!.id).toBe('all#player')
  const dense = index.search({ text: 'socket', tables: ['code_context'], mode: 'dense' })
  await expect(dense).rejects.toMatchObject({ code: 'VECTORS_NO_EMBEDDER' })
})

it.each([
  ['tags', { tags: ['money'] }, ['s#why']],
  ['a tag with a quote', { tags: ["o'clock"] }, ['s#why']],
  ['an injected tag', { tags: ["x') OR true --"] }, []],
  ['author', { author: 'bob' }, ['s#later']],
  ['since', { since: 1_765_500_000_000_000 }, ['s#later']],
  ['until', { until: 1_765_500_000_000_000 }, ['s#why']],
  ['game', { game: '20251212-a' }, ['s#later']],
  ['a file', { path: "src/o'net/socket.ts" }, ['s#later']],
  ['a folder', { path: 'src/' }, ['s#later']],
  ['a folder with a quote', { path: "src/o'net/" }, ['s#later']],
  ['a part of a folder', { path: 'net/' }, []],
])('filter by %s', async (_name, filter, expected) => {
  const index = await filled()
  for (const mode of ['bm25', 'dense', 'hybrid'] as const) {
    expect(await ids(index, { text: 'socket prices stalls decimal', tables: ['debug_notes'], mode, filter })).toEqual(expected)
  }
})

it('a folder filters paths; a column that the table has not is refused', async () => {
  const index = await filled()
  expect(await ids(index, { text: 'price socket', tables: ['code_context'], mode: 'bm25', filter: { path: 'lib/' } })).toEqual([
    'all#trade',
  ])
  const refused = index.search({ text: 'x', tables: ['code_context'], filter: { author: 'ada' } })
  await expect(refused).rejects.toMatchObject({ code: 'VECTORS_FILTER' })
  const wrong = index.search({ text: 'x', tables: ['debug_notes'], filter: { since: 1.5 } })
  await expect(wrong).rejects.toMatchObject({ code: 'VECTORS_FILTER' })
})

it('pages follow each other without overlap, and a cursor of another query is refused', async () => {
  const index = await filled()
  const request: SearchRequest = { text: 'unrelated compaction text', tables: ['code_context'], k: 7 }
  const all = await ids(index, { ...request, k: 100 })
  const seen: string[] = []
  let cursor: string | undefined
  do {
    const page = await index.search({ ...request, cursor })
    seen.push(...page.hits.map((hit) => hit.id))
    cursor = page.next ?? undefined
  } while (cursor !== undefined)
  expect(seen).toEqual(all)
  expect(new Set(seen).size).toBe(seen.length)
  const { next } = await index.search(request)
  await expect(index.search({ ...request, text: 'other', cursor: next! })).rejects.toMatchObject({ code: 'VECTORS_CURSOR' })
  await expect(index.search({ ...request, cursor: 'garbage' })).rejects.toMatchObject({ code: 'VECTORS_CURSOR' })
})

it('every answer says how fresh its tables are', async () => {
  const index = await filled()
  const { freshness } = await index.search({ text: 'socket', tables: ['code_context'] })
  expect(freshness).toMatchObject([
    { table: 'code_context', rows: 22, syncedAt: 1_700_000_000_000, position: '1 scopes', complete: true },
  ])
})

it('a reader in another process sees what a writer committed, and a table that was made anew', async () => {
  const dir = temporaryFolder()
  const writer = await openVectorIndex({ dir, embedder: hashEmbedder() })
  const reader = await openVectorIndex({ dir, embedder: hashEmbedder() })
  onTestFinished(async () => {
    await writer.close()
    await reader.close()
  })
  const request: SearchRequest = { text: 'alpha', tables: ['code_context'], mode: 'bm25' }
  await expect(reader.search(request)).rejects.toMatchObject({ code: 'VECTORS_TABLE_MISSING' })
  await writer.sync(memorySource('code_context', new Map([['a', [codeDocument('a', 'alpha')]]])))
  expect(await ids(reader, request)).toEqual(['a#a'])
  await writer.sync(memorySource('code_context', new Map([['b', [codeDocument('b', 'alpha')]]])))
  expect(await ids(reader, request)).toEqual(['b#b'])
  await writer.rebuild(memorySource('code_context', new Map([['c', [codeDocument('c', 'alpha')]]])))
  expect(await ids(reader, request)).toEqual(['c#c'])
})

it('snippets show the words that matched', async () => {
  const index = await filled()
  const { hits } = await index.search({ text: 'socket frame', tables: ['code_context'], mode: 'bm25' })
  const { text, matches } = hits[0]!.snippet
  expect(matches.map(([start, end]) => text.slice(start, end))).toEqual(['frames', 'socket'])
})
