import type { EvidenceGraph } from '../graph/graph.ts'
import type { Claim, ContextFile, Row } from '../model/types.ts'
import { judge, worst } from './judge.ts'
import { judgement } from './judgement.ts'
import type { Subject } from './subject.ts'
import { targetOf } from './target.ts'
import type { Judgement, RowVerdict, Target } from './types.ts'

/** Judges every row of a CONTEXT.md. */
export async function checkRows(
  graph: EvidenceGraph,
  context: ContextFile,
  subject: Subject,
  renames: ReadonlyMap<string, string>,
): Promise<RowVerdict[]> {
  const verdicts: RowVerdict[] = []
  for (const row of context.rows) verdicts.push(await checkRow(graph, context, subject, row, renames))
  return verdicts
}

async function checkRow(
  graph: EvidenceGraph,
  context: ContextFile,
  subject: Subject,
  row: Row,
  renames: ReadonlyMap<string, string>,
): Promise<RowVerdict> {
  const target = await targetOfRow(graph, context, subject, row.target, renames)
  const aim = { files: target.files, external: target.kind === 'external' ? target.name : null }
  const rest = subject.all.filter((path) => !target.files.has(path))
  const inside = subject.all.length > 1 && subject.all.some((path) => target.files.has(path))
  const judgements = []
  for (const claim of row.claims) {
    const via = claim.via === null ? null : await targetOf(graph, context.path, claim.via, renames)
    if (target.files.size > 0 && (claim.objects.length > 0 || claim.prose)) {
      judgements.push({ claim, judgement: await judgeStated(graph, context, target, claim, renames) })
      continue
    }
    const bases = claim.kind === 'inherits' || claim.kind === 'implements'
    const one = {
      graph,
      subject: inside && (bases || rest.length === 0) ? subject.all : rest,
      aim,
      target,
      claim,
      via: via === null ? null : [...via.files],
      depth: 'full' as const,
    }
    const near =
      claim.kind === 'imports' || claim.kind === 'provides' || claim.kind === 'receives'
        ? await judge({ ...one, depth: 'direct' })
        : null
    judgements.push({ claim, judgement: near?.verdict === 'VERIFIED' ? near : await judge(one) })
  }
  if (judgements.length === 0) {
    const claim = {
      kind: 'other',
      names: [],
      events: [],
      objects: [],
      prose: false,
      via: null,
      text: '',
      dialect: false,
    } as const
    judgements.push({ claim, judgement: judgement('UNVERIFIABLE', 'the row states no relationship') })
  }
  return { row, target: shared(target), verdict: worst(judgements.map((each) => each.judgement.verdict)), judgements }
}

/** A row that names its other side itself speaks of the Script, not of the module. */
async function judgeStated(
  graph: EvidenceGraph,
  context: ContextFile,
  script: Target,
  claim: Claim,
  renames: ReadonlyMap<string, string>,
): Promise<Judgement> {
  if (claim.prose) return judgement('UNVERIFIABLE', 'the other side is no file')
  const found: Judgement[] = []
  for (const written of claim.objects) {
    const near = await targetOf(graph, script.name.endsWith('/') ? `${script.name}CONTEXT.md` : script.name, written, renames)
    const target = near.files.size > 0 ? near : await targetOf(graph, context.path, written, renames)
    const subject = [...script.files].filter((path) => graph.isSource(path) && !target.files.has(path))
    if (target.files.size > 0 && subject.length === 0) found.push(judgement('UNVERIFIABLE', `${script.name} is no source file`))
    else
      found.push(
        await judge({ graph, subject, aim: { files: target.files, external: null }, target, claim, via: null, depth: 'full' }),
      )
  }
  const verdict = worst(found.map((one) => one.verdict))
  return found.find((one) => one.verdict === verdict) ?? judgement('UNVERIFIABLE', 'the other side is no file')
}

/** A name that some file here imports as a package is that package, even when it looks like a file (`decimal.js`). */
async function targetOfRow(
  graph: EvidenceGraph,
  context: ContextFile,
  subject: Subject,
  written: string,
  renames: ReadonlyMap<string, string>,
): Promise<Target> {
  const target = await targetOf(graph, context.path, written, renames)
  if ((target.kind !== 'missing' && target.kind !== 'unknown') || /^[./]/.test(written)) return target
  for (const path of subject.all) {
    const edge = (await graph.edges(path)).find(
      (one) => one.to === null && (one.specifier === written || one.external === written),
    )
    if (edge !== undefined) return { kind: 'external', files: new Set(), name: written, alternatives: [], sure: false }
  }
  return target
}

/** Reports need not carry the file list of a whole package. */
function shared(target: Target): Target {
  return target.files.size > 200 ? { ...target, files: new Set([...target.files].slice(0, 200)) } : target
}
