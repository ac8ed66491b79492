import type { ClassFact, TypeReference } from '../graph/facts.ts'
import type { EvidenceGraph } from '../graph/graph.ts'
import { isLooseWord } from '../model/vocabulary.ts'
import { type Case, judgement, listed } from './judgement.ts'
import { type Aim, hits, type Link, linkEvidence, linkOfLocal, linksBetween } from './links.ts'
import { nearestName } from './nearest.ts'
import type { Evidence, Judgement } from './types.ts'

interface Base {
  readonly evidence: Evidence
  /** Name of the base where it is defined. */
  readonly name: string
  readonly hit: boolean
  readonly abstract: boolean | null
  readonly how: 'extends' | 'implements' | 'conforms'
}

/** `Inherits from` and `Implements interface`: class bases and interfaces, followed to where they are defined. */
export async function judgeTypes(one: Case, kind: 'inherits' | 'implements'): Promise<Judgement> {
  const { graph, subject, aim, claim, target } = one
  const bases: Base[] = []
  for (const path of subject) bases.push(...(await basesOf(graph, path, aim)))
  const wanted = claim.names.filter((name) => !isLooseWord(name))
  const fits = (base: Base) =>
    wanted.length === 0 || wanted.some((name) => base.name === name || base.name === name.split('.').at(-1))
  const hit = bases.filter((base) => base.hit)
  const named = hit.filter(fits)
  if (kind === 'inherits') {
    const extending = named.filter((base) => base.how === 'extends')
    if (extending.length > 0)
      return judgement(
        'VERIFIED',
        `${extending[0]?.evidence.says}`,
        extending.map((base) => base.evidence),
      )
    if (named.length > 0)
      return judgement(
        'CONTRADICTED',
        `${named[0]?.evidence.says}, which is no inheritance`,
        named.map((base) => base.evidence),
        'Implements interface',
      )
  } else {
    const proven = named.filter((base) => base.how !== 'extends' || base.abstract !== false)
    if (proven.length > 0)
      return judgement(
        'VERIFIED',
        `${proven[0]?.evidence.says}`,
        proven.map((base) => base.evidence),
      )
    if (named.length > 0)
      return judgement(
        'CONTRADICTED',
        `${named[0]?.name} is a concrete class`,
        named.map((base) => base.evidence),
        'Inherits from',
      )
  }
  if (hit.length > 0) {
    const real = new Set(hit.map((base) => base.name))
    return judgement(
      'CONTRADICTED',
      `no class here has ${listed(claim.names)} as base; from ${target.name} come ${listed(real)}`,
      hit.map((base) => base.evidence),
      nearestName(claim.names[0] ?? '', real),
    )
  }
  if (one.via !== null) {
    const [mine, theirs] = [
      await linksBetween(graph, one.via, { files: new Set(subject), external: null }),
      await linksBetween(graph, one.via, aim),
    ]
    if (mine.length > 0 && theirs.length > 0)
      return judgement(
        'VERIFIED',
        'the file named by "via" joins both, and the compiler checks it there',
        [...mine.slice(0, 1), ...theirs.slice(0, 1)].map(linkEvidence),
      )
  }
  const links = await linksBetween(graph, subject, aim)
  const verb = kind === 'inherits' ? 'inherits from' : 'implements anything of'
  if (kind === 'implements' && (mayConform(links, bases) || (links.length === 0 && (await conformsByShape(one))))) {
    return judgement(
      'UNVERIFIABLE',
      `${links.length > 0 ? 'imports from' : 'types conform by shape to'} ${target.name}, but no implements, satisfies or annotated object shows the interface is met`,
      links.map(linkEvidence),
    )
  }
  return judgement(
    'CONTRADICTED',
    `no class here ${verb} ${target.name}`,
    bases.slice(0, 3).map((base) => base.evidence),
    null,
  )
}

/** TypeScript types conform by shape: without any explicit clause in the module nothing is proven either way. */
function mayConform(links: readonly Link[], bases: readonly Base[]): boolean {
  return links.some((link) => /\.[cm]?tsx?$/.test(link.edge.from)) && !bases.some((base) => base.how === 'implements')
}

/** TypeScript here, an interface over there, and no import between them: ports are often met without one. */
async function conformsByShape({ graph, subject, aim }: Case): Promise<boolean> {
  if (!subject.some((path) => /\.[cm]?tsx?$/.test(path))) return false
  for (const path of aim.files)
    if ((await graph.facts(path))?.exports.some((one) => one.kind === 'interface') === true) return true
  return false
}

async function basesOf(graph: EvidenceGraph, path: string, aim: Aim): Promise<Base[]> {
  const facts = await graph.facts(path)
  if (facts === null) return []
  const found: Base[] = []
  for (const one of facts.classes) {
    for (const reference of one.bases) found.push(...(await follow(graph, path, one, reference, aim, 'extends')))
    for (const reference of one.interfaces) found.push(...(await follow(graph, path, one, reference, aim, 'implements')))
  }
  for (const reference of facts.conforms) {
    found.push(...(await follow(graph, path, { name: 'an object' }, reference, aim, 'conforms')).filter((base) => base.hit))
  }
  return found
}

/** The direct base, and further up whatever it inherits from in turn. */
async function follow(
  graph: EvidenceGraph,
  path: string,
  from: Pick<ClassFact, 'name'>,
  reference: TypeReference,
  aim: Aim,
  how: Base['how'],
  depth = 0,
): Promise<Base[]> {
  const links = await linkOfLocal(graph, path, reference.name)
  const says = (name: string) => `${from.name} ${how === 'conforms' ? 'conforms to' : how} ${name}`
  const place = { path, line: reference.line }
  if (links.length === 0) {
    const own = depth > 6 ? undefined : (await graph.facts(path))?.classes.find((one) => one.name === reference.name)
    if (own === undefined || own.name === from.name)
      return [{ evidence: { ...place, says: says(reference.name) }, name: reference.name, hit: false, abstract: null, how }]
    return climb(graph, path, own, aim, how, depth, { ...place, says: `${says(own.name)}` }, aim.files.has(path))
  }
  const found: Base[] = []
  for (const link of links) {
    const wanted = reference.name.split('.')
    const last = link.name?.name === '*' ? (wanted.at(-1) as string) : (link.defined[0] ?? link.name?.name ?? '*')
    const hit = hits(link, aim)
    const targets =
      link.edge.to === null ? [] : await graph.origins(link.edge.to, link.name?.name === '*' ? last : (link.name?.name ?? '*'))
    const evidence = { ...place, says: says(last) }
    if (targets.length === 0) found.push({ evidence, name: last, hit, abstract: null, how })
    for (const origin of targets) {
      const definition = (await graph.facts(origin.path))?.classes.find((one) => one.name === origin.name)
      const reached = hit || aim.files.has(origin.path)
      if (definition === undefined) found.push({ evidence, name: origin.name, hit: reached, abstract: null, how })
      else
        found.push(
          ...(await climb(graph, origin.path, definition, aim, how, depth, { ...evidence, says: says(origin.name) }, reached)),
        )
    }
  }
  return found
}

async function climb(
  graph: EvidenceGraph,
  path: string,
  definition: ClassFact,
  aim: Aim,
  how: Base['how'],
  depth: number,
  evidence: Evidence,
  hit: boolean,
): Promise<Base[]> {
  const found: Base[] = [{ evidence, name: definition.name, hit, abstract: definition.abstract, how }]
  if (hit || depth > 6 || how === 'conforms') return found
  for (const reference of definition.bases) {
    for (const base of await follow(graph, path, definition, reference, aim, how, depth + 1)) {
      if (base.hit) found.push({ ...base, evidence: { ...evidence, says: `${evidence.says}, which ${base.evidence.says}` } })
    }
  }
  for (const reference of definition.interfaces) {
    for (const base of await follow(graph, path, definition, reference, aim, 'implements', depth + 1)) {
      if (base.hit) found.push({ ...base, evidence: { ...evidence, says: `${evidence.says}, which ${base.evidence.says}` } })
    }
  }
  return found
}
