import type { CheckReport } from '../check/types.ts'

/** Report as GitHub workflow commands: annotations on the lines of a pull request. */
export function printGitHub(report: CheckReport): string {
  const kinds = { error: 'error', warning: 'warning', note: 'notice' } as const
  const lines = report.findings.map((finding) => {
    const place =
      finding.span === null
        ? `file=${property(finding.path)}`
        : `file=${property(finding.path)},line=${finding.span.line},col=${finding.span.column}`
    const message = finding.hint === null ? finding.message : `${finding.message} (${finding.hint})`
    return `::${kinds[finding.level]} ${place},title=${property(`CONTEXT.md ${finding.rule}`)}::${data(message)}`
  })
  return lines.length === 0 ? '' : `${lines.join('\n')}\n`
}

function data(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A')
}

function property(text: string): string {
  return data(text).replaceAll(':', '%3A').replaceAll(',', '%2C')
}
