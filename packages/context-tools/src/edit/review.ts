import { signaturesOf } from '../check/fingerprint.ts'
import { subjectOfContext } from '../check/subject.ts'
import type { EvidenceGraph } from '../graph/graph.ts'
import { parseContextFile } from '../model/parse.ts'
import { SourceText } from '../model/source-text.ts'
import { printReviewed } from '../model/status.ts'
import { applyEdits } from './text-edits.ts'

/** Records that somebody read the file against today's code: writes the signature hashes as a comment at its end. */
export async function reviewContext(graph: EvidenceGraph, path: string, text: string): Promise<string> {
  const context = parseContextFile(path, text)
  const line = printReviewed(await signaturesOf(graph, context, subjectOfContext(graph, context)))
  if (context.reviewed !== null)
    return applyEdits(text, [{ start: context.reviewed.span.start, end: context.reviewed.span.end, text: line }])
  const { eol } = new SourceText(text)
  return `${text.trimEnd()}${eol}${eol}${line}${eol}`
}
