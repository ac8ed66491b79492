import type { ImportedName } from '../graph/facts.ts'
import type { Edge, EvidenceGraph } from '../graph/graph.ts'
import { baseOf, stemOf } from '../model/locate.ts'
import type { Evidence } from './types.ts'

/** One imported name with every file it passes on its way to its definition. */
export interface Link {
  readonly edge: Edge
  /** `null` for an import of a module for its effects. */
  readonly name: ImportedName | null
  /** The module written, barrels passed, and the files that define the name. */
  readonly reach: ReadonlySet<string>
  /** Names under which the definition is known there. */
  readonly defined: readonly string[]
}

const memo = new WeakMap<EvidenceGraph, Map<string, Promise<readonly Link[]>>>()

/** Links of a file; computed once per graph. */
export function linksOf(graph: EvidenceGraph, path: string): Promise<readonly Link[]> {
  const own = memo.get(graph) ?? new Map<string, Promise<readonly Link[]>>()
  memo.set(graph, own)
  const known = own.get(path)
  if (known !== undefined) return known
  const links = build(graph, path)
  own.set(path, links)
  return links
}

async function build(graph: EvidenceGraph, path: string): Promise<readonly Link[]> {
  const links: Link[] = []
  for (const edge of await graph.edges(path)) {
    if (edge.names.length === 0) links.push({ edge, name: null, reach: new Set(edge.to === null ? [] : [edge.to]), defined: [] })
    for (const name of edge.names) {
      const origins = edge.to === null ? [] : await graph.origins(edge.to, name.name)
      const reach = new Set(edge.to === null ? [] : [edge.to, ...origins.flatMap((origin) => [origin.path, ...origin.through])])
      links.push({ edge, name, reach, defined: origins.map((origin) => origin.name) })
      if (name.name === '*' && name.local !== null && edge.to !== null)
        links.push(...(await memberLinks(graph, path, edge, edge.to, name)))
    }
  }
  return links
}

/** Links of a file as written, barrels not followed: no other file has to be read for them. */
async function directLinks(graph: EvidenceGraph, path: string): Promise<Link[]> {
  const links: Link[] = []
  for (const edge of await graph.edges(path)) {
    const reach = new Set(edge.to === null ? [] : [edge.to])
    if (edge.names.length === 0) links.push({ edge, name: null, reach, defined: [] })
    for (const name of edge.names) links.push({ edge, name, reach, defined: name.name === '*' ? [] : [name.name] })
  }
  return links
}

/** Direct links of a file, see {@link Depth}. */
export function linksAt(graph: EvidenceGraph, path: string, depth: Depth): Promise<readonly Link[]> {
  return depth === 'full' ? linksOf(graph, path) : directLinks(graph, path)
}

/** `direct` looks at what is written in the file alone; `full` follows re-exports, which reads the files in between. */
export type Depth = 'direct' | 'full'

/** A whole-module import is one link for each member used: `lib.Clock` leads to where `Clock` is defined. */
async function memberLinks(graph: EvidenceGraph, path: string, edge: Edge, to: string, whole: ImportedName): Promise<Link[]> {
  const links: Link[] = []
  for (const member of (await graph.facts(path))?.members[whole.local ?? ''] ?? []) {
    const origins = await graph.origins(to, member)
    const known = await Promise.all(
      origins.map(async (origin) => (await graph.facts(origin.path))?.exports.some((one) => one.name === origin.name) === true),
    )
    if (!known.includes(true)) continue
    const name = { name: member, local: `${whole.local}.${member}`, typeOnly: whole.typeOnly }
    links.push({
      edge,
      name,
      reach: new Set([to, ...origins.flatMap((origin) => [origin.path, ...origin.through])]),
      defined: origins.map((origin) => origin.name),
    })
  }
  return links
}

/** What a link leads to, for one row: a set of files, or a package outside of the repository. */
export interface Aim {
  readonly files: ReadonlySet<string>
  readonly external: string | null
}

/** True when a link leads to the aim. */
export function hits(link: Link, aim: Aim): boolean {
  if (aim.external !== null) {
    const wanted = aim.external.replace(/^node:/, '')
    const { specifier } = link.edge
    return (
      link.edge.external?.replace(/^node:/, '') === wanted ||
      specifier === aim.external ||
      specifier.startsWith(`${aim.external}/`)
    )
  }
  for (const path of link.reach) if (aim.files.has(path)) return true
  return false
}

/** Links from any of the files to the aim. */
export async function linksBetween(
  graph: EvidenceGraph,
  files: Iterable<string>,
  aim: Aim,
  depth: Depth = 'full',
): Promise<Link[]> {
  const found: Link[] = []
  const words = depth === 'direct' && aim.external === null && aim.files.size === 1 ? wordsOf([...aim.files][0] as string) : null
  const all = [...files]
  const likely = words === null ? null : await Promise.all(all.map((path) => graph.mentions(path, words)))
  for (const [index, path] of all.entries()) {
    if (likely?.[index] === false) continue
    found.push(...(await linksAt(graph, path, depth)).filter((link) => hits(link, aim)))
  }
  return found
}

/** One of these stands in every file that imports a path by its own name; an index file may go by its folder's or package's. */
function wordsOf(path: string): string[] | null {
  const stem = baseOf(stemOf(path)).replace(/\.d$/, '')
  return /^(index|__init__|main|mod)$/.test(stem) ? null : [stem]
}

/** The local link a dotted reference hangs on: `ns.Base` hangs on the import of `ns`. */
export async function linkOfLocal(graph: EvidenceGraph, path: string, reference: string): Promise<Link[]> {
  const links = await linksOf(graph, path)
  const parts = reference.split('.')
  for (let length = parts.length; length > 0; length--) {
    const local = parts.slice(0, length).join('.')
    const found = links.filter((link) => link.name?.local === local)
    if (found.length > 0) return found
  }
  return []
}

/** A link as evidence: `imports EventBus`. */
export function linkEvidence(link: Link): Evidence {
  const { edge, name } = link
  const what = name === null ? edge.specifier : name.name === '*' ? `* of ${edge.specifier}` : name.name
  const how =
    edge.kind === 'reexport'
      ? 're-exports'
      : edge.kind === 'dynamic'
        ? 'dynamically imports'
        : edge.typeOnly || name?.typeOnly === true
          ? 'imports type'
          : 'imports'
  return { path: edge.from, line: edge.line, says: `${how} ${what}` }
}
