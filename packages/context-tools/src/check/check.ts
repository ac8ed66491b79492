import type { ContextConfig } from '../config.ts'
import { languageOf } from '../graph/facts.ts'
import type { EvidenceGraph } from '../graph/graph.ts'
import { folderOf, isContextPath, stemOf, subjectOf } from '../model/locate.ts'
import type { ContextFile, Row } from '../model/types.ts'
import type { StagedChange } from '../view/tree-view.ts'
import { checkBoxes, type IndexState } from './boxes.ts'
import { checkRows } from './check-rows.ts'
import { findingsOf, missingFindings } from './findings.ts'
import { staleFiles } from './fingerprint.ts'
import { checkFlow } from './flow.ts'
import { omittedEdges } from './omitted.ts'
import { applyPolicy, type Baseline } from './policy.ts'
import { answering, subjectOfContext, uncovered } from './subject.ts'
import { targetOf } from './target.ts'
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
  const within = (path: string) =>
    options.only === undefined ||
    options.only.some((one) => one === '' || path === one || path.startsWith(`${one}/`) || stemOf(one) === stemOf(stemOf(path)))
  const renames = new Map(
    (options.changes ?? []).flatMap((change) => (change.from === null ? [] : [[change.from, change.path] as const])),
  )
  const touched =
    options.changes === undefined
      ? graph.sources
      : options.changes.filter((change) => change.status !== 'D').map((change) => change.path)
  const sources = touched.filter((path) => within(path) && graph.isSource(path))
  const missing = uncovered(graph, sources)
  const contexts: ContextReport[] = []
  const findings: Finding[] = [...missingFindings(missing, config.missing)]
  const owners = options.changes === undefined ? null : ownersOf(graph, options.changes)
  const moved = new Set((options.changes ?? []).flatMap((change) => [change.path, change.from ?? change.path]))
  const affected = (await affectedContexts(graph, options.changes)).filter(within)
  const ahead = graph.load(
    affected
      .filter((path) => owners?.has(path) ?? true)
      .flatMap((path) => subjectOfContext(graph, { path, ...subjectOf(path) }).own),
  )
  ahead.catch(() => {})
  for (const path of affected) {
    const file = await graph.context(path)
    const report =
      owners === null || owners.has(path)
        ? await reportOf(graph, file, renames, options, options.incoming ?? options.changes === undefined)
        : await mentionsOf(graph, file, renames, moved)
    contexts.push(report)
    findings.push(...findingsOf(report, config, report.files.length === 0 && isOrphan(graph, report.file)))
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
export async function reportOf(
  graph: EvidenceGraph,
  file: ContextFile,
  renames: ReadonlyMap<string, string>,
  options: Pick<CheckOptions, 'index'>,
  incoming: boolean,
): Promise<ContextReport> {
  const subject = subjectOfContext(graph, file)
  await Promise.all(subject.own.map((path) => graph.edges(path)))
  const rows = await checkRows(graph, file, subject, renames)
  const silent: ContextConfig['omitted'] = 'off'
  const text = options.index === undefined ? '' : ((await graph.view.read(file.path))?.toString('utf8') ?? '')
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

/** Errors of one CONTEXT.md as it was parsed: what a repair leaves to a person. */
export async function errorsIn(
  graph: EvidenceGraph,
  file: ContextFile,
  options: Pick<CheckOptions, 'baseline' | 'today'>,
): Promise<Finding[]> {
  const report = await reportOf(graph, file, new Map(), {}, false)
  const findings = findingsOf(report, graph.config, report.files.length === 0 && isOrphan(graph, file))
  const { active } = applyPolicy(findings, graph.config, options.baseline ?? { keys: new Set() }, options.today)
  return active.filter((one) => one.level === 'error').sort(order)
}

/** Of a file that only mentions what changed: just the rows that do. */
async function mentionsOf(
  graph: EvidenceGraph,
  file: ContextFile,
  renames: ReadonlyMap<string, string>,
  moved: ReadonlySet<string>,
): Promise<ContextReport> {
  const subject = subjectOfContext(graph, file)
  const concerned = await rowsAbout(graph, file, renames, moved)
  const rows = await checkRows(graph, { ...file, rows: concerned }, subject, renames)
  return { file, files: subject.own, rows, omitted: [], arrows: [], boxes: [], stale: null }
}

async function rowsAbout(
  graph: EvidenceGraph,
  file: ContextFile,
  renames: ReadonlyMap<string, string>,
  moved: ReadonlySet<string>,
): Promise<Row[]> {
  const concerned: Row[] = []
  for (const row of file.rows) {
    const vias = row.claims.flatMap((claim) => (claim.via === null ? [] : [claim.via]))
    for (const written of [row.target, ...vias]) {
      const target = await targetOf(graph, file.path, written, renames)
      if (target.kind !== 'missing' && target.kind !== 'external' && ![...target.files].some((path) => moved.has(path))) continue
      concerned.push(row)
      break
    }
  }
  return concerned
}

/** CONTEXT.md files that changed themselves or answer for a changed file. */
function ownersOf(graph: EvidenceGraph, changes: readonly StagedChange[]): Set<string> {
  const owners = new Set<string>()
  for (const path of changes.flatMap((change) => [change.path, change.from ?? change.path])) {
    owners.add(path)
    const owner = languageOf(path) === null ? null : answering(graph, path)
    if (owner !== null) owners.add(owner)
  }
  return owners
}

/** A `name.CONTEXT.md` without its file, or a folder form in a folder that holds no source at all. */
function isOrphan(graph: EvidenceGraph, file: ContextFile): boolean {
  if (file.form === 'file')
    return ![...graph.view.paths].some((path) => path !== file.path && (path === file.subject || stemOf(path) === file.subject))
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
  const code = paths.filter((path) => languageOf(path) !== null)
  for (const path of code) {
    const owner = answering(graph, path)
    if (owner !== null) affected.add(owner)
  }
  if (code.length === 0) return [...affected].sort()
  const places = new Set<string>(code)
  for (const path of code) {
    places.add(stemOf(path))
    for (let folder = folderOf(path); folder !== ''; folder = folderOf(folder)) places.add(folder)
    const name = await graph.packages.nameAround(path)
    if (name !== null) places.add(name)
  }
  const rest = all.filter((path) => !affected.has(path))
  const mentioned = await Promise.all(rest.map((path) => graph.placesIn(path)))
  for (const [index, path] of rest.entries())
    if (mentioned[index]?.some((place) => places.has(place)) === true) affected.add(path)
  return [...affected].sort()
}

function order(a: Finding, b: Finding): number {
  const rank = { error: 0, warning: 1, note: 2 }
  return a.path === b.path
    ? rank[a.level] - rank[b.level] || (a.span?.start ?? 0) - (b.span?.start ?? 0)
    : a.path < b.path
      ? -1
      : 1
}
