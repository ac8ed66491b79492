import { createRequire } from 'node:module'
import { basename, dirname, join } from 'node:path'
import { AutoTokenizer, env } from '@huggingface/transformers'

/** The little of onnxruntime-node that a bare run needs. */
interface Runtime {
  readonly InferenceSession: {
    create(
      path: string,
      options: object,
    ): Promise<{ run(feeds: Record<string, unknown>): Promise<unknown>; release(): Promise<void> }>
  }
  readonly Tensor: new (type: 'int64', data: BigInt64Array, dims: readonly number[]) => unknown
}

const BATCH = 8

/**
 * The same texts through onnxruntime alone: tokens made beforehand, no pooling, no thread in between. What is left is what the
 * model costs.
 *
 * @returns a function that runs them all once and gives the seconds
 */
export async function bareRun(
  folder: string,
  texts: readonly string[],
): Promise<{ run(): Promise<number>; close(): Promise<void> }> {
  // The runtime that transformers.js brings: a second version cannot live in one process.
  const require = createRequire(createRequire(import.meta.url).resolve('@huggingface/transformers'))
  const { InferenceSession, Tensor } = require('onnxruntime-node') as Runtime
  env.allowRemoteModels = false
  env.localModelPath = dirname(folder)
  const tokenizer = await AutoTokenizer.from_pretrained(basename(folder))
  const tokens = texts.map((text) => tokenizer.encode(text).slice(0, 256)).sort((a, b) => a.length - b.length)
  const feeds: Record<string, unknown>[] = []
  for (let at = 0; at < tokens.length; at += BATCH) {
    const batch = tokens.slice(at, at + BATCH)
    const width = Math.max(...batch.map((one) => one.length))
    const [ids, mask] = [new BigInt64Array(batch.length * width), new BigInt64Array(batch.length * width)]
    for (const [row, one] of batch.entries()) {
      for (const [column, token] of one.entries()) {
        ids[row * width + column] = BigInt(token)
        mask[row * width + column] = 1n
      }
    }
    const tensor = (data: BigInt64Array): unknown => new Tensor('int64', data, [batch.length, width])
    feeds.push({
      input_ids: tensor(ids),
      attention_mask: tensor(mask),
      token_type_ids: tensor(new BigInt64Array(batch.length * width)),
    })
  }
  const session = await InferenceSession.create(join(folder, 'onnx', 'model_quantized.onnx'), {
    intraOpNumThreads: 1,
    interOpNumThreads: 1,
  })
  return {
    async run() {
      const started = performance.now()
      for (const feed of feeds) await session.run(feed)
      return (performance.now() - started) / 1_000
    },
    close: () => session.release(),
  }
}
