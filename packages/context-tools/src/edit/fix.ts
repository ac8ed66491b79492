import { checkBoxes, type IndexState } from '../check/boxes.ts'
import { checkRows } from '../check/check-rows.ts'
import { omittedEdges } from '../check/omitted.ts'
import { subjectOfContext } from '../check/subject.ts'
import type { RowVerdict } from '../check/types.ts'
import type { EvidenceGraph } from '../graph/graph.ts'
import { folderOf, relativePath } from '../model/locate.ts'
import { parseContextFile } from '../model/parse.ts'
import { SECTION_TITLES } from '../model/sections.ts'
import { SourceText } from '../model/source-text.ts'
import type { ContextFile } from '../model/types.ts'
import { printRows, rowsOf } from './rows.ts'
import { applyEdits, type TextEdit } from './text-edits.ts'

/** What a repair may do beyond moved paths, missing rows and boxes. */
export interface FixOptions {
  readonly renames?: ReadonlyMap<string, string>
  readonly index?: IndexState
  /** Also delete rows the code contradicts, or reword them when the code says what is true. Default false. */
  readonly prune?: boolean
  /** Add rows for omitted edges. Default true. */
  readonly add?: boolean
}

/**
 * Repairs a CONTEXT.md: paths that moved, edges no row mentions, boxes that do not match.
 * Every other character stays; a second repair changes nothing.
 */
export async function fixContext(graph: EvidenceGraph, path: string, text: string, options: FixOptions = {}): Promise<string> {
  const first = await repairRows(graph, path, text, options)
  const added = options.add === false ? first : await addRows(graph, path, first)
  return repairBoxes(graph, path, added, options)
}

async function repairRows(graph: EvidenceGraph, path: string, text: string, options: FixOptions): Promise<string> {
  const context = parseContextFile(path, text)
  const rows = await checkRows(graph, context, subjectOfContext(graph, context), options.renames ?? new Map())
  const edits: TextEdit[] = []
  for (const one of rows) {
    const { row, target } = one
    const [best] = target.alternatives
    if (target.kind === 'missing' && target.sure && best !== undefined) {
      edits.push({ start: row.targetSpan.start, end: row.targetSpan.end, text: relativePath(folderOf(path), best) })
    } else if (options.prune === true && one.verdict === 'CONTRADICTED') edits.push(...pruned(one, text))
  }
  const repaired = applyEdits(text, edits)
  return repaired === text || options.prune !== true
    ? repaired
    : repairRows(graph, path, repaired, { ...options, renames: new Map() })
}

/** A contradicted row that names the wrong symbols is reworded with the right ones; any other is deleted with its line. */
function pruned({ row, judgements }: RowVerdict, text: string): TextEdit[] {
  const [only] = judgements
  const real = new Set(
    (only?.judgement.evidence ?? [])
      .map((one) => /^(?:imports|re-exports|imports type) ([\p{L}_$][\p{L}\p{N}_$]*)$/u.exec(one.says)?.[1])
      .filter((name) => name !== undefined),
  )
  if (judgements.length === 1 && only?.claim.kind === 'imports' && real.size > 0) {
    return [{ start: row.relationSpan.start, end: row.relationSpan.end, text: `Imports ${[...real].join(', ')} from` }]
  }
  const start = text.lastIndexOf('\n', row.span.start - 1) + 1
  const next = text.indexOf('\n', row.span.end)
  return [{ start, end: next < 0 ? text.length : next + 1, text: '' }]
}

async function addRows(graph: EvidenceGraph, path: string, text: string): Promise<string> {
  const context = parseContextFile(path, text)
  const edges = (await omittedEdges(graph, context, subjectOfContext(graph, context), false)).filter(
    (edge) => edge.direction === 'out',
  )
  if (edges.length === 0) return text
  const source = new SourceText(text)
  const rows = rowsOf(path, edges)
  if (context.table !== null) {
    const at = context.table.end.start
    return applyEdits(text, [{ start: at, end: at, text: source.eol + printRows(rows, context.table.columns, source.eol) }])
  }
  return insertTable(context, source, printRows(rows, 2, source.eol))
}

function insertTable(context: ContextFile, source: SourceText, rows: string): string {
  const { eol, text } = source
  const table = ['| Script | Relationship |', '|--------|--------------|', rows].join(eol)
  const section = context.sections.find((one) => one.kind === 'related')
  if (section !== undefined) {
    const body = text.slice(section.body.start, section.body.end).trimEnd()
    const at = section.body.start + body.length
    return applyEdits(text, [{ start: at, end: at, text: `${eol}${eol}${table}` }])
  }
  const before = context.sections.find((one) => one.kind === 'flow' || one.kind === 'decisions' || one.kind === 'status')
  const block = `## ${SECTION_TITLES.related}${eol}${eol}${table}${eol}`
  if (before !== undefined)
    return applyEdits(text, [{ start: before.heading.start, end: before.heading.start, text: `${block}${eol}` }])
  return `${text.trimEnd()}${eol}${eol}${block}`
}

async function repairBoxes(graph: EvidenceGraph, path: string, text: string, options: FixOptions): Promise<string> {
  const context = parseContextFile(path, text)
  const subject = subjectOfContext(graph, context)
  const rows = await checkRows(graph, context, subject, new Map())
  const boxes = await checkBoxes(graph, context, text, subject, rows, options.index ?? null)
  const edits = boxes
    .filter(({ box, computed }) => box.kind !== 'indexed' && computed !== null && computed !== box.checked)
    .map(({ box, computed }) => ({ start: box.mark.start, end: box.mark.end, text: computed === true ? 'x' : ' ' }))
  return applyEdits(text, edits)
}
