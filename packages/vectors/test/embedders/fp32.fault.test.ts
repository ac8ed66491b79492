import { expect, it } from 'vitest'
import { openTransformersEmbedder } from '../../src/index.ts'
import { cosine, golden } from '../golden.ts'
import { MODELS_DIR } from '../models.ts'

it('golden: the same graph in fp32 agrees with 20 published vectors to 0.9999, so what int8 differs by is quantization alone', async () => {
  await using embedder = await openTransformersEmbedder({ modelsDir: MODELS_DIR, dtype: 'fp32', maxTokens: 512 })
  const { texts, vectors } = golden(20, 1_200)
  const ours = await embedder.embed(texts)
  expect(Math.min(...ours.map((vector, at) => cosine(vector, vectors[at]!)))).toBeGreaterThanOrEqual(0.9999)
})
