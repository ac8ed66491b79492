/**
 * Retrieval quality: hit@10, MRR@10, nDCG@10 of the three modes with 95 % bootstrap intervals, over the labelled set that the weights
 * were chosen on and over a held-out one. Target: hybrid finds at least as much (hit@10) as either ranking alone, on each.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { defaultEmbedder, openVectorIndex, SEARCH_MODES, type SearchMode } from '../src/index.ts'
import { MODELS_DIR } from '../test/models.ts'
import { corpusSources, heldOutQueries, type LabelledQuery, labelledQueries } from '../test/retrieval/corpus.ts'
import { FIGURES, type Figures, interval, mean, measure } from '../test/retrieval/measure.ts'

const dir = mkdtempSync(join(tmpdir(), 'vectra-quality-'))
const embedder = defaultEmbedder({ modelsDir: MODELS_DIR })
const index = await openVectorIndex({ dir, embedder, cacheFile: join(MODELS_DIR, '..', 'embeddings-of-tests.sqlite') })
for (const source of corpusSources()) await index.sync(source)
const rows = (await index.status()).map((table) => `${table.table} ${table.rows}`).join(', ')
console.log(`${rows} rows; all-MiniLM-L6-v2 int8, k = 10.`)

async function report(title: string, queries: readonly LabelledQuery[]): Promise<void> {
  const figures = new Map<SearchMode, Figures[]>()
  for (const mode of SEARCH_MODES) figures.set(mode, await measure(index, queries, mode))
  console.log(`\n${title}: ${queries.length} queries\n`)
  console.log('| mode | hit@10 | MRR@10 | nDCG@10 | nDCG questions | identifiers | operations |')
  console.log('|---|---|---|---|---|---|---|')
  for (const [mode, all] of figures) {
    const cells = FIGURES.map((name) => {
      const values = all.map((one) => one[name])
      const [low, high] = interval(values)
      return `${mean(values).toFixed(3)} (${low.toFixed(2)}–${high.toFixed(2)})`
    })
    const forms = ['question', 'identifier', 'operation'].map((form) =>
      mean(all.filter((_, at) => queries[at]?.form === form).map((one) => one.ndcg10)).toFixed(3),
    )
    console.log(`| ${mode} | ${[...cells, ...forms].join(' | ')} |`)
  }
  const hit = (mode: SearchMode): number => mean((figures.get(mode) ?? []).map((one) => one.hit10))
  const difference = (than: SearchMode): string => {
    const values = (figures.get('hybrid') ?? []).map((one, at) => one.ndcg10 - (figures.get(than)?.[at]?.ndcg10 ?? 0))
    const [low, high] = interval(values)
    return `hybrid − ${than} ${mean(values).toFixed(3)} (${low.toFixed(3)} … ${high.toFixed(3)})`
  }
  console.log(`\nnDCG@10 differences, 95 % bootstrap: ${difference('bm25')}; ${difference('dense')}.`)
  if (hit('hybrid') < Math.max(hit('bm25'), hit('dense'))) process.exitCode = 1
}

const [tuned, heldOut] = [labelledQueries(), heldOutQueries()]
await report('Tuned on', tuned)
await report('Held out', heldOut)
await report('Both', [...tuned, ...heldOut])
await index.close()
await embedder?.close()
rmSync(dir, { recursive: true, force: true })
