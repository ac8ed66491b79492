import { createHash } from 'node:crypto'
import type { EvidenceGraph } from '../graph/graph.ts'
import { baseOf, folderOf, stemOf } from '../model/locate.ts'
import type { ContextFile } from '../model/types.ts'
import { linksBetween } from './links.ts'
import type { Subject } from './subject.ts'
import type { BoxVerdict, RowVerdict } from './types.ts'

/** Answers what the vector index holds of a CONTEXT.md: the SHA-256 of the text it indexed, or `undefined`. */
export interface IndexState {
  hashOf(contextPath: string): string | undefined
}

/** Hash the index has to hold for a text to count as indexed. */
export function contextHash(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}

/** Computes the Status boxes: what an author ticked is a claim like any other. */
export async function checkBoxes(
  graph: EvidenceGraph,
  context: ContextFile,
  text: string,
  subject: Subject,
  rows: readonly RowVerdict[],
  index: IndexState | null,
): Promise<BoxVerdict[]> {
  const verdicts: BoxVerdict[] = []
  for (const box of context.boxes) {
    if (box.kind === 'tests') verdicts.push({ box, ...(await tested(graph, subject)) })
    else if (box.kind === 'indexed') verdicts.push({ box, ...indexed(context.path, text, index) })
    else if (box.kind === 'relationships') verdicts.push({ box, ...related(rows) })
    else verdicts.push({ box, computed: null, reason: 'nothing in the code says so' })
  }
  return verdicts
}

function related(rows: readonly RowVerdict[]): Omit<BoxVerdict, 'box'> {
  const open = rows.filter((row) => row.verdict !== 'VERIFIED').length
  if (rows.length === 0) return { computed: false, reason: 'there are no relationship rows' }
  return {
    computed: open === 0,
    reason: open === 0 ? `all ${rows.length} rows are verified` : `${open} of ${rows.length} rows are not verified`,
  }
}

function indexed(path: string, text: string, index: IndexState | null): Omit<BoxVerdict, 'box'> {
  if (index === null) return { computed: null, reason: 'no index was given to compare with' }
  const held = index.hashOf(path)
  const current = held === contextHash(text)
  return {
    computed: current,
    reason:
      held === undefined
        ? 'the index does not hold this file'
        : current
          ? 'the index holds this very text'
          : 'the index holds an older text',
  }
}

/** True when some test imports the module. Likely tests are read first, and reading stops at the first proof. */
async function tested(graph: EvidenceGraph, subject: Subject): Promise<Omit<BoxVerdict, 'box'>> {
  if (subject.all.length > 0 && subject.all.every((path) => graph.isTest(path)))
    return { computed: null, reason: 'the module is tests itself' }
  const files = new Set(subject.all)
  const stems = new Set([...files].map((path) => baseOf(stemOf(path)).toLowerCase()))
  const home = projectOf(graph, subject.all[0] ?? '')
  const near = graph.testSources.filter((path) => !files.has(path) && (home === '' || path.startsWith(`${home}/`)))
  const likely = (path: string) => [...stems].some((stem) => baseOf(path).toLowerCase().includes(stem))
  const ordered = [...near.filter(likely), ...near.filter((path) => !likely(path))]
  for (const path of ordered) {
    const [link] = await linksBetween(graph, [path], { files, external: null })
    if (link !== undefined) return { computed: true, reason: `${path}:${link.edge.line} imports it` }
  }
  return { computed: false, reason: `none of ${ordered.length} tests imports it` }
}

/** Nearest folder above that has a manifest: where its tests would be. */
function projectOf(graph: EvidenceGraph, path: string): string {
  for (let folder = folderOf(path); folder !== ''; folder = folderOf(folder)) {
    if (['package.json', 'pyproject.toml', 'setup.py'].some((name) => graph.view.paths.has(`${folder}/${name}`))) return folder
  }
  return ''
}
