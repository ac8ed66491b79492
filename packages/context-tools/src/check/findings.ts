import type { ContextConfig, Level } from '../config.ts'
import { folderOf, relativePath } from '../model/locate.ts'
import type { Span } from '../model/types.ts'
import { VOCABULARY } from '../model/vocabulary.ts'
import type { ContextReport, Evidence, Finding, RowVerdict, Rule } from './types.ts'

interface Draft {
  readonly rule: Rule
  readonly level: Level | 'off'
  readonly span: Span | null
  readonly message: string
  readonly hint?: string | null
  readonly evidence?: readonly Evidence[]
  /** What tells this finding from others of its rule in the file. */
  readonly detail: string
}

function finding(path: string, draft: Draft): Finding[] {
  const { level, detail } = draft
  if (level === 'off') return []
  return [
    {
      rule: draft.rule,
      level,
      path,
      span: draft.span,
      message: draft.message,
      hint: draft.hint ?? null,
      evidence: draft.evidence ?? [],
      key: `${draft.rule}|${path}|${detail}`,
    },
  ]
}

/** Turns what is known of a CONTEXT.md into things to tell. */
export function findingsOf(report: ContextReport, config: ContextConfig, orphan: boolean): Finding[] {
  const { path } = report.file
  const found: Finding[] = []
  const tell = (draft: Draft) => found.push(...finding(path, draft))
  if (orphan)
    tell({
      rule: 'orphan-context',
      level: 'error',
      span: null,
      message: `there is no source file for ${report.file.subject || 'this folder'}`,
      hint: 'delete it or move it next to the file it describes',
      detail: '',
    })
  for (const problem of report.file.problems) {
    const rule = problem.code === 'oversize' ? 'oversize' : problem.code === 'table-shape' ? 'table-shape' : 'section'
    const level = rule === 'section' ? (problem.code === 'section-missing' ? 'warning' : 'note') : 'error'
    tell({ rule, level, span: problem.span, message: problem.message, detail: problem.message })
  }
  for (const row of report.rows) found.push(...rowFindings(path, row, config))
  for (const edge of report.omitted) {
    const other = relativePath(folderOf(path), edge.path)
    const names = edge.names.length > 0 ? ` (${edge.names.slice(0, 4).join(', ')}${edge.names.length > 4 ? ', …' : ''})` : ''
    const message =
      edge.direction === 'out'
        ? `imports ${edge.path}${names}, and no row says so`
        : `${edge.path} imports this module${names}, and no row says so`
    const level = edge.direction === 'out' ? config.omitted : config.omitted === 'off' ? 'off' : 'note'
    tell({
      rule: edge.direction === 'out' ? 'omitted-edge' : 'omitted-importer',
      level,
      span: report.file.table?.end ?? null,
      message,
      hint: `weight ${edge.weight}; add a row for \`${other}\` or run with --fix`,
      evidence: edge.evidence,
      detail: edge.path,
    })
  }
  for (const { arrow, verdict, reason } of report.arrows) {
    if (verdict !== 'CONTRADICTED') continue
    const text = `${arrow.from ?? 'this module'} → ${arrow.to ?? 'this module'}`
    const level = arrow.from === null || arrow.to === null || reason.endsWith('does not exist') ? 'error' : 'warning'
    tell({ rule: 'flow-contradicted', level, span: arrow.span, message: `data flow "${text}": ${reason}`, detail: text })
  }
  for (const { box, computed, reason } of report.boxes) {
    if (box.checked && computed === false)
      tell({
        rule: 'status-false',
        level: 'error',
        span: box.mark,
        message: `"${box.label}" is ticked, but ${reason}`,
        detail: box.label,
      })
    if (!box.checked && computed === true)
      tell({
        rule: 'status-behind',
        level: 'note',
        span: box.mark,
        message: `"${box.label}" could be ticked: ${reason}`,
        detail: box.label,
      })
  }
  if (report.stale !== null && report.stale.length > 0) {
    tell({
      rule: 'stale',
      level: config.stale,
      span: report.file.reviewed?.span ?? null,
      message: `signatures changed since the last review: ${report.stale.slice(0, 5).join('; ')}`,
      hint: 'read the file again, then run "vectra context review"',
      detail: 'reviewed',
    })
  }
  if (/\bTODO\b/.test(report.file.purpose ?? ''))
    tell({
      rule: 'placeholder',
      level: 'warning',
      span: report.file.sections.find((one) => one.kind === 'purpose')?.heading ?? null,
      message: 'Purpose is still a TODO',
      detail: 'purpose',
    })
  return found
}

function rowFindings(path: string, { row, target, judgements }: RowVerdict, config: ContextConfig): Finding[] {
  const found: Finding[] = []
  if (target.kind === 'missing') {
    const hint =
      target.alternatives.length > 0
        ? `did you mean ${target.alternatives.map((one) => `\`${relativePath(folderOf(path), one)}\``).join(' or ')}?`
        : null
    return finding(path, {
      rule: 'dead-path',
      level: 'error',
      span: row.targetSpan,
      message: `\`${row.target}\` does not exist`,
      hint,
      detail: row.target,
    })
  }
  if (target.kind === 'outside')
    return finding(path, {
      rule: 'outside',
      level: 'error',
      span: row.targetSpan,
      message: `\`${row.target}\` leaves the repository`,
      detail: row.target,
    })
  if (target.kind === 'placeholder')
    return finding(path, {
      rule: 'placeholder',
      level: 'warning',
      span: row.span,
      message: 'the row is a placeholder',
      hint: 'run "vectra context stub" or delete the row',
      detail: row.relation,
    })
  for (const { claim, judgement } of judgements) {
    const detail = `${row.target}|${claim.text}`
    const message = `\`${row.target}\` ${claim.text}: ${judgement.reason}`
    const hint =
      judgement.suggestion === null || judgement.suggestion.startsWith('name the ')
        ? judgement.suggestion
        : `did you mean ${judgement.suggestion}?`
    if (judgement.verdict === 'CONTRADICTED')
      found.push(
        ...finding(path, {
          rule: 'contradicted',
          level: 'error',
          span: row.relationSpan,
          message,
          hint,
          evidence: judgement.evidence,
          detail,
        }),
      )
    if (judgement.verdict === 'UNVERIFIABLE')
      found.push(
        ...finding(path, {
          rule: 'unverifiable',
          level: config.strict ? 'error' : 'note',
          span: row.relationSpan,
          message,
          hint,
          evidence: judgement.evidence,
          detail,
        }),
      )
    if (claim.dialect && claim.kind !== 'other') {
      found.push(
        ...finding(path, {
          rule: 'vocabulary',
          level: 'note',
          span: row.relationSpan,
          message: `"${claim.text}" is read as "${VOCABULARY[claim.kind]}"`,
          detail,
        }),
      )
    }
  }
  return found
}

/** Findings for folders whose files nobody describes: one per folder. */
export function missingFindings(missing: ReadonlyMap<string, readonly string[]>, level: Level | 'off'): Finding[] {
  return [...missing]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([folder, files]) => {
      const path = folder === '' ? 'CONTEXT.md' : `${folder}/CONTEXT.md`
      const evidence = files.slice(0, 5).map((one) => ({ path: one, line: 1, says: 'has no CONTEXT.md beside it' }))
      return finding(path, {
        rule: 'missing-context',
        level,
        span: null,
        message: `is missing: ${files.length} source file${files.length > 1 ? 's' : ''} here (${files
          .slice(0, 3)
          .map((one) => one.slice(one.lastIndexOf('/') + 1))
          .join(', ')}${files.length > 3 ? ', …' : ''})`,
        hint: `run "vectra context stub ${folder || '.'}"`,
        evidence,
        detail: '',
      })
    })
}
