/**
 * Which vector index a table above 50,000 rows should get: time to build, latency of 200 candidates, and how much of what the exact
 * search finds first it finds too.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { lancedb } from '../src/lance.ts'
import { syntheticVector } from './synthetic.ts'

const quick = process.argv.includes('--quick')
const ROWS = quick ? 3_000 : 60_000
const QUERIES = quick ? 20 : 100
const CANDIDATES = 200
const dir = mkdtempSync(join(tmpdir(), 'vectra-index-'))
const percentile = (values: readonly number[], share: number): string =>
  (values.toSorted((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * share))] ?? 0).toFixed(1)

try {
  const db = await lancedb.connect(dir)
  const rowsFrom = (from: number, to: number): { id: number; vector: number[] }[] =>
    Array.from({ length: to - from }, (_, at) => ({ id: from + at, vector: Array.from(syntheticVector(from + at)) }))
  const table = await db.createTable('rows', rowsFrom(0, 1_000))
  for (let from = 1_000; from < ROWS; from += 5_000) await table.add(rowsFrom(from, Math.min(ROWS, from + 5_000)))
  await table.optimize()
  const queries = Array.from({ length: QUERIES }, (_, at) => syntheticVector(ROWS + at * 31))

  const ask = async (exact: boolean): Promise<{ times: number[]; found: Set<number>[] }> => {
    const times: number[] = []
    const found: Set<number>[] = []
    for (const query of queries) {
      const search = table.vectorSearch(query).distanceType('cosine').select(['id', '_distance']).limit(CANDIDATES)
      const started = performance.now()
      const rows = await (exact ? search.bypassVectorIndex() : search).toArray()
      times.push(performance.now() - started)
      found.push(new Set(rows.slice(0, 10).map((row) => Number(row.id))))
    }
    return { times, found }
  }
  const truth = await ask(true)
  console.log(
    `${ROWS.toLocaleString('en')} clustered vectors of 384 dimensions, ${QUERIES} queries, ${CANDIDATES} candidates each\n`,
  )
  console.log('| index | built in s | p50 ms | p99 ms | recall@10 |')
  console.log('|---|---|---|---|---|')
  console.log(`| none: exact | 0 | ${percentile(truth.times, 0.5)} | ${percentile(truth.times, 0.99)} | 1.000 |`)
  for (const [name, config] of [
    ['IVF_FLAT', lancedb.Index.ivfFlat({ distanceType: 'cosine' })],
    // Training the products takes minutes.
    ...(quick
      ? []
      : [
          ['IVF_PQ', lancedb.Index.ivfPq({ distanceType: 'cosine', numSubVectors: 96 })] as const,
          ['HNSW_PQ', lancedb.Index.hnswPq({ distanceType: 'cosine', numSubVectors: 96 })] as const,
        ]),
    ['HNSW_SQ (built from 50,000 rows on)', lancedb.Index.hnswSq({ distanceType: 'cosine' })],
  ] as const) {
    const started = performance.now()
    await table.createIndex('vector', { config, replace: true })
    const built = (performance.now() - started) / 1_000
    const { times, found } = await ask(false)
    const shares = found.map((ids, at) => [...(truth.found[at] ?? [])].filter((id) => ids.has(id)).length / 10)
    const recall = shares.reduce((sum, value) => sum + value, 0) / shares.length
    console.log(
      `| ${name} | ${built.toFixed(1)} | ${percentile(times, 0.5)} | ${percentile(times, 0.99)} | ${recall.toFixed(3)} |`,
    )
  }
  table.close()
  db.close()
} finally {
  rmSync(dir, { recursive: true, force: true })
}
