import { checkBoxes } from '../check/boxes.ts'
import { checkRows } from '../check/check-rows.ts'
import { omittedEdges } from '../check/omitted.ts'
import { subjectOfContext } from '../check/subject.ts'
import type { OmittedEdge } from '../check/types.ts'
import type { EvidenceGraph } from '../graph/graph.ts'
import { baseOf, folderOf, stemOf, subjectOf } from '../model/locate.ts'
import { parseContextFile } from '../model/parse.ts'
import { SECTION_TITLES } from '../model/sections.ts'
import { SourceText } from '../model/source-text.ts'
import type { SectionKind } from '../model/types.ts'
import { purposeOf } from './purpose.ts'
import { printRows, rowsOf } from './rows.ts'

/** Importers listed in a stub at most; the check reports the rest. */
const MOST_IMPORTERS = 8

/**
 * Writes what the code already says: purpose candidate, one row per edge, the flow, computed boxes.
 * An existing file keeps every character and only gains the sections it lacks, so a second stub changes nothing.
 *
 * @param existing text of the file when there is one
 */
export async function stubContext(graph: EvidenceGraph, path: string, existing: string | null = null): Promise<string> {
  const eol = existing === null ? '\n' : new SourceText(existing).eol
  const sections = await sectionsOf(graph, path, eol)
  if (existing === null || existing.trim() === '') {
    const title = `# ${nameOf(path)} Context`
    const body = [...sections].map(([kind, text]) => `## ${SECTION_TITLES[kind]}${eol}${eol}${text}`).join(eol + eol)
    return settleBoxes(graph, path, `${title}${eol}${eol}${body}${eol}`)
  }
  const present = new Set(parseContextFile(path, existing).sections.map((one) => one.kind))
  const lacking = [...sections].filter(([kind]) => !present.has(kind))
  if (lacking.length === 0) return existing
  const added = lacking.map(([kind, text]) => `## ${SECTION_TITLES[kind]}${eol}${eol}${text}`).join(eol + eol)
  const whole = `${existing.trimEnd()}${eol}${eol}${added}${eol}`
  // Behind a code fence or comment that nothing closes they would be no sections, and be added again by the next stub.
  const found = new Set(parseContextFile(path, whole).sections.map((one) => one.kind))
  return lacking.every(([kind]) => found.has(kind)) ? settleBoxes(graph, path, whole) : existing
}

function nameOf(path: string): string {
  const { form, subject } = subjectOf(path)
  return form === 'file'
    ? baseOf(subject)
    : subject === ''
      ? 'repository'
      : baseOf(subject) === 'src'
        ? baseOf(folderOf(subject)) || 'src'
        : baseOf(subject)
}

async function sectionsOf(graph: EvidenceGraph, path: string, eol: string): Promise<Map<Exclude<SectionKind, 'other'>, string>> {
  const blank = parseContextFile(path, '')
  const subject = subjectOfContext(graph, blank)
  const edges = await omittedEdges(graph, blank, subject, true)
  const out = edges.filter((edge) => edge.direction === 'out')
  const back = edges.filter((edge) => edge.direction === 'in').slice(0, MOST_IMPORTERS)
  const rows = [...rowsOf(path, out), ...rowsOf(path, back)]
  const table = [
    '| Script | Relationship |',
    '|--------|--------------|',
    ...(rows.length > 0 ? [printRows(rows, 2, eol)] : []),
  ].join(eol)
  const reasons = new Map<string, string>()
  for (const file of subject.own.slice(0, 12)) {
    for (const reason of (await graph.facts(file))?.reasons ?? []) if (!reasons.has(reason)) reasons.set(reason, baseOf(file))
  }
  const docs = [...reasons].map(([reason, file]) => `- ${reason} (\`${file}\`)`)
  return new Map([
    ['purpose', await purposeOf(graph, path, subject)],
    [
      'related',
      rows.length > 0 ? table : `${table}${eol}${eol}Nothing in this repository is imported here, and nothing imports it.`,
    ],
    ['flow', ['```', flowOf(out, back), '```'].join(eol)],
    ['decisions', docs.length > 0 ? docs.slice(0, 8).join(eol) : 'None recorded yet.'],
    ['status', ['- [ ] Tests written', '- [ ] Indexed to LanceDB', '- [ ] Relationships verified'].join(eol)],
  ])
}

function flowOf(out: readonly OmittedEdge[], back: readonly OmittedEdge[]): string {
  const inputs = label(out.filter((edge) => !edge.typeOnly))
  const outputs = label(back)
  const left = inputs.length === 0 ? '' : `${inputs.join(', ')} → `
  return `${left}this module${outputs.length === 0 ? '' : ` → ${outputs.join(', ')}`}`
}

function label(edges: readonly OmittedEdge[]): string[] {
  const names = edges.slice(0, 4).map((edge) => {
    const stem = baseOf(stemOf(edge.path))
    return `[${/^(index|__init__|main|mod)$/.test(stem) ? baseOf(folderOf(edge.path).replace(/\/(src|lib)$/, '')) || stem : stem}]`
  })
  return [...new Set(names)]
}

async function settleBoxes(graph: EvidenceGraph, path: string, text: string): Promise<string> {
  const context = parseContextFile(path, text)
  const subject = subjectOfContext(graph, context)
  const rows = await checkRows(graph, context, subject, new Map())
  let out = text
  for (const { box, computed } of await checkBoxes(graph, context, text, subject, rows, null)) {
    if (computed === true && !box.checked) out = `${out.slice(0, box.mark.start)}x${out.slice(box.mark.end)}`
  }
  return out
}
