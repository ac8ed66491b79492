import type { EvidenceGraph } from '../graph/graph.ts'
import type { Claim } from '../model/types.ts'
import type { Aim, Depth } from './links.ts'
import type { Evidence, Judgement, Target, Verdict } from './types.ts'

/** Everything a judgement looks at. */
export interface Case {
  readonly graph: EvidenceGraph
  /** Files of the module, those of the target taken out. */
  readonly subject: readonly string[]
  readonly aim: Aim
  readonly target: Target
  readonly claim: Claim
  /** Files that a `via` names, else `null`. */
  readonly via: readonly string[] | null
  /** How far imports are followed; `direct` can verify, only `full` may contradict. */
  readonly depth: Depth
}

/** Builds a judgement; evidence beyond five places adds nothing. */
export function judgement(
  verdict: Verdict,
  reason: string,
  evidence: readonly Evidence[] = [],
  suggestion: string | null = null,
): Judgement {
  return { verdict, reason, evidence: evidence.slice(0, 5), suggestion }
}

/** `a, b and 3 more`. */
export function listed(names: Iterable<string>, most = 4): string {
  const all = [...new Set(names)]
  return all.length <= most ? all.join(', ') : `${all.slice(0, most).join(', ')} and ${all.length - most} more`
}
