import { affectedContexts, checkContexts } from '../check/check.ts'
import type { Verdict } from '../check/types.ts'
import type { EvidenceGraph } from '../graph/graph.ts'
import type { StagedChange } from '../view/tree-view.ts'

/** A row whose verdict a change alters. */
export interface BrokenRow {
  readonly path: string
  readonly line: number
  readonly target: string
  readonly relation: string
  readonly before: Verdict | null
  readonly after: Verdict | null
  readonly reason: string
}

/** What a change does to the documentation around it. */
export interface Impact {
  readonly rows: readonly BrokenRow[]
  /** Edges that appear undocumented: `path` is the CONTEXT.md. */
  readonly omitted: readonly { readonly path: string; readonly target: string }[]
  /** Folders that would have no CONTEXT.md. */
  readonly missing: readonly string[]
  /** CONTEXT.md files that had to be looked at. */
  readonly looked: readonly string[]
}

/**
 * Which rows a change breaks, said before it is committed: every affected CONTEXT.md is judged on both sides.
 *
 * @param before graph of what is, usually `HEAD`
 * @param after graph of what would be: work tree or index
 */
export async function impactOf(
  before: EvidenceGraph,
  after: EvidenceGraph,
  changes: readonly StagedChange[],
  today: string,
): Promise<Impact> {
  const looked = [...new Set([...(await affectedContexts(before, changes)), ...(await affectedContexts(after, changes))])].sort()
  const [old, now] = await Promise.all([judged(before, looked, today), judged(after, looked, today)])
  const rows: BrokenRow[] = []
  for (const [key, row] of now.rows) {
    const was = old.rows.get(key)
    if (row.verdict === 'VERIFIED' || was?.verdict === row.verdict) continue
    rows.push({
      path: row.path,
      line: row.line,
      target: row.target,
      relation: row.relation,
      before: was?.verdict ?? null,
      after: row.verdict,
      reason: row.reason,
    })
  }
  const key = (one: { path: string; target: string }) => `${one.path}\0${one.target}`
  const known = new Set(old.omitted.map(key))
  const missing = changes.some((change) => change.status !== 'D')
    ? (await checkContexts(after, { changes, today })).findings
        .filter((one) => one.rule === 'missing-context')
        .map((one) => one.path)
    : []
  return { rows, omitted: now.omitted.filter((one) => !known.has(key(one))), missing, looked }
}

interface JudgedRow {
  readonly path: string
  readonly line: number
  readonly target: string
  readonly relation: string
  readonly verdict: Verdict
  readonly reason: string
}

async function judged(
  graph: EvidenceGraph,
  paths: readonly string[],
  today: string,
): Promise<{ rows: Map<string, JudgedRow>; omitted: { path: string; target: string }[] }> {
  const rows = new Map<string, JudgedRow>()
  const omitted: { path: string; target: string }[] = []
  const held = paths.filter((path) => graph.view.paths.has(path))
  const report = held.length === 0 ? null : await checkContexts(graph, { only: held, today, incoming: false })
  for (const one of report?.contexts ?? []) {
    if (!held.includes(one.file.path)) continue
    for (const { row, verdict, judgements } of one.rows) {
      const reason = judgements
        .filter(({ judgement }) => judgement.verdict === verdict)
        .map(({ judgement }) => judgement.reason)
        .join('; ')
      rows.set(`${one.file.path}\0${row.target}\0${row.relation}`, {
        path: one.file.path,
        line: row.span.line,
        target: row.target,
        relation: row.relation,
        verdict,
        reason,
      })
    }
    omitted.push(...one.omitted.map((edge) => ({ path: one.file.path, target: edge.path })))
  }
  return { rows, omitted }
}

/** Impact for a terminal. */
export function printImpact(impact: Impact): string {
  const lines = impact.rows.map(
    (row) =>
      `breaks  ${row.path}:${row.line}  \`${row.target}\` ${row.relation}: ${row.before ?? 'new'} -> ${row.after} (${row.reason})`,
  )
  for (const one of impact.omitted) lines.push(`adds    ${one.path}  imports ${one.target}, and no row says so`)
  for (const path of impact.missing) lines.push(`missing ${path}`)
  lines.push(
    `${impact.rows.length} rows break, ${impact.omitted.length} edges go unmentioned, ${impact.missing.length} files are missing (${impact.looked.length} CONTEXT.md looked at)`,
  )
  return `${lines.join('\n')}\n`
}
