import { contextHash } from '../check/boxes.ts'
import type { CheckReport, ContextReport, Verdict } from '../check/types.ts'
import type { EvidenceGraph } from '../graph/graph.ts'
import type { SectionKind } from '../model/types.ts'
import { isSecretPath, safeText } from './safety.ts'

/** One row for the `code_context` table: a section or a relationship, with the verdict it stands under. */
export interface ContextRecord {
  /** Stable: same section or row, same id, wherever it moves inside the file. */
  readonly id: string
  readonly path: string
  readonly subject: string
  readonly kind: SectionKind | 'relationship'
  readonly heading: string
  readonly text: string
  /** `null` for prose, which nothing can verify. */
  readonly verdict: Verdict | null
  readonly reason: string | null
  readonly line: number
  /** SHA-256 of the whole CONTEXT.md: what the box "Indexed" is compared with. */
  readonly content_hash: string
}

/** Rows for the vector index. Credentials are redacted, secret files never read. */
export async function contextRecords(graph: EvidenceGraph, report: CheckReport): Promise<ContextRecord[]> {
  const records: ContextRecord[] = []
  for (const one of report.contexts) {
    if (isSecretPath(one.file.path)) continue
    const text = (await graph.view.read(one.file.path))?.toString('utf8') ?? ''
    records.push(...recordsOf(one, text))
  }
  return records
}

function recordsOf(report: ContextReport, text: string): ContextRecord[] {
  const { file } = report
  const base = { path: file.path, subject: file.subject, content_hash: contextHash(text) }
  const seen = new Map<string, number>()
  const id = (key: string): string => {
    const count = seen.get(key) ?? 0
    seen.set(key, count + 1)
    return contextHash(`${file.path}\0${key}\0${count}`).slice(0, 24)
  }
  const sections = file.sections
    .filter((section) => section.kind !== 'related')
    .map((section) => {
      const body = safeText(text.slice(section.body.start, section.body.end)).trim()
      return {
        ...base,
        id: id(`section ${section.title}`),
        kind: section.kind,
        heading: section.title,
        text: body,
        verdict: null,
        reason: null,
        line: section.heading.line,
      }
    })
    .filter((record) => record.text !== '')
  const rows = report.rows.map(({ row, verdict, judgements }) => ({
    ...base,
    id: id(`row ${row.target} ${row.relation}`),
    kind: 'relationship' as const,
    heading: 'Related Scripts',
    text: safeText(`${file.subject || '.'} ${row.relation} ${row.target}`),
    verdict,
    reason: safeText(judgements.map(({ judgement }) => judgement.reason).join('; ')),
    line: row.span.line,
  }))
  return [...sections, ...rows]
}
