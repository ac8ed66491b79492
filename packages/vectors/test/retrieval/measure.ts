import type { SearchMode, VectorIndex } from '../../src/index.ts'
import { type LabelledQuery, relevantIds } from './corpus.ts'

/** Figures of one query. */
export interface Figures {
  readonly hit10: number
  readonly mrr10: number
  readonly ndcg10: number
}
export const FIGURES = ['hit10', 'mrr10', 'ndcg10'] as const

/** Figures of every query in one mode, in the order of the queries. */
export async function measure(index: VectorIndex, queries: readonly LabelledQuery[], mode: SearchMode): Promise<Figures[]> {
  const rows = new Map<string, Record<string, unknown>[]>()
  const figures: Figures[] = []
  for (const query of queries) {
    const all = rows.get(query.table) ?? (await index.contents(query.table))
    rows.set(query.table, all)
    const relevant = relevantIds(query, all)
    if (relevant.size === 0) throw new Error(`no row is relevant to "${query.text}": its label is out of date`)
    const { hits } = await index.search({ text: query.text, tables: [query.table], mode, k: 10 })
    figures.push(
      figuresOf(
        hits.map((hit) => relevant.has(hit.id)),
        relevant.size,
      ),
    )
  }
  return figures
}

function figuresOf(found: readonly boolean[], relevant: number): Figures {
  const first = found.indexOf(true)
  const gain = (count: (at: number) => boolean, length: number): number =>
    Array.from({ length }, (_, at) => (count(at) ? 1 / Math.log2(at + 2) : 0)).reduce((sum, value) => sum + value, 0)
  return {
    hit10: first >= 0 ? 1 : 0,
    mrr10: first >= 0 ? 1 / (first + 1) : 0,
    ndcg10: gain((at) => found[at] === true, 10) / gain(() => true, Math.min(10, relevant)),
  }
}

export const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length)

/** 95 % bootstrap interval of a mean, from a fixed seed. */
export function interval(values: readonly number[], rounds = 2_000): [number, number] {
  let state = 42
  const random = (): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
  const means = Array.from({ length: rounds }, () =>
    mean(values.map(() => values[Math.floor(random() * values.length)] ?? 0)),
  ).sort((a, b) => a - b)
  return [means[Math.floor(rounds * 0.025)] ?? 0, means[Math.floor(rounds * 0.975)] ?? 0]
}
