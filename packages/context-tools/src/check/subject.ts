import type { EvidenceGraph } from '../graph/graph.ts'
import { CONTEXT_NAME, contextOf, folderOf, stemOf } from '../model/locate.ts'
import type { ContextFile } from '../model/types.ts'

/** The files a CONTEXT.md speaks about. */
export interface Subject {
  /** A row is true when any of these bears it out: the folder's own files, or all below a folder that only holds others. */
  readonly all: readonly string[]
  /** Those whose edges can be omitted here: no nearer CONTEXT.md answers for them. */
  readonly own: readonly string[]
}

/** Source files of a folder or file; tests do not count unless there is nothing else. */
export function subjectOfContext(graph: EvidenceGraph, context: Pick<ContextFile, 'path' | 'form' | 'subject'>): Subject {
  if (context.form === 'file') {
    const files = graph
      .sourcesBelow(folderOf(context.subject))
      .filter((path) => path === context.subject || stemOf(path) === context.subject)
    return { all: files, own: files }
  }
  const below = graph.sourcesBelow(context.subject)
  const code = below.filter((path) => !graph.isTest(path))
  const every = code.length > 0 ? code : below
  const own = every.filter((path) => answering(graph, path, context.path) === context.path)
  const here = every.filter((path) => folderAnswering(graph, path, context.path) === context.path)
  const direct = here.some((path) => folderOf(path) === context.subject && !graph.isOptional(path))
  return { all: direct ? here : every, own }
}

/**
 * The CONTEXT.md nearest to a file: its own, its folder's, or that of a folder above.
 *
 * @param planned a CONTEXT.md about to be written, counted as if it were there
 */
export function answering(graph: EvidenceGraph, path: string, planned: string | null = null): string | null {
  const has = (one: string) => one === planned || graph.view.paths.has(one)
  const near = contextOf(path, has)
  if (near !== null) return near
  for (let folder = folderOf(path); folder !== ''; ) {
    folder = folderOf(folder)
    const above = folder === '' ? CONTEXT_NAME : `${folder}/${CONTEXT_NAME}`
    if (has(above)) return above
  }
  return null
}

/** As {@link answering}, but a file's own CONTEXT.md does not take it out of its folder. */
function folderAnswering(graph: EvidenceGraph, path: string, planned: string): string | null {
  for (let folder = folderOf(path); ; folder = folderOf(folder)) {
    const near = folder === '' ? CONTEXT_NAME : `${folder}/${CONTEXT_NAME}`
    if (near === planned || graph.view.paths.has(near)) return near
    if (folder === '') return null
  }
}

/** Source files that have neither `name.CONTEXT.md` nor a `CONTEXT.md` beside them, by folder. */
export function uncovered(graph: EvidenceGraph, paths: Iterable<string>): Map<string, string[]> {
  const missing = new Map<string, string[]>()
  for (const path of paths) {
    if (graph.isTest(path) || graph.isOptional(path)) continue
    if (contextOf(path, (one) => graph.view.paths.has(one)) !== null) continue
    const folder = folderOf(path)
    missing.set(folder, [...(missing.get(folder) ?? []), path])
  }
  return missing
}
