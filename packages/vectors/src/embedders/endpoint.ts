import type { Embedder } from '../embedder.ts'
import { VectorsError } from '../errors.ts'

/** Options of {@link openEndpointEmbedder}. */
export interface EndpointOptions {
  /** Base address of an OpenAI-compatible API, e.g. `http://127.0.0.1:11434/v1`. */
  readonly url: string
  readonly model: string
  /** Sent as bearer token; never logged or stored. */
  readonly apiKey?: string | undefined
  /** Of one request, default 60 s. */
  readonly timeoutMs?: number | undefined
}

const BATCH = 64

/**
 * An embedder behind an OpenAI-compatible endpoint: texts leave the machine only because its user named the address.
 *
 * @throws VectorsError VECTORS_EMBED when it does not answer as it should
 */
export async function openEndpointEmbedder(options: EndpointOptions): Promise<Embedder> {
  const address = new URL('embeddings', options.url.endsWith('/') ? options.url : `${options.url}/`)
  const ask = async (input: readonly string[], signal?: AbortSignal): Promise<Float32Array[]> => {
    const timeout = AbortSignal.timeout(options.timeoutMs ?? 60_000)
    try {
      const response = await fetch(address, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          ...(options.apiKey === undefined ? {} : { authorization: `Bearer ${options.apiKey}` }),
        },
        body: JSON.stringify({ model: options.model, input }),
        signal: signal === undefined ? timeout : AbortSignal.any([signal, timeout]),
      })
      if (!response.ok) throw new Error(`status ${response.status}`)
      const { data } = (await response.json()) as { data: { index: number; embedding: number[] }[] }
      const ordered = [...data].sort((a, b) => a.index - b.index)
      if (ordered.length !== input.length) throw new Error(`${ordered.length} vectors for ${input.length} texts`)
      return ordered.map(({ embedding }) => normalized(embedding))
    } catch (cause) {
      if (signal?.aborted) throw signal.reason
      throw new VectorsError('VECTORS_EMBED', `${address.origin} gave no embeddings of ${options.model}: ${reasonOf(cause)}`, {
        cause,
        context: { url: address.href, model: options.model },
      })
    }
  }
  const [probe] = await ask(['probe'])
  return {
    facts: { model: options.model, weights: address.href, dtype: 'remote', pooling: 'remote', dimensions: probe?.length ?? 0 },
    async embed(texts, { signal } = {}) {
      const vectors: Float32Array[] = []
      for (let at = 0; at < texts.length; at += BATCH) vectors.push(...(await ask(texts.slice(at, at + BATCH), signal)))
      return vectors
    },
    close: async () => {},
    [Symbol.asyncDispose]: async () => {},
  }
}

/** `fetch failed` says nothing; what failed below it does. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  return error.cause instanceof Error ? `${error.message} (${error.cause.message})` : error.message
}

function normalized(values: readonly number[]): Float32Array {
  const norm = Math.hypot(...values)
  return Float32Array.from(values, (value) => value / norm)
}
