import { createHash } from 'node:crypto'
import { DOCUMENT_RULES } from './documents/entry.ts'
import { VectorsError } from './errors.ts'

/** What decides a vector: two embedders with equal facts give vectors that may be compared. */
export interface EmbedderFacts {
  /** E.g. `all-MiniLM-L6-v2`. */
  readonly model: string
  /** Of the weights, or the address of a service. */
  readonly weights: string
  readonly dtype: string
  readonly pooling: string
  readonly dimensions: number
}

/** Turns texts into unit vectors. Test doubles live in tests only: a hash in place of a model makes search worse than none. */
export interface Embedder extends AsyncDisposable {
  readonly facts: EmbedderFacts
  /**
   * One vector a text, in order.
   *
   * @throws VectorsError VECTORS_EMBED, VECTORS_TEXT_TOO_LONG
   */
  embed(texts: readonly string[], options?: EmbedOptions): Promise<readonly Float32Array[]>
  close(): Promise<void>
}

/** How to embed. */
export interface EmbedOptions {
  /** What happens to a text of more tokens than the model reads. Default `refuse`. */
  readonly onLong?: 'refuse' | 'cut' | undefined
  /** Told how many texts were cut to what the model reads; an embedder that cannot know tells nothing. */
  readonly onCut?: ((texts: number) => void) | undefined
  readonly signal?: AbortSignal | undefined
}

/** The fingerprint of tables that hold no vectors. */
export const NO_FINGERPRINT = `none/rules-${DOCUMENT_RULES}`

/** Short text that stands in a table's metadata: another one means that its vectors cannot be searched with this embedder. */
export function fingerprintOf(embedder: Embedder | undefined): string {
  if (embedder === undefined) return NO_FINGERPRINT
  const { model, weights, dtype, pooling, dimensions } = embedder.facts
  const digest = createHash('sha256')
    .update(JSON.stringify([model, weights, dtype, pooling, dimensions]))
    .digest('hex')
  return `${model}/${dtype}/${dimensions}/${digest.slice(0, 16)}/rules-${DOCUMENT_RULES}`
}

/**
 * Checks what an embedder returned; LanceDB would take a vector of the wrong length and store nulls.
 *
 * @throws VectorsError VECTORS_VECTOR_INVALID
 */
export function checkVectors(vectors: readonly Float32Array[], count: number, dimensions: number): void {
  const fail = (message: string, index?: number): never => {
    throw new VectorsError('VECTORS_VECTOR_INVALID', `the embedder returned ${message}`, { context: { index, dimensions } })
  }
  if (vectors.length !== count) fail(`${vectors.length} vectors for ${count} texts`)
  for (const [index, vector] of vectors.entries()) {
    if (vector.length !== dimensions) fail(`a vector of ${vector.length} values instead of ${dimensions}`, index)
    let sum = 0
    for (const value of vector) sum += value * value
    if (!Number.isFinite(sum)) fail('a vector that is not finite', index)
    if (sum < 1e-12) fail('a zero vector', index)
  }
}
