import type { CheckReport, Finding, Rule } from '../check/types.ts'

const RULES: Readonly<Record<Rule, string>> = {
  'missing-context': 'A folder with source files has no CONTEXT.md',
  'orphan-context': 'A CONTEXT.md describes a file that does not exist',
  'dead-path': 'A row points at a path that does not exist',
  outside: 'A row points outside of the repository',
  contradicted: 'The code contradicts a relationship',
  unverifiable: 'The code cannot tell whether a relationship holds',
  vocabulary: 'A relationship is worded differently from the template',
  'omitted-edge': 'An import is not mentioned',
  'omitted-importer': 'An importer is not mentioned',
  'flow-contradicted': 'A data flow arrow has no edge in the code',
  'status-false': 'A ticked box is not true',
  'status-behind': 'A box could be ticked',
  stale: 'Exported signatures changed since the last review',
  placeholder: 'A placeholder was never filled in',
  section: 'The sections differ from the template',
  'table-shape': 'The relationship table cannot be read',
  oversize: 'The file is too large to read',
  'waiver-expired': 'A waiver ran out',
}

/** Report as SARIF 2.1.0, for code scanning. Fingerprints do not depend on lines. */
export function printSarif(report: CheckReport, version: string): string {
  const ids = Object.keys(RULES) as Rule[]
  const log = {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: {
          driver: {
            name: 'vectra-context',
            version,
            informationUri: 'https://github.com/vectra-player/vectra',
            rules: ids.map((id) => ({ id, shortDescription: { text: RULES[id] } })),
          },
        },
        columnKind: 'utf16CodeUnits',
        results: [
          ...report.findings.map((finding) => result(finding, ids)),
          ...report.waived.map(({ finding, reason }) => ({
            ...result(finding, ids),
            suppressions: [{ kind: 'external', justification: reason }],
          })),
          ...report.baselined.map((finding) => ({
            ...result(finding, ids),
            baselineState: 'unchanged',
            suppressions: [{ kind: 'external', justification: 'baseline' }],
          })),
        ],
      },
    ],
  }
  return `${JSON.stringify(log, null, 2)}\n`
}

function result(finding: Finding, ids: readonly Rule[]): object {
  const uri = (path: string) => path.split('/').map(encodeURIComponent).join('/')
  return {
    ruleId: finding.rule,
    ruleIndex: ids.indexOf(finding.rule),
    level: finding.level,
    message: { text: finding.hint === null ? finding.message : `${finding.message} (${finding.hint})` },
    locations: [
      {
        physicalLocation: {
          artifactLocation: { uri: uri(finding.path), uriBaseId: '%SRCROOT%' },
          ...(finding.span === null ? {} : { region: { startLine: finding.span.line, startColumn: finding.span.column } }),
        },
      },
    ],
    relatedLocations: finding.evidence.map((evidence) => ({
      message: { text: evidence.says },
      physicalLocation: {
        artifactLocation: { uri: uri(evidence.path), uriBaseId: '%SRCROOT%' },
        region: { startLine: evidence.line },
      },
    })),
    partialFingerprints: { 'vectraContext/v1': finding.key },
  }
}
