import type { Weights } from './query-words.ts'

/** Where one ranking has a document. */
export interface Rank {
  /** From 1. */
  readonly rank: number
  /** BM25: score, higher is better. Dense: cosine distance, lower is better. */
  readonly score: number
}

/** A document with both of its ranks. */
export interface Fused {
  readonly id: string
  readonly score: number
  readonly bm25: Rank | null
  readonly dense: Rank | null
}

/** The constant of reciprocal rank fusion. Measured: 10 is better here than the usual 60. */
export const RRF_K = 10

/** Reciprocal rank fusion: Σ weight / (k + rank). Equal scores are ordered by id, so that pages do not overlap. */
export function fuse(bm25: ReadonlyMap<string, Rank>, dense: ReadonlyMap<string, Rank>, weights: Weights): Fused[] {
  const fused: Fused[] = []
  for (const id of new Set([...bm25.keys(), ...dense.keys()])) {
    const ranks = { bm25: bm25.get(id) ?? null, dense: dense.get(id) ?? null }
    const part = (rank: Rank | null, weight: number): number => (rank === null ? 0 : weight / (RRF_K + rank.rank))
    const score = part(ranks.bm25, weights.bm25) + part(ranks.dense, weights.dense)
    if (score > 0) fused.push({ id, score, ...ranks })
  }
  return fused.sort((a, b) => b.score - a.score || (a.id < b.id ? -1 : 1))
}
