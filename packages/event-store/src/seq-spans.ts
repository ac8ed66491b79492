import type { SeqSpan } from './catalog-records.ts'

/** Seqs of one session as stretches without a hole. A seq that stands twice starts a stretch of its own. */
export function spansOf(sessionId: string, seqs: readonly number[]): SeqSpan[] {
  const spans: { sessionId: string; from: number; to: number }[] = []
  for (const seq of seqs.toSorted((a, b) => a - b)) {
    const last = spans.at(-1)
    if (last !== undefined && seq === last.to + 1) last.to = seq
    else spans.push({ sessionId, from: seq, to: seq })
  }
  return spans
}
