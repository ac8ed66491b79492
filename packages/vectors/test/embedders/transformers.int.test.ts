import { cpSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { defaultEmbedder, type Embedder, openTransformersEmbedder } from '../../src/index.ts'
import { cosine, golden } from '../golden.ts'
import { MODELS_DIR, modelFolder } from '../models.ts'
import { temporaryFolder } from '../temporary-folder.ts'

let embedder: Embedder
beforeAll(async () => {
  modelFolder()
  embedder = await openTransformersEmbedder({ modelsDir: MODELS_DIR, maxTokens: 512 })
}, 60_000)
afterAll(() => embedder.close())

it('golden: 30 published vectors of the same model, cosine at least 0.99 each', { timeout: 60_000 }, async () => {
  const { texts, vectors } = golden(30)
  const ours = await embedder.embed(texts, { onLong: 'cut' })
  const similar = ours.map((vector, at) => cosine(vector, vectors[at]!))
  expect(Math.min(...similar)).toBeGreaterThanOrEqual(0.99)
})

it('a text alone and in a mixed batch gives the same vector: padding is not averaged', async () => {
  const text = 'player balance update'
  const [alone] = await embedder.embed([text])
  const long = 'the game rugged after many ticks and the leaderboard was settled '.repeat(12)
  const mixed = await embedder.embed([long, text, 'x', long.slice(0, 300)])
  expect(cosine(alone!, mixed[1]!)).toBeGreaterThanOrEqual(0.99)
})

it('vectors have length one, 384 dimensions, and the order of their texts', async () => {
  const texts = ['a cat', 'the price of a token rose', 'a kitten', 'stocks and prices']
  const vectors = await embedder.embed(texts)
  for (const vector of vectors) {
    expect(vector).toHaveLength(384)
    expect(cosine(vector, vector)).toBeCloseTo(1, 5)
  }
  expect(cosine(vectors[0]!, vectors[2]!)).toBeGreaterThan(cosine(vectors[0]!, vectors[1]!))
  expect(cosine(vectors[1]!, vectors[3]!)).toBeGreaterThan(cosine(vectors[1]!, vectors[2]!))
})

it('a text of more tokens than the model reads is refused, unless cutting is asked for', async () => {
  const long = 'rug '.repeat(600)
  await expect(embedder.embed([long])).rejects.toMatchObject({ code: 'VECTORS_TEXT_TOO_LONG' })
  const cuts: number[] = []
  expect(await embedder.embed([long, 'short', long], { onLong: 'cut', onCut: (texts) => cuts.push(texts) })).toHaveLength(3)
  expect(cuts).toEqual([2])
})

it('a folder without a model is a typed error that says what to do, and no network is tried', async () => {
  const opened = openTransformersEmbedder({ modelsDir: MODELS_DIR, folder: join(temporaryFolder(), 'nothing-here') })
  const error = await opened.then(
    () => undefined,
    (thrown: unknown) => thrown,
  )
  expect(error).toMatchObject({ code: 'VECTORS_MODEL_MISSING', message: expect.stringContaining('cannot be loaded') })
  // Where the hub is asked, the cause speaks of a fetch that failed, or of an address.
  expect(String((error as Error).cause)).not.toMatch(/fetch|https?:/i)
})

it('the default embedder tries again after a model that could not be opened', { timeout: 60_000 }, async () => {
  const modelsDir = temporaryFolder()
  const folder = join(modelsDir, 'all-MiniLM-L6-v2')
  cpSync(modelFolder(), folder, { recursive: true })
  writeFileSync(join(folder, 'tokenizer.json'), '{}')
  await using lazy = defaultEmbedder({ modelsDir })
  await expect(lazy?.embed(['x'])).rejects.toMatchObject({ code: 'VECTORS_MODEL_CORRUPT' })
  cpSync(join(modelFolder(), 'tokenizer.json'), join(folder, 'tokenizer.json'))
  expect(await lazy?.embed(['x'])).toHaveLength(1)
  await lazy?.close()
  await expect(lazy?.embed(['x'])).rejects.toMatchObject({ code: 'VECTORS_EMBED' })
})

it('an embedder that was closed says so', async () => {
  const closed = await openTransformersEmbedder({ modelsDir: MODELS_DIR })
  await closed.close()
  await expect(closed.embed(['x'])).rejects.toMatchObject({ code: 'VECTORS_EMBED' })
})

it('an abort stops between batches', async () => {
  const controller = new AbortController()
  const work = embedder.embed(
    Array.from({ length: 200 }, (_, at) => `text number ${at} about nothing much`),
    { signal: controller.signal },
  )
  controller.abort(new Error('stopped'))
  await expect(work).rejects.toThrow('stopped')
})
