import type { CheckReport, ContextReport } from '../check/types.ts'

/** Report as one JSON object with stable keys; the version rises when a key changes its meaning. */
export function printJson(report: CheckReport): string {
  const { ok, totals, findings, waived, baselined, skipped } = report
  const contexts = report.contexts.map(contextJson)
  return `${JSON.stringify({ version: 1, ok, totals, findings, waived, baselined: baselined.map((one) => one.key), contexts, skipped }, null, 2)}\n`
}

/** One CONTEXT.md with verdicts, as plain JSON. */
export function contextJson(report: ContextReport): object {
  return {
    path: report.file.path,
    subject: report.file.subject,
    form: report.file.form,
    files: report.files,
    rows: report.rows.map(({ row, target, verdict, judgements }) => ({
      target: row.target,
      resolved: target.name,
      kind: target.kind,
      relation: row.relation,
      line: row.span.line,
      verdict,
      claims: judgements.map(({ claim, judgement }) => ({
        kind: claim.kind,
        names: claim.names,
        events: claim.events,
        verdict: judgement.verdict,
        reason: judgement.reason,
        evidence: judgement.evidence,
      })),
    })),
    omitted: report.omitted.map(({ direction, path, names, weight, typeOnly, evidence }) => ({
      direction,
      path,
      names,
      weight,
      typeOnly,
      evidence,
    })),
    flow: report.arrows.map(({ arrow, verdict, reason }) => ({
      from: arrow.from,
      to: arrow.to,
      line: arrow.span.line,
      verdict,
      reason,
    })),
    status: report.boxes.map(({ box, computed, reason }) => ({ label: box.label, checked: box.checked, computed, reason })),
    stale: report.stale,
  }
}
