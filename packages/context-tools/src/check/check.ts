import type { ContextConfig } from '../config.ts'
import type { EvidenceGraph } from '../graph/graph.ts'
import { languageOf } from '../graph/facts.ts'
import { baseOf, isContextPath, stemOf } from '../model/locate.ts'
import { parseContextFile } from '../model/parse.ts'
import type { ContextFile } from '../model/types.ts'
import type { StagedChange } from '../view/tree-view.ts'
import { checkBoxes, type IndexState } from './boxes.ts'
import { checkFlow } from './flow.ts'
import { checkRows } from './check-rows.ts'
import { findingsOf, missingFindings } from './findings.ts'
import { staleFiles } from './fingerprint.ts'
import { omittedEdges } from './omitted.ts'
import { applyPolicy, type Baseline } from './policy.ts'
import { answering, subjectOfContext, uncovered } from './subject.ts'
import type { CheckReport, ContextReport, Finding } from './types.ts'

/** What to check, and against what else than the code. */
export interface CheckOptions {
  /** Only what these changes can have made false; without it everything is checked. */
  readonly changes?: readonly StagedChange[]
  /** Only CONTEXT.md files and sources at or below these paths. */
  readonly only?: readonly string[]
  readonly baseline?: Baseline
  /** State of the vector index, for the box "Indexed"; unknown when absent. */
  readonly index?: IndexState
  /** Day waivers are compared with, `YYYY-MM-DD`, UTC. */
  readonly today: string
  /** Also report who imports a module without a row saying so. Default: only when everything is checked. */
  readonly incoming?: boolean
}

/** Checks CONTEXT.md files against the code of one view. Never throws for what an author wrote. */
export async function checkContexts(graph: EvidenceGraph, options: CheckOptions): Promise<CheckReport> {
  const { config } = graph
  const within = (path: string) => options.only === undefined || options.only.some((one) => one === '' || path === one || path.startsWith(`${one}/`) || stemOf(one) === stemOf(stemOf(path)))
  const renames = new Map((options.changes ?? []).flatMap((change) => (change.from === null ? [] : [[change.from, change.path] as const])))
  const touched = options.changes === undefined ? graph.sources : options.changes.filter((change) => change.status !== 'D').map((change) => change.path)
  const sources = touched.filter((path) => within(path) && languageOf(path) !== null && graph.sources.includes(path))
  const missing = uncovered(graph, sources)
  const contexts: ContextReport[] = []
  const findings: Finding[] = [...missingFindings(missing, config.missing)]
  const affected = (await affectedContexts(graph, options.changes)).filter(within)
  for (const path of affected) {
    const text = (await graph.view.read(path))?.toString('utf8') ?? ''
    const report = await reportOf(graph, parseContextFile(path, text), text, renames, options, options.incoming ?? options.changes === undefined)
    contexts.push(report)
    findings.push(...findingsOf(report, config, isOrphan(graph, report.file)))
  }
  const { active, waived, baselined } = applyPolicy(findings, config, options.baseline ?? { keys: new Set() }, options.today)
  const rows = contexts.flatMap((report) => report.rows)
  const count = (verdict: string) => rows.filter((row) => row.verdict === verdict).length
  return {
    ok: !active.some((one) => one.level === 'error'),
    findings: active.sort(order),
    contexts,
    waived,
    baselined,
    totals: {
      contexts: contexts.length,
      rows: rows.length,
      verified: count('VERIFIED'),
      contradicted: count('CONTRADICTED'),
      unverifiable: count('UNVERIFIABLE'),
      omitted: contexts.reduce((sum, report) => sum + report.omitted.filter((edge) => edge.direction === 'out').length, 0),
      missing: missing.size,
      sources: sources.length,
    },
    skipped: [...graph.skipped].sort(),
  }
}

/** Everything known about one CONTEXT.md. */
export async function reportOf(graph: EvidenceGraph, file: ContextFile, text: string, renames: ReadonlyMap<string, string>, options: Pick<CheckOptions, 'index'>, incoming: boolean): Promise<ContextReport> {
  const subject = subjectOfContext(graph, file)
  const rows = await checkRows(graph, file, subject, renames)
  const silent: ContextConfig['omitted'] = 'off'
  return {
    file,
    files: subject.own,
    rows,
    omitted: graph.config.omitted === silent ? [] : await omittedEdges(graph, file, subject, incoming),
    arrows: await checkFlow(graph, file, subject, rows),
    boxes: await checkBoxes(graph, file, text, subject, rows, options.index ?? null),
    stale: await staleFiles(graph, file, subject),
  }
}

/** A `name.CONTEXT.md` without its file, or a folder form in a folder that holds no source at all. */
function isOrphan(graph: EvidenceGraph, file: ContextFile): boolean {
  if (file.form === 'file') return ![...graph.view.paths].some((path) => path !== file.path && (path === file.subject || stemOf(path) === file.subject))
  const inside = file.subject === '' ? '' : `${file.subject}/`
  return ![...graph.view.paths].some((path) => path.startsWith(inside) && !isContextPath(path))
}

/**
 * CONTEXT.md files that a set of changes may have made false: the changed ones, those that answer for a changed
 * file, and those that mention one by name. All of them when no changes are given.
 */
export async function affectedContexts(graph: EvidenceGraph, changes: readonly StagedChange[] | undefined): Promise<string[]> {
  const all = graph.contexts
  if (changes === undefined) return [...all]
  const paths = changes.flatMap((change) => [change.path, ...(change.from === null ? [] : [change.from])])
  const affected = new Set(paths.filter((path) => all.includes(path)))
  const names = new Set<string>()
  for (const path of paths) {
    if (languageOf(path) === null) continue
    const owner = answering(graph, path)
    if (owner !== null) affected.add(owner)
    names.add(baseOf(path)).add(baseOf(stemOf(path)))
    if (/^(index|__init__)\./.test(baseOf(path))) names.add(baseOf(path.slice(0, path.lastIndexOf('/'))))
  }
  if (names.size === 0) return [...affected].sort()
  const rest = all.filter((path) => !affected.has(path))
  const contents = await Promise.all(rest.map((path) => graph.view.read(path)))
  for (const [index, content] of contents.entries()) {
    const text = content?.toString('utf8') ?? ''
    if ([...names].some((name) => name !== '' && text.includes(name))) affected.add(rest[index] as string)
  }
  return [...affected].sort()
}

function order(a: Finding, b: Finding): number {
  const rank = { error: 0, warning: 1, note: 2 }
  return a.path === b.path ? rank[a.level] - rank[b.level] || (a.span?.start ?? 0) - (b.span?.start ?? 0) : a.path < b.path ? -1 : 1
}
