import { isIdentifier, splitIdentifier } from '../documents/identifiers.ts'

/** How much each of the two rankings counts. */
export interface Weights {
  readonly bm25: number
  readonly dense: number
}

/** What a query looks like, and what follows for its search. */
export interface QueryWords {
  /** What BM25 is asked: the query, and the words inside its names. */
  readonly bm25: string
  /** `names`: nothing but identifiers; `mixed`; `words`: a question or a phrase. */
  readonly form: 'names' | 'mixed' | 'words'
  readonly weights: Weights
}

/**
 * Reads a query. On names BM25 alone ranks best; on questions the meaning leads and BM25 settles what is close.
 *
 * The weights were chosen on the labelled set of this package: 0.3 is best on both of its halves (`pnpm bench:search`).
 */
export function queryWords(query: string): QueryWords {
  const words = query
    .trim()
    .split(/\s+/)
    .filter((word) => word !== '')
  const names = words.filter(isIdentifier)
  const parts = new Set(names.flatMap(splitIdentifier).filter((part) => part.length > 1))
  const bm25 = [query.trim(), ...parts].join(' ')
  if (names.length > 0 && names.length === words.length) return { bm25, form: 'names', weights: { bm25: 1, dense: 0 } }
  if (names.length > 0) return { bm25, form: 'mixed', weights: { bm25: 1.5, dense: 1 } }
  return { bm25, form: 'words', weights: { bm25: 0.3, dense: 1 } }
}
