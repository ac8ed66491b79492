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
import { nameEdits } from './names.ts'
import { printRows, rowsOf } from './rows.ts'
import { applyEdits, type TextEdit } from './text-edits.ts'

/** What a repair may do beyond moved paths, names, missing rows and boxes. */
export interface FixOptions {
  readonly renames?: ReadonlyMap<string, string>
  readonly index?: IndexState
  /** Also delete rows that the code contradicts and nothing else mends. Default false. */
  readonly prune?: boolean
  /** Add rows for omitted edges. Default true. */
  readonly add?: boolean
}

/**
 * Repairs a CONTEXT.md: paths that moved, names that an `Imports` row has wrong, edges no row mentions, boxes that do not match.
 * Every other character stays; a second repair changes nothing.
 */
export async function fixContext(graph: EvidenceGraph, path: string, text: string, options: FixOptions = {}): Promise<string> {
  const moved = await edited(graph, path, text, pathEdits(path), options.renames)
  const named = await edited(graph, path, moved, nameEdits)
  const kept = options.prune === true ? await edited(graph, path, named, falseRows) : named
  const added = options.add === false ? kept : await addRows(graph, path, kept)
  return repairBoxes(graph, path, added, options)
}

/** One round of edits, decided by what the rows are worth as the text stands. */
async function edited(
  graph: EvidenceGraph,
  path: string,
  text: string,
  decide: (rows: readonly RowVerdict[], text: string) => TextEdit[],
  renames: ReadonlyMap<string, string> = new Map(),
): Promise<string> {
  const context = parseContextFile(path, text)
  return applyEdits(text, decide(await checkRows(graph, context, subjectOfContext(graph, context), renames), text))
}

function pathEdits(path: string): (rows: readonly RowVerdict[]) => TextEdit[] {
  return (rows) =>
    rows.flatMap(({ row, target }) => {
      const [best] = target.alternatives
      if (target.kind !== 'missing' || !target.sure || best === undefined) return []
      return [{ start: row.targetSpan.start, end: row.targetSpan.end, text: relativePath(folderOf(path), best) }]
    })
}

/** Lines on which nothing is left that the code does not contradict. A line that also says something else is a person's to mend. */
function falseRows(rows: readonly RowVerdict[], text: string): TextEdit[] {
  const bad = ({ judgements }: RowVerdict) => judgements.every(({ judgement }) => judgement.verdict === 'CONTRADICTED')
  const lines = rows.filter((one) => rows.every((other) => other.row.span.start !== one.row.span.start || bad(other)))
  return lines.map(({ row }) => {
    const start = text.lastIndexOf('\n', row.span.start - 1) + 1
    const next = text.indexOf('\n', row.span.end)
    return { start, end: next < 0 ? text.length : next + 1, text: '' }
  })
}

async function addRows(graph: EvidenceGraph, path: string, text: string): Promise<string> {
  const context = parseContextFile(path, text)
  const edges = (await omittedEdges(graph, context, subjectOfContext(graph, context), false)).filter(
    (edge) => edge.direction === 'out',
  )
  if (edges.length === 0) return text
  const source = new SourceText(text)
  const rows = rowsOf(path, edges)
  const at = context.table?.end.start
  const added =
    at === undefined
      ? insertTable(context, source, printRows(rows, 2, source.eol))
      : applyEdits(text, [{ start: at, end: at, text: source.eol + printRows(rows, context.table?.columns ?? 2, source.eol) }])
  // Inside a code fence or comment that nothing closes they would be no rows, and be added again by the next repair.
  return parseContextFile(path, added).rows.length === context.rows.length + rows.length ? added : text
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
