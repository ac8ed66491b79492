import type { CheckReport, Finding } from '../check/types.ts'

/** How much the text report says. */
export interface TextOptions {
  /** Notes too, and every omitted edge; otherwise three per file. Default false. */
  readonly verbose?: boolean
}

const MARKS = { error: 'error', warning: 'warn ', note: 'note ' } as const

/** Report for a terminal: one finding per line, `path:line:column`, then the sum. */
export function printText(report: CheckReport, options: TextOptions = {}): string {
  const lines: string[] = []
  const omittedShown = new Map<string, number>()
  let hidden = 0
  for (const finding of report.findings) {
    const shown = omittedShown.get(finding.path) ?? 0
    const quiet = finding.level === 'note' || (finding.rule === 'omitted-edge' && finding.level !== 'error' && shown >= 3)
    if (quiet && options.verbose !== true) {
      hidden++
      continue
    }
    if (finding.rule === 'omitted-edge') omittedShown.set(finding.path, shown + 1)
    lines.push(findingLine(finding))
    for (const evidence of finding.evidence.slice(0, options.verbose === true ? 5 : 2))
      lines.push(`        ${clean(evidence.path)}:${evidence.line}  ${clean(evidence.says)}`)
  }
  const { totals } = report
  lines.push(
    `${report.ok ? 'ok' : 'FAILED'}: ${totals.contexts} CONTEXT.md, ${totals.rows} rows: ${totals.verified} verified, ${totals.contradicted} contradicted, ${totals.unverifiable} unverifiable` +
      `; ${totals.omitted} edges omitted, ${totals.missing} folders without a file` +
      (report.waived.length > 0 ? `; ${report.waived.length} waived` : '') +
      (report.baselined.length > 0 ? `; ${report.baselined.length} in the baseline` : '') +
      (report.skipped.length > 0 ? `; ${tooLarge(report.skipped)}` : '') +
      (hidden > 0 ? `; ${hidden} notes not shown (--verbose)` : ''),
  )
  return `${lines.join('\n')}\n`
}

function tooLarge(skipped: readonly string[]): string {
  const named = skipped.slice(0, 3).map(clean).join(', ')
  return `${skipped.length} file${skipped.length === 1 ? '' : 's'} too large or binary to read: ${named}${skipped.length > 3 ? ', …' : ''}`
}

/** One finding on one line, with its place. */
export function findingLine(finding: Finding, mark: string = MARKS[finding.level]): string {
  const place = finding.span === null ? finding.path : `${finding.path}:${finding.span.line}:${finding.span.column}`
  return `${mark}  ${clean(place)}  ${clean(finding.message)}${finding.hint === null ? '' : ` (${clean(finding.hint)})`} [${finding.rule}]`
}

/** Text from files is data: control characters never reach the terminal. */
export function clean(text: string): string {
  return text.replace(/[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u202a-\u202e\u2066-\u2069]/g, '�')
}
