/**
 * Speed of indexing and searching: documents/s against the bare ONNX run of the same texts, search latency by table size and mode,
 * cold start, disk per row, a run without changes. Target: at least 0.9 of the bare run.
 */
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  type CodeDocument,
  type Embedder,
  openTransformersEmbedder,
  openVectorIndex,
  SEARCH_MODES,
  type SearchMode,
} from '../src/index.ts'
import { codeDocument, memorySource } from '../test/memory-source.ts'
import { MODELS_DIR, modelFolder } from '../test/models.ts'
import { bareRun } from './bare-onnx.ts'
import { syntheticEmbedder, syntheticText } from './synthetic.ts'

const quick = process.argv.includes('--quick')
const parent = mkdtempSync(join(tmpdir(), 'vectra-speed-'))
const seconds = async (work: () => Promise<unknown>): Promise<number> => {
  const started = performance.now()
  await work()
  return (performance.now() - started) / 1_000
}
const cpuSeconds = (since: NodeJS.CpuUsage): number => {
  const { user, system } = process.cpuUsage(since)
  return (user + system) / 1e6
}
const percentile = (values: readonly number[], share: number): string =>
  (values.toSorted((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * share))] ?? 0).toFixed(1)
const sizeOf = (path: string): number =>
  readdirSync(path, { recursive: true, withFileTypes: true }).reduce(
    (sum, entry) => (entry.isFile() ? sum + statSync(join(entry.parentPath, entry.name)).size : sum),
    0,
  )
const sourceOf = (count: number) => {
  const scopes = new Map<string, readonly CodeDocument[]>()
  for (let scope = 0; scope * 50 < count; scope++) {
    scopes.set(
      `s${scope}`,
      Array.from({ length: 50 }, (_, at) => codeDocument(`d${at}`, syntheticText(scope * 50 + at))),
    )
  }
  return memorySource('code_context', scopes)
}

// Indexing against the bare run of the same texts, turn by turn.
const folder = modelFolder()
const model: Embedder = await openTransformersEmbedder({ modelsDir: MODELS_DIR })
const count = quick ? 200 : 1_500
const ratios: number[] = []
const processor: number[] = []
const rates: number[] = []
const texts: string[] = []
const recorded: Embedder = {
  ...model,
  embed: (asked, options) => {
    texts.push(...asked)
    return model.embed(asked, options)
  },
}
for (let turn = 0; turn < (quick ? 1 : 3); turn++) {
  texts.length = 0
  const index = await openVectorIndex({ dir: join(parent, `turn-${turn}`), embedder: recorded })
  const before = process.cpuUsage()
  const indexing = await seconds(() => index.sync(sourceOf(count)))
  const spent = cpuSeconds(before)
  await index.close()
  const bare = await bareRun(folder, texts)
  const between = process.cpuUsage()
  ratios.push((await bare.run()) / indexing)
  processor.push(cpuSeconds(between) / spent)
  await bare.close()
  rates.push(count / indexing)
}
const middle = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN
const ratio = middle(ratios)
console.log(
  `Indexing ${count} documents of about 60 words with the int8 model, one thread: ${middle(rates).toFixed(0)} documents/s, ${ratio.toFixed(2)} of the bare ONNX run of the same texts (${ratios.map((one) => one.toFixed(2)).join(' ')}; target 0.9; ${middle(processor).toFixed(2)} by processor time, which a busy machine leaves alone).\n`,
)
await model.close()

console.log('| rows | mode | p50 ms | p99 ms |')
console.log('|---|---|---|---|')
const embedder = syntheticEmbedder()
const notes: string[] = []
for (const rows of quick ? [1_000] : [10_000, 100_000]) {
  const dir = join(parent, `rows-${rows}`)
  const first = await openVectorIndex({ dir, embedder, keepVersionsMs: 0 })
  const filling = await seconds(() => first.sync(sourceOf(rows)))
  const idle = await seconds(() => first.sync(sourceOf(rows)))
  const stamped = { ...sourceOf(rows), stamp: 'same' }
  await first.sync(stamped)
  const vouched = await seconds(() => first.sync(stamped))
  await first.close()
  const index = await openVectorIndex({ dir, embedder })
  const ask = (mode: SearchMode, at: number) =>
    index.search({
      text: `why does ${syntheticText(at * 37)
        .split(' ')
        .slice(0, 4)
        .join(' ')} matter`,
      tables: ['code_context'],
      mode,
    })
  const cold = await seconds(() => ask('hybrid', 0))
  for (const mode of SEARCH_MODES) {
    const times: number[] = []
    for (let at = 1; at <= (quick ? 20 : 150); at++) times.push((await seconds(() => ask(mode, at))) * 1_000)
    console.log(`| ${rows.toLocaleString('en')} | ${mode} | ${percentile(times, 0.5)} | ${percentile(times, 0.99)} |`)
  }
  await index.close()
  notes.push(
    `${rows.toLocaleString('en')} rows: filled in ${filling.toFixed(1)} s (vectors given), ${(sizeOf(join(dir, 'code_context.lance')) / rows / 1024).toFixed(2)} KiB on disk a row, ` +
      `cold open and first search ${(cold * 1_000).toFixed(0)} ms, a run without changes ${(idle * 1_000).toFixed(0)} ms (${(vouched * 1_000).toFixed(0)} ms when the source vouches for it).`,
  )
}
console.log(`\n${notes.join('\n')}`)
rmSync(parent, { recursive: true, force: true })
if (!quick && ratio < 0.9) process.exitCode = 1
