import { languageOf } from '../graph/facts.ts'
import { VOCABULARY } from '../model/vocabulary.ts'
import { judgeData } from './judge-data.ts'
import { judgeEvents } from './judge-events.ts'
import { judgeImports } from './judge-imports.ts'
import { judgeTypes } from './judge-types.ts'
import { type Case, judgement } from './judgement.ts'
import { linkEvidence, linksBetween } from './links.ts'
import { nearestName } from './nearest.ts'
import type { Judgement, Verdict } from './types.ts'

/** Weighs one claim of a row against the code. */
export async function judge(one: Case): Promise<Judgement> {
  const { target, claim } = one
  switch (target.kind) {
    case 'placeholder':
      return judgement('UNVERIFIABLE', 'the row is a placeholder')
    case 'outside':
      return judgement('CONTRADICTED', `${target.name} leaves the repository`)
    case 'missing':
      return judgement('CONTRADICTED', `${target.name} does not exist`, [], target.alternatives[0] ?? null)
    case 'unknown':
      return judgement('UNVERIFIABLE', `"${target.name}" is neither a path nor a package`)
    default:
      break
  }
  if (claim.kind !== 'imports' && target.files.size > 0 && ![...target.files].some((path) => languageOf(path) !== null)) {
    return judgement('UNVERIFIABLE', `${target.name} is no source file`)
  }
  if (target.files.size > 0 && one.subject.length === 0) return judgement('CONTRADICTED', `${target.name} is this module itself`)
  switch (claim.kind) {
    case 'imports':
      return judgeImports(one)
    case 'inherits':
    case 'implements':
      return judgeTypes(one, claim.kind)
    case 'subscribes':
    case 'publishes':
      return judgeEvents(one, claim.kind)
    case 'provides':
    case 'receives':
      return judgeData(one, claim.kind)
    case 'other':
      return judgeOther(one)
  }
}

async function judgeOther({ graph, subject, aim, claim }: Case): Promise<Judgement> {
  const links = await linksBetween(graph, subject, aim)
  const reason =
    links.length > 0
      ? `"${claim.text}" is not in the vocabulary; the module does import it`
      : `"${claim.text}" is not in the vocabulary`
  return judgement('UNVERIFIABLE', reason, links.map(linkEvidence), nearestName(claim.text, Object.values(VOCABULARY)))
}

/** The worst of several verdicts. */
export function worst(verdicts: readonly Verdict[]): Verdict {
  return verdicts.includes('CONTRADICTED')
    ? 'CONTRADICTED'
    : verdicts.includes('UNVERIFIABLE') || verdicts.length === 0
      ? 'UNVERIFIABLE'
      : 'VERIFIED'
}
