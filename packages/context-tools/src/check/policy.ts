import { CONFIG_PATH, type ContextConfig, matcher, type Waiver } from '../config.ts'
import type { Finding } from './types.ts'

/** A baseline: findings of the day the check was introduced, which do not fail it until they are touched. */
export interface Baseline {
  readonly keys: ReadonlySet<string>
}

/** Reads a baseline file; an unreadable one holds nothing. */
export function parseBaseline(text: string | null): Baseline {
  try {
    const json: unknown = text === null ? null : JSON.parse(text)
    const keys =
      typeof json === 'object' && json !== null && 'findings' in json && Array.isArray(json.findings) ? json.findings : []
    return { keys: new Set(keys.filter((key) => typeof key === 'string')) }
  } catch {
    return { keys: new Set() }
  }
}

/** Prints a baseline of these findings, sorted so that merges stay small. Notes never fail and are left out. */
export function printBaseline(findings: readonly Finding[]): string {
  const keys = [...new Set(findings.filter((one) => one.level !== 'note').map((one) => one.key))].sort()
  return `${JSON.stringify({ version: 1, findings: keys }, null, 2)}\n`
}

/** Splits findings into those that count, those waived and those of the baseline; adds one for each waiver that ran out. */
export function applyPolicy(
  findings: readonly Finding[],
  config: ContextConfig,
  baseline: Baseline,
  today: string,
): {
  active: Finding[]
  waived: { finding: Finding; reason: string }[]
  baselined: Finding[]
} {
  const active: Finding[] = []
  const waived: { finding: Finding; reason: string }[] = []
  const baselined: Finding[] = []
  const expired = new Set<Waiver>()
  for (const one of findings) {
    const waiver = config.waivers.find((each) => applies(each, one))
    if (waiver !== undefined && waiver.expires >= today) {
      waived.push({ finding: one, reason: waiver.reason })
      continue
    }
    if (waiver !== undefined) expired.add(waiver)
    if (baseline.keys.has(one.key)) baselined.push(one)
    else active.push(one)
  }
  for (const waiver of expired) {
    active.push({
      rule: 'waiver-expired',
      level: 'error',
      path: CONFIG_PATH,
      span: null,
      evidence: [],
      message: `the waiver of ${waiver.rule} for ${waiver.path} ran out on ${waiver.expires} (${waiver.reason})`,
      hint: 'repair the finding, or give the waiver a new reason and day',
      key: `waiver-expired|${CONFIG_PATH}|${waiver.rule}|${waiver.path}|${waiver.match}`,
    })
  }
  return { active, waived, baselined }
}

function applies(waiver: Waiver, finding: Finding): boolean {
  if (waiver.rule !== '*' && waiver.rule !== finding.rule) return false
  return (
    (waiver.path === finding.path || matcher([waiver.path])(finding.path)) &&
    `${finding.message} ${finding.key}`.includes(waiver.match)
  )
}
