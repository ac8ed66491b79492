import type { EvidenceGraph } from '../graph/graph.ts'
import type { ContextFile } from '../model/types.ts'
import { type Link, linkEvidence, linksOf } from './links.ts'
import type { Subject } from './subject.ts'
import { targetOf } from './target.ts'
import type { OmittedEdge } from './types.ts'

/**
 * Edges of the code that no row mentions, heaviest first.
 *
 * A row mentions an edge when it points at the imported file, at a barrel on the way, at the defining file, or at a
 * folder or package around it. Edges inside the module and to packages of others are not relationships.
 *
 * @param incoming also who imports this module; costs a read of the whole repository
 */
export async function omittedEdges(
  graph: EvidenceGraph,
  context: ContextFile,
  subject: Subject,
  incoming: boolean,
): Promise<OmittedEdge[]> {
  const mentioned = new Set<string>()
  for (const row of context.rows) for (const path of (await targetOf(graph, context.path, row.target)).files) mentioned.add(path)
  const inside = new Set(subject.all)
  const links: Link[] = []
  const known = (path: string | null) => path === null || inside.has(path) || mentioned.has(path)
  for (const path of subject.own) {
    if (graph.isOptional(path) || (await graph.edges(path)).every((edge) => known(edge.to))) continue
    links.push(...(await linksOf(graph, path)))
  }
  const out = links.filter(
    (link) =>
      link.edge.to !== null &&
      !inside.has(link.edge.to) &&
      ![...link.reach].some((path) => mentioned.has(path) || inside.has(path)),
  )
  const edges = await grouped(graph, out, 'out')
  if (!incoming) return edges
  const back: Link[] = []
  const own = new Set(subject.own)
  for (const importer of await importersOf(graph, subject.own)) {
    if (inside.has(importer) || mentioned.has(importer) || graph.isTest(importer) || graph.isOptional(importer)) continue
    back.push(...(await linksOf(graph, importer)).filter((link) => [...link.reach].some((path) => own.has(path))))
  }
  return [...edges, ...(await grouped(graph, back, 'in'))].sort(heavier)
}

/** Files outside that import any of these, sorted. */
export async function importersOf(graph: EvidenceGraph, files: readonly string[]): Promise<string[]> {
  const found = new Set<string>()
  for (const path of files) for (const edge of await graph.importers(path)) found.add(edge.from)
  return [...found].sort()
}

async function grouped(
  graph: EvidenceGraph,
  links: readonly Link[],
  direction: OmittedEdge['direction'],
): Promise<OmittedEdge[]> {
  const byPath = new Map<string, Link[]>()
  for (const link of links) {
    const path = direction === 'out' ? (link.edge.to as string) : link.edge.from
    byPath.set(path, [...(byPath.get(path) ?? []), link])
  }
  const edges: OmittedEdge[] = []
  for (const [path, list] of byPath) {
    const names = [
      ...new Set(
        list.flatMap((link) =>
          link.name === null || link.name.name === '*'
            ? []
            : [link.name.name === 'default' ? (link.name.local ?? 'default') : link.name.name],
        ),
      ),
    ]
    const values = list.filter((link) => !link.edge.typeOnly && link.name?.typeOnly !== true)
    const inherits = await anyBase(graph, list)
    const weight = values.length * 2 + (list.length - values.length) + (inherits ? 5 : 0)
    const evidence = list.slice(0, 5).map(linkEvidence)
    edges.push({ direction, path, names: names.sort(), weight, typeOnly: values.length === 0, inherits, evidence })
  }
  return edges.sort(heavier)
}

async function anyBase(graph: EvidenceGraph, links: readonly Link[]): Promise<boolean> {
  for (const link of links) {
    const local = link.name?.local
    const facts = local == null ? null : await graph.facts(link.edge.from)
    if (
      facts?.classes.some((one) => [...one.bases, ...one.interfaces].some((base) => base.name.split('.')[0] === local)) === true
    )
      return true
  }
  return false
}

function heavier(a: OmittedEdge, b: OmittedEdge): number {
  return b.weight - a.weight || (a.path < b.path ? -1 : a.path > b.path ? 1 : 0)
}
