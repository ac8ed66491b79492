import type { Embedder } from '../src/index.ts'

const WORDS =
  'rug price tick game trade player balance frame socket store journal part query index vector note session gap replay seed hash order sidebet window candle presale cooldown leaderboard position profit amount lamport decimal schema event phase recovery compaction checkpoint segment catalog'.split(
    ' ',
  )

const DIMENSIONS = 384
/** Texts lie around so many centres, as those of a real corpus do: uniform noise has no neighbours to find. */
const TOPICS = 400
const SPREAD = 1.2

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

/** A unit vector near one of the topics, the same for the same number. */
export function syntheticVector(seed: number): Float32Array {
  const own = randomOf(seed)
  const centre = randomOf(1_000_003 + Math.floor(own() * TOPICS))
  const vector = Float32Array.from({ length: DIMENSIONS }, () => centre() - 0.5 + SPREAD * (own() - 0.5))
  const norm = Math.hypot(...vector)
  return vector.map((value) => value / norm)
}

/** Unit vectors from the text's hash: for speed of the tables alone, where what a vector means does not matter. */
export function syntheticEmbedder(): Embedder {
  const close = async (): Promise<void> => {}
  return {
    facts: { model: 'synthetic', weights: '2', dtype: 'fp32', pooling: 'none', dimensions: DIMENSIONS },
    embed: async (texts) =>
      texts.map((text) => {
        let seed = 0
        for (let at = 0; at < text.length; at++) seed = (Math.imul(seed, 31) + text.charCodeAt(at)) >>> 0
        return syntheticVector(seed)
      }),
    close,
    [Symbol.asyncDispose]: close,
  }
}
