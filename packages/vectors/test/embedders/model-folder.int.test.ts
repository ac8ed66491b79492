import { appendFileSync, cpSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { ensureModelFolder } from '../../src/index.ts'
import { modelFolder } from '../models.ts'
import { temporaryFolder } from '../temporary-folder.ts'

it('the model folder is made from the installed weights, with the pinned checksums, and nothing is left beside it', {
  timeout: 60_000,
}, () => {
  const parent = temporaryFolder()
  const folder = ensureModelFolder(parent)
  expect(readdirSync(parent)).toEqual(['all-MiniLM-L6-v2'])
  expect(readdirSync(folder).sort()).toEqual(['config.json', 'onnx', 'tokenizer.json', 'tokenizer_config.json'])
})

it.each(['onnx/model_quantized.onnx', 'tokenizer.json'])('one changed byte in %s is found', (file) => {
  const parent = temporaryFolder()
  cpSync(modelFolder(), join(parent, 'all-MiniLM-L6-v2'), { recursive: true })
  appendFileSync(join(parent, 'all-MiniLM-L6-v2', file), ' ')
  expect(() => ensureModelFolder(parent)).toThrow(expect.objectContaining({ code: 'VECTORS_MODEL_CORRUPT' }))
})
