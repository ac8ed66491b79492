import type { EvidenceGraph } from '../graph/graph.ts'
import type { ContextFile, Row } from '../model/types.ts'
import { judge, worst } from './judge.ts'
import { judgement } from './judge.ts'
import type { Subject } from './subject.ts'
import { targetOf } from './target.ts'
import type { RowVerdict, Target } from './types.ts'

/** Judges every row of a CONTEXT.md. */
export async function checkRows(graph: EvidenceGraph, context: ContextFile, subject: Subject, renames: ReadonlyMap<string, string>): Promise<RowVerdict[]> {
  const verdicts: RowVerdict[] = []
  for (const row of context.rows) verdicts.push(await checkRow(graph, context, subject, row, renames))
  return verdicts
}

async function checkRow(graph: EvidenceGraph, context: ContextFile, subject: Subject, row: Row, renames: ReadonlyMap<string, string>): Promise<RowVerdict> {
  const target = await targetOf(graph, context.path, row.target, renames)
  const aim = { files: target.files, external: target.kind === 'external' ? target.name : null }
  const rest = subject.all.filter((path) => !target.files.has(path))
  const judgements = []
  for (const claim of row.claims) {
    const via = claim.via === null ? null : await targetOf(graph, context.path, claim.via, renames)
    const one = { graph, subject: rest, aim, target, claim, via: via === null ? null : [...via.files] }
    judgements.push({ claim, judgement: await judge(one) })
  }
  if (judgements.length === 0) {
    const claim = { kind: 'other', names: [], events: [], via: null, text: '', dialect: false } as const
    judgements.push({ claim, judgement: judgement('UNVERIFIABLE', 'the row states no relationship') })
  }
  return { row, target: shared(target), verdict: worst(judgements.map((each) => each.judgement.verdict)), judgements }
}

/** Reports need not carry the file list of a whole package. */
function shared(target: Target): Target {
  return target.files.size > 200 ? { ...target, files: new Set([...target.files].slice(0, 200)) } : target
}
