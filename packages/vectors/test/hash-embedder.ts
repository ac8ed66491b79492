import { createHash } from 'node:crypto'
import type { Embedder, EmbedderFacts } from '../src/embedder.ts'

/** Test double: words hashed into 32 dimensions. Counts what it was asked. */
export function hashEmbedder(facts: Partial<EmbedderFacts> = {}): Embedder & { texts: string[]; fail: (() => void) | undefined } {
  const dimensions = facts.dimensions ?? 32
  const texts: string[] = []
  const embedder = {
    facts: { model: 'hash', weights: '1', dtype: 'fp32', pooling: 'sum', dimensions, ...facts },
    texts,
    fail: undefined as (() => void) | undefined,
    async embed(asked: readonly string[]) {
      embedder.fail?.()
      texts.push(...asked)
      return asked.map((text) => {
        const vector = new Float32Array(dimensions).fill(0.01)
        for (const word of text.toLowerCase().match(/[a-z0-9]+/g) ?? []) {
          const digest = createHash('sha256').update(word).digest()
          const at = digest.readUInt16LE(0) % dimensions
          vector[at] = (vector[at] ?? 0) + 1
        }
        const norm = Math.hypot(...vector)
        return vector.map((value) => value / norm)
      })
    },
    close: async () => {},
    [Symbol.asyncDispose]: async () => {},
  }
  return embedder
}
