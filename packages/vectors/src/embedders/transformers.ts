import { once } from 'node:events'
import type { Worker } from 'node:worker_threads'
import type { Embedder, EmbedderFacts, EmbedOptions } from '../embedder.ts'
import { VectorsError, type VectorsErrorCode } from '../errors.ts'
import { startEmbeddingThread } from '../thread.ts'
import type { GraphKind } from './minilm-graph.ts'
import { DEFAULT_MODEL, DEFAULT_WEIGHTS, hasDefaultModel } from './model-folder.ts'

/** Options of {@link openTransformersEmbedder}. */
export interface TransformersOptions {
  /** Where model folders are made and kept, e.g. `~/.cache/vectra/models`. */
  readonly modelsDir: string
  /** `org/name` of a model on the Hugging Face hub, loaded over the network. Default: the model that comes with the install. */
  readonly model?: string | undefined
  /** Default `q8`. */
  readonly dtype?: GraphKind | undefined
  /** A finished model folder to use as it is. */
  readonly folder?: string | undefined
  /** Tokens of a text that the model reads, default 256, at most 512. */
  readonly maxTokens?: number | undefined
}

/** What the thread is started with. */
export interface ThreadData {
  readonly modelsDir: string
  readonly folder: string | undefined
  readonly remoteModel: string | undefined
  readonly dtype: GraphKind
  readonly maxTokens: number
}

/** One batch of texts, or the end. */
export type ThreadCall =
  | { readonly id: number; readonly texts: readonly string[]; readonly onLong: 'refuse' | 'cut' }
  | { readonly close: true }

/** Its answer. */
export type ThreadReply =
  | { readonly id: number; readonly vectors: Float32Array[]; readonly cut: number }
  | { readonly id: number; readonly code: VectorsErrorCode; readonly message: string; readonly cause: string | undefined }

/** Texts of one inference: more do not help, and past 64 tokens they hurt. */
const BATCH = 8
/** Batches on the way at a time, so that the thread never waits for its owner. */
const IN_FLIGHT = 2

/**
 * The embedder of the model that arrives with the install: all-MiniLM-L6-v2 in int8, 384 dimensions, in a thread of its own.
 *
 * Contacts no network unless a model of the hub is named. The first use makes the model folder (5 s).
 *
 * @throws VectorsError VECTORS_MODEL_MISSING, VECTORS_MODEL_CORRUPT
 */
export async function openTransformersEmbedder(options: TransformersOptions): Promise<Embedder> {
  const dtype = options.dtype ?? 'q8'
  const { model } = options
  const thread = new EmbeddingThread({
    modelsDir: options.modelsDir,
    folder: options.folder,
    remoteModel: model,
    dtype,
    maxTokens: options.maxTokens ?? 256,
  })
  try {
    // The first text loads the model, so that what is wrong with it is said now.
    const [probe] = await thread.embed(['probe'])
    return thread.as({
      model: model ?? DEFAULT_MODEL,
      weights: model === undefined && dtype === 'q8' ? DEFAULT_WEIGHTS : `${model ?? DEFAULT_MODEL}/${dtype}`,
      dtype,
      pooling: 'mean',
      dimensions: probe?.length ?? 0,
    })
  } catch (error) {
    await thread.close()
    throw error
  }
}

/**
 * The default embedder, opened by its first text: what needs no vector does not wait for a model.
 *
 * @returns undefined when neither the model folder nor the package with the weights is there
 */
export function defaultEmbedder(options: { readonly modelsDir: string }): Embedder | undefined {
  if (!hasDefaultModel(options.modelsDir)) return undefined
  let opening: Promise<Embedder> | undefined
  let closed = false
  const close = async (): Promise<void> => {
    const opened = opening
    closed = true
    opening = Promise.reject(new VectorsError('VECTORS_EMBED', 'the embedder is closed'))
    opening.catch(() => {})
    await opened?.then(
      (embedder) => embedder.close(),
      () => {},
    )
  }
  return {
    facts: { model: DEFAULT_MODEL, weights: DEFAULT_WEIGHTS, dtype: 'q8', pooling: 'mean', dimensions: 384 },
    async embed(texts, embedOptions) {
      opening ??= openTransformersEmbedder(options)
      const asked = opening
      try {
        return await (await asked).embed(texts, embedOptions)
      } catch (error) {
        // A model that was missing, or a thread that died, may be there for the next text.
        if (!closed && opening === asked && isBroken(error)) {
          opening = undefined
          await asked.then((embedder) => embedder.close()).catch(() => {})
        }
        throw error
      }
    },
    close,
    [Symbol.asyncDispose]: close,
  }
}

function isBroken(error: unknown): boolean {
  return error instanceof VectorsError && error.code !== 'VECTORS_TEXT_TOO_LONG'
}

interface Embedded {
  readonly vectors: Float32Array[]
  /** Texts that were longer than the model reads. */
  readonly cut: number
}

interface Pending {
  readonly resolve: (done: Embedded) => void
  readonly reject: (error: Error) => void
}

class EmbeddingThread {
  readonly #worker: Worker
  readonly #pending = new Map<number, Pending>()
  /** The batches on the way, however they end. */
  readonly #settled = new Set<Promise<void>>()
  #nextId = 1
  #dead: Error | undefined
  #exited = false
  #closing: Promise<void> | undefined

  constructor(data: ThreadData) {
    this.#worker = startEmbeddingThread(data)
    this.#worker.unref()
    this.#worker.on('message', (reply: ThreadReply) => this.#settle(reply))
    this.#worker.on('error', (error) => this.#die(error))
    this.#worker.on('exit', (code) => {
      this.#exited = true
      this.#die(new Error(`exit code ${code}`))
    })
  }

  as(facts: EmbedderFacts): Embedder {
    return {
      facts,
      embed: (texts, options) => this.embed(texts, options),
      close: () => this.close(),
      [Symbol.asyncDispose]: () => this.close(),
    }
  }

  async embed(texts: readonly string[], { onLong = 'refuse', onCut, signal }: EmbedOptions = {}): Promise<Float32Array[]> {
    const order = texts.map((_, index) => index).sort((a, b) => (texts[a]?.length ?? 0) - (texts[b]?.length ?? 0))
    const batches: number[][] = []
    for (let at = 0; at < order.length; at += BATCH) batches.push(order.slice(at, at + BATCH))
    const vectors: Float32Array[] = new Array(texts.length)
    const work = async (): Promise<void> => {
      for (let batch = batches.shift(); batch !== undefined; batch = batches.shift()) {
        signal?.throwIfAborted()
        const done = await this.#call(
          batch.map((index) => texts[index] ?? ''),
          onLong,
        )
        if (done.cut > 0) onCut?.(done.cut)
        for (const [at, index] of batch.entries()) vectors[index] = done.vectors[at] ?? new Float32Array()
      }
    }
    await Promise.all(Array.from({ length: IN_FLIGHT }, work))
    return vectors
  }

  #call(texts: readonly string[], onLong: 'refuse' | 'cut'): Promise<Embedded> {
    if (this.#dead !== undefined)
      return Promise.reject(new VectorsError('VECTORS_EMBED', 'the embedding thread is gone', { cause: this.#dead }))
    const id = this.#nextId++
    if (this.#pending.size === 0) this.#worker.ref()
    const call = new Promise<Embedded>((resolve, reject) => {
      this.#pending.set(id, { resolve, reject })
      this.#worker.postMessage({ id, texts, onLong } satisfies ThreadCall)
    })
    const settled: Promise<void> = call.then(
      () => void this.#settled.delete(settled),
      () => void this.#settled.delete(settled),
    )
    this.#settled.add(settled)
    return call
  }

  #settle(reply: ThreadReply): void {
    const pending = this.#pending.get(reply.id)
    this.#pending.delete(reply.id)
    if (this.#pending.size === 0) this.#worker.unref()
    if ('vectors' in reply) pending?.resolve(reply)
    else
      pending?.reject(
        new VectorsError(reply.code, reply.message, reply.cause === undefined ? {} : { cause: new Error(reply.cause) }),
      )
  }

  #die(error: Error): void {
    this.#dead ??= error
    const lost = [...this.#pending.values()]
    this.#pending.clear()
    for (const pending of lost) pending.reject(new VectorsError('VECTORS_EMBED', 'the embedding thread died', { cause: error }))
  }

  /** Ends the thread when its last batch is done: killing it inside an inference would abort the whole process. */
  close(): Promise<void> {
    this.#dead ??= new Error('closed')
    this.#closing ??= this.#end()
    return this.#closing
  }

  async #end(): Promise<void> {
    if (this.#exited) return
    this.#worker.ref()
    const exit = once(this.#worker, 'exit')
    await Promise.all(this.#settled)
    this.#worker.postMessage({ close: true } satisfies ThreadCall)
    await exit
  }
}
