import type { Embedder } from '../src/index.ts'

const WORDS =
  'rug price tick game trade player balance frame socket store journal part query index vector note session gap replay seed hash order sidebet window candle presale cooldown leaderboard position profit amount lamport decimal schema event phase recovery compaction checkpoint segment catalog'.split(
    ' ',
  )

function randomOf(seed: number): () => number {
  let state = (seed * 2_654_435_761) >>> 0
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}

/** About 60 words, the same for the same number. */
export function syntheticText(seed: number): string {
  const random = randomOf(seed + 1)
  return Array.from({ length: 40 + Math.floor(random() * 40) }, () => WORDS[Math.floor(random() * WORDS.length)]).join(' ')
}

/** Unit vectors from the text's hash: for speed of the tables alone, where what a vector means does not matter. */
export function syntheticEmbedder(): Embedder {
  const close = async (): Promise<void> => {}
  return {
    facts: { model: 'synthetic', weights: '1', dtype: 'fp32', pooling: 'none', dimensions: 384 },
    embed: async (texts) =>
      texts.map((text) => {
        let seed = 0
        for (let at = 0; at < text.length; at++) seed = (Math.imul(seed, 31) + text.charCodeAt(at)) >>> 0
        const random = randomOf(seed)
        const vector = Float32Array.from({ length: 384 }, () => random() - 0.5)
        const norm = Math.hypot(...vector)
        return vector.map((value) => value / norm)
      }),
    close,
    [Symbol.asyncDispose]: close,
  }
}
