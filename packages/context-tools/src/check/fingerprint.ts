import type { EvidenceGraph } from '../graph/graph.ts'
import { baseOf, folderOf } from '../model/locate.ts'
import type { ContextFile } from '../model/types.ts'
import type { Subject } from './subject.ts'

/** Signature hashes of the files a CONTEXT.md answers for, by path relative to it. Bodies and comments do not count. */
export async function signaturesOf(
  graph: EvidenceGraph,
  context: Pick<ContextFile, 'path'>,
  subject: Subject,
): Promise<Map<string, string>> {
  const folder = folderOf(context.path)
  const found = new Map<string, string>()
  for (const path of subject.own) {
    const facts = await graph.facts(path)
    if (facts !== null)
      found.set(
        folder === '' ? path : path.startsWith(`${folder}/`) ? path.slice(folder.length + 1) : baseOf(path),
        facts.signature,
      )
  }
  return found
}

/** What changed since the review, in words; `null` when the file was never reviewed. */
export async function staleFiles(graph: EvidenceGraph, context: ContextFile, subject: Subject): Promise<string[] | null> {
  if (context.reviewed === null) return null
  const now = await signaturesOf(graph, context, subject)
  const then = context.reviewed.hashes
  const changes: string[] = []
  for (const [name, hash] of now) {
    const known = then.get(name)
    if (known === undefined) changes.push(`${name} is new`)
    else if (known !== hash) changes.push(`${name} changed its exported signatures`)
  }
  for (const name of then.keys()) if (!now.has(name)) changes.push(`${name} is gone`)
  return changes
}
