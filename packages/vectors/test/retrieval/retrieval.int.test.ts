import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { defaultEmbedder, type Embedder, openVectorIndex, type SearchMode, type VectorIndex } from '../../src/index.ts'
import { MODELS_DIR, modelFolder } from '../models.ts'
import { corpusSources, heldOutQueries, type LabelledQuery, labelledQueries } from './corpus.ts'
import { FIGURES, type Figures, mean, measure } from './measure.ts'

let dir: string
let embedder: Embedder
let index: VectorIndex
const queries = labelledQueries()
const figures = new Map<SearchMode, Figures[]>()

beforeAll(async () => {
  modelFolder()
  dir = mkdtempSync(join(tmpdir(), 'vectra-retrieval-'))
  embedder = defaultEmbedder({ modelsDir: MODELS_DIR })!
  index = await openVectorIndex({ dir, embedder, cacheFile: join(MODELS_DIR, '..', 'embeddings-of-tests.sqlite') })
  for (const source of corpusSources()) await index.sync(source)
  for (const mode of ['bm25', 'dense', 'hybrid'] as const) figures.set(mode, await measure(index, queries, mode))
}, 120_000)
afterAll(async () => {
  await index.close()
  await embedder.close()
  rmSync(dir, { recursive: true, force: true })
})

const of = (mode: SearchMode, figure: keyof Figures, form?: LabelledQuery['form']): number =>
  mean((figures.get(mode) ?? []).filter((_, at) => form === undefined || queries[at]?.form === form).map((one) => one[figure]))

it('the labelled set has at least 80 queries, of every form and table', () => {
  expect(queries.length).toBeGreaterThanOrEqual(80)
  expect(new Set(queries.map((query) => query.form)).size).toBe(3)
  expect(new Set(queries.map((query) => query.table)).size).toBe(3)
  expect(new Set(queries.map((query) => query.table + query.text)).size).toBe(queries.length)
})

it('hybrid finds at least as much as either ranking alone', () => {
  expect(of('hybrid', 'hit10')).toBeGreaterThanOrEqual(of('bm25', 'hit10'))
  expect(of('hybrid', 'hit10')).toBeGreaterThanOrEqual(of('dense', 'hit10'))
})

it.each([
  ['hybrid', 'hit10', undefined, 0.9],
  ['hybrid', 'mrr10', undefined, 0.7],
  ['hybrid', 'ndcg10', undefined, 0.65],
  ['hybrid', 'ndcg10', 'question', 0.53],
  ['hybrid', 'ndcg10', 'identifier', 0.93],
  ['bm25', 'ndcg10', 'identifier', 0.93],
] as const)('floor: %s %s of %s stays above %d', (mode, figure, form, floor) => {
  expect(of(mode, figure, form)).toBeGreaterThan(floor)
})

it.each([
  [
    'player balance update',
    'events',
    (hit: { reference: { event_name?: string } }) => hit.reference.event_name === 'playerUpdate',
  ],
  [
    'websocket parsing',
    'code_context',
    (hit: { kind: string; reference: { path?: string } }) =>
      hit.kind === 'purpose' && hit.reference.path === 'packages/ingest/src/CONTEXT.md',
  ],
  ['why use Decimal for prices', 'debug_notes', (hit: { title: string }) => hit.title === 'Why use Decimal for prices'],
] as const)('"%s" finds the right thing first', async (text, table, isRight) => {
  const { hits } = await index.search({ text, tables: [table], k: 1 })
  expect(hits.map((hit) => isRight(hit as never))).toEqual([true])
})

it('held out: on queries that nothing was chosen by, hybrid finds at least as much as either ranking alone', async () => {
  const heldOut = heldOutQueries()
  expect(heldOut.length).toBeGreaterThanOrEqual(40)
  const known = new Set(queries.map((query) => query.text))
  expect(heldOut.filter((query) => known.has(query.text))).toEqual([])
  const hit = async (mode: SearchMode): Promise<number> => mean((await measure(index, heldOut, mode)).map((one) => one.hit10))
  const hybrid = await hit('hybrid')
  expect(hybrid).toBeGreaterThanOrEqual(await hit('bm25'))
  expect(hybrid).toBeGreaterThanOrEqual(await hit('dense'))
  expect(hybrid).toBeGreaterThan(0.78)
})

it('a figure that is worth nothing does not pass: shuffled labels fall under the floors', async () => {
  const shuffled = queries.map((query, at) => ({
    ...query,
    relevant: queries.filter((other) => other.table === query.table)[(at * 7 + 3) % 10]?.relevant ?? [],
  }))
  const found = await measure(index, shuffled.slice(0, 40), 'hybrid')
  for (const figure of FIGURES) expect(mean(found.map((one) => one[figure]))).toBeLessThan(0.5)
})
