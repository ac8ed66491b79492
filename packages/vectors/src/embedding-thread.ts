/** Thread entry: holds the model, so that neither tokenizing nor inference blocks its owner. */
import { basename, dirname } from 'node:path'
import { parentPort, workerData } from 'node:worker_threads'
import { AutoModel, AutoTokenizer, env, type PreTrainedModel, type PreTrainedTokenizer, Tensor } from '@huggingface/transformers'
import { ensureModelFolder } from './embedders/model-folder.ts'
import type { ThreadCall, ThreadData, ThreadReply } from './embedders/transformers.ts'
import { VectorsError } from './errors.ts'

const data = workerData as ThreadData

interface Loaded {
  readonly tokenizer: PreTrainedTokenizer
  readonly model: PreTrainedModel
}

async function load(): Promise<Loaded> {
  const remote = data.remoteModel !== undefined
  env.allowRemoteModels = remote
  env.allowLocalModels = !remote
  const folder = remote ? undefined : (data.folder ?? ensureModelFolder(data.modelsDir, data.dtype))
  if (folder === undefined) env.cacheDir = data.modelsDir
  else env.localModelPath = dirname(folder)
  const name = folder === undefined ? (data.remoteModel ?? '') : basename(folder)
  const options = { dtype: data.dtype, session_options: { intraOpNumThreads: 1, interOpNumThreads: 1 } } as const
  try {
    const [tokenizer, model] = await Promise.all([AutoTokenizer.from_pretrained(name), AutoModel.from_pretrained(name, options)])
    return { tokenizer, model }
  } catch (cause) {
    if (cause instanceof VectorsError) throw cause
    const hint = remote
      ? 'is it a feature-extraction model with ONNX weights, and is the network there?'
      : 'delete the folder and it is made again'
    throw new VectorsError('VECTORS_MODEL_MISSING', `the model ${name} cannot be loaded; ${hint}`, { cause })
  }
}

let loading: Promise<Loaded> | undefined

async function embed(texts: readonly string[], onLong: 'refuse' | 'cut'): Promise<{ vectors: Float32Array[]; cut: number }> {
  loading ??= load()
  const { tokenizer, model } = await loading
  let cut = 0
  const ids = texts.map((text) => {
    const tokens = tokenizer.encode(text)
    if (tokens.length <= data.maxTokens) return tokens
    if (onLong === 'refuse') {
      throw new VectorsError(
        'VECTORS_TEXT_TOO_LONG',
        `a text has ${tokens.length} tokens, the model reads ${data.maxTokens}: "${text.slice(0, 60)}…"`,
      )
    }
    cut++
    return [...tokens.slice(0, data.maxTokens - 1), tokens.at(-1) ?? 0]
  })
  const width = Math.max(...ids.map((tokens) => tokens.length))
  const size = ids.length * width
  const inputIds = new BigInt64Array(size)
  const mask = new BigInt64Array(size)
  for (const [row, tokens] of ids.entries()) {
    for (const [column, token] of tokens.entries()) {
      inputIds[row * width + column] = BigInt(token)
      mask[row * width + column] = 1n
    }
  }
  const dims = [ids.length, width]
  const output = (await model({
    input_ids: new Tensor('int64', inputIds, dims),
    attention_mask: new Tensor('int64', mask, dims),
    token_type_ids: new Tensor('int64', new BigInt64Array(size), dims),
  })) as { last_hidden_state: { data: Float32Array; dims: number[] } }
  const hidden = output.last_hidden_state
  const dimensions = hidden.dims[2] ?? 0
  return { vectors: ids.map((tokens, row) => meanPool(hidden.data, row * width * dimensions, tokens.length, dimensions)), cut }
}

/** Mean over the text's own tokens, padding left out, at length one. */
function meanPool(states: Float32Array, start: number, tokens: number, dimensions: number): Float32Array {
  const mean = new Float64Array(dimensions)
  for (let token = 0; token < tokens; token++) {
    for (let at = 0; at < dimensions; at++) mean[at] = (mean[at] ?? 0) + (states[start + token * dimensions + at] ?? 0)
  }
  const norm = Math.hypot(...mean)
  return Float32Array.from(mean, (value) => value / norm)
}

async function end(): Promise<void> {
  const loaded = await loading?.catch(() => undefined)
  await loaded?.model.dispose()
  parentPort?.close()
}

parentPort?.on('message', (call: ThreadCall) => {
  if ('close' in call) {
    void end()
    return
  }
  embed(call.texts, call.onLong).then(
    ({ vectors, cut }) => reply({ id: call.id, vectors, cut }),
    (error: unknown) =>
      reply({
        id: call.id,
        code: error instanceof VectorsError ? error.code : 'VECTORS_EMBED',
        message: error instanceof Error ? error.message : String(error),
        cause: error instanceof Error && error.cause instanceof Error ? error.cause.message : undefined,
      }),
  )
})

function reply(message: ThreadReply): void {
  parentPort?.postMessage(message, 'vectors' in message ? message.vectors.map((vector) => vector.buffer as ArrayBuffer) : [])
}
