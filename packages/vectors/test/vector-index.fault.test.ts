import { createRequire } from 'node:module'
import type * as LanceTypes from '@lancedb/lancedb'
import { expect, it } from 'vitest'
import { syntheticEmbedder, syntheticText } from '../bench/synthetic.ts'
import { type CodeDocument, openVectorIndex } from '../src/index.ts'
import { codeDocument, memorySource } from './memory-source.ts'
import { temporaryFolder } from './temporary-folder.ts'

const quick = process.env['VECTRA_FAULTS'] === 'quick'
const ROWS = quick ? 5_000 : 51_000
const QUERIES = quick ? 40 : 100
const lancedb = createRequire(import.meta.url)('@lancedb/lancedb') as typeof LanceTypes

it(`${ROWS} rows get a vector index by themselves; it finds at least 0.9 of what the exact search finds`, {
  timeout: 900_000,
}, async () => {
  const dir = temporaryFolder()
  const embedder = syntheticEmbedder()
  const scopes = new Map<string, readonly CodeDocument[]>()
  for (let scope = 0; scope * 100 < ROWS; scope++) {
    const documents = Array.from({ length: 100 }, (_, at) => codeDocument(`d${at}`, syntheticText(scope * 100 + at)))
    scopes.set(`s${scope}`, documents)
  }
  await using index = await openVectorIndex({
    dir,
    embedder,
    keepVersionsMs: 0,
    ...(quick ? { vectorIndexRows: 5_000 } : {}),
  })
  const started = performance.now()
  await index.sync(memorySource('code_context', scopes))
  const seconds = (performance.now() - started) / 1_000
  const code = async () => (await index.status()).find((one) => one.table === 'code_context')
  expect(await code()).toMatchObject({ rows: ROWS, vectorIndex: true })

  const table = await (await lancedb.connect(dir)).openTable('code_context')
  const stats = await table.listIndices()
  expect(stats.find((one) => one.columns.includes('vector'))?.indexType).toMatch(/HNSW/i)
  const exact = async (vector: Float32Array): Promise<string[]> =>
    (
      await table.vectorSearch(vector).distanceType('cosine').bypassVectorIndex().select(['id', '_distance']).limit(10).toArray()
    ).map((row) => String(row.id))
  let found = 0
  let wanted = 0
  for (let query = 0; query < QUERIES; query++) {
    const text = `why ${syntheticText(query * 517 + 7)}`
    const [vector] = await embedder.embed([text])
    if (vector === undefined) throw new Error('no vector')
    const truth = await exact(vector)
    const { hits } = await index.search({ text, tables: ['code_context'], mode: 'dense', k: 10 })
    const ids = new Set(hits.map((hit) => hit.id))
    found += truth.filter((id) => ids.has(id)).length
    wanted += truth.length
  }
  const recall = found / wanted
  process.stderr.write(
    `${ROWS} rows in ${seconds.toFixed(1)} s with index: recall@10 ${recall.toFixed(3)} over ${QUERIES} queries\n`,
  )
  expect(recall).toBeGreaterThanOrEqual(0.9)

  // A row written after the index was built is found at once, a deleted one no more.
  const fresh = 'a text that was written after the index was built'
  scopes.set('later', [codeDocument('one', fresh)])
  scopes.delete('s0')
  await index.sync(memorySource('code_context', scopes))
  const { hits } = await index.search({ text: `src/CONTEXT.md - one\n${fresh}`, tables: ['code_context'], mode: 'dense', k: 1 })
  expect(hits[0]?.id).toBe('later#one')
  const gone = await index.search({ text: syntheticText(0), tables: ['code_context'], mode: 'dense', k: 100 })
  expect(gone.hits.some((hit) => hit.id.startsWith('s0#'))).toBe(false)
  expect(await code()).toMatchObject({ rows: ROWS - 99, vectorIndex: true })
})
