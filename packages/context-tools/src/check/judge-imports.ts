import { baseOf, stemOf } from '../model/locate.ts'
import { isLooseWord } from '../model/vocabulary.ts'
import { type Case, judgement, listed } from './judgement.ts'
import { type Link, linkEvidence, linksBetween, linksOf } from './links.ts'
import { nearestName } from './nearest.ts'
import type { Judgement } from './types.ts'

/** `Imports X from`: some file of the module imports each X, directly or through a barrel. */
export async function judgeImports(one: Case): Promise<Judgement> {
  const { graph, subject, aim, claim, target, depth } = one
  const links = await linksBetween(graph, subject, aim, depth)
  if (links.length === 0) return judgement('CONTRADICTED', `nothing here imports ${target.name}`, [], await elsewhere(one))
  const wanted: string[] = []
  for (const name of claim.names) {
    const prose =
      name === '*' ||
      (depth === 'full' && (isLooseWord(name) || isModuleName(name, target.name)) && !(await exportsName(one, name)))
    if (!prose) wanted.push(name)
  }
  const proof: Link[] = []
  const absent: string[] = []
  for (const name of wanted) {
    const found = await linkOfName(one, links, name)
    if (found === null) absent.push(name)
    else proof.push(found)
  }
  if (absent.length === 0)
    return judgement(
      'VERIFIED',
      `imports ${wanted.length > 0 ? listed(wanted) : target.name}`,
      (proof.length > 0 ? proof : links).map(linkEvidence),
    )
  const real = namesOf(links)
  const possible = aim.external !== null || (await anyExported(one, absent))
  if (possible && (links.some(opaque) || (await handedOn(one, links)))) {
    return judgement(
      'UNVERIFIABLE',
      `imports ${target.name} as a whole; the use of ${listed(absent)} cannot be seen`,
      links.map(linkEvidence),
    )
  }
  const reason = `${listed(absent)} ${absent.length > 1 ? 'are' : 'is'} not imported from ${target.name}${real.size > 0 ? `; ${listed(real)} ${real.size > 1 ? 'are' : 'is'}` : ''}`
  const unsaid = [...real].filter((name) => !claim.names.includes(name))
  const suggestion = nearestName(absent[0] as string, unsaid) ?? (await elsewhere({ ...one, claim: { ...claim, names: absent } }))
  return {
    ...judgement('CONTRADICTED', reason, links.map(linkEvidence), suggestion),
    names: { wrong: absent, imported: [...real].sort() },
  }
}

/** What these links import, by the names a row would give: a default export goes by its local name. */
function namesOf(links: readonly Link[]): Set<string> {
  return new Set(
    links.flatMap(({ name }) => {
      if (name === null || name.name === '*') return []
      return [name.name === 'default' ? (name.local ?? name.name) : name.name]
    }),
  )
}

async function linkOfName({ graph }: Case, links: readonly Link[], wanted: string): Promise<Link | null> {
  const [head = wanted, ...rest] = wanted.split('.')
  for (const link of links) {
    if (link.name === null) continue
    const { name, local } = link.name
    if (
      name === wanted ||
      local === wanted ||
      (rest.length > 0 && (name === head || local === head)) ||
      (name === 'default' && link.defined.includes(wanted))
    )
      return link
    if (name !== '*') {
      if (name === 'default' && local !== null && ((await graph.facts(link.edge.from))?.members[local] ?? []).includes(head))
        return link
      continue
    }
    const facts = await graph.facts(link.edge.from)
    if (local !== null && (facts?.members[local] ?? []).includes(rest.length > 0 && head === local ? (rest[0] as string) : head))
      return link
    if (local !== null || link.edge.to === null) continue
    const exported = await graph.facts(link.edge.to)
    if (link.edge.kind !== 'dynamic' && exported?.exports.some((one) => one.name === head) === true) return link
  }
  return null
}

/** A whole-module import whose members nobody can list: dynamic, or everything of a package that is not here. */
function opaque(link: Link): boolean {
  return link.name?.name === '*' && link.name.local === null && (link.edge.kind === 'dynamic' || link.edge.to === null)
}

async function anyExported(one: Case, names: readonly string[]): Promise<boolean> {
  for (const name of names) if (await exportsName(one, name.split('.')[0] ?? name)) return true
  return false
}

/** A whole module kept in an exported constant: others use its members through that. */
async function handedOn({ graph }: Case, links: readonly Link[]): Promise<boolean> {
  for (const link of links) {
    if (link.name?.name !== '*' || link.name.local === null) continue
    const { local } = link.name
    if ((await graph.facts(link.edge.from))?.exports.some((one) => one.name === local && one.kind === 'value') === true)
      return true
  }
  return false
}

/** `Imports event_bus from \`event_bus.py\`` names the module itself. */
function isModuleName(name: string, target: string): boolean {
  const stem = baseOf(stemOf(target.replace(/\/$/, '')))
  return name === stem || name === baseOf(target.replace(/\/$/, ''))
}

async function exportsName({ graph, aim }: Case, name: string): Promise<boolean> {
  for (const path of aim.files) if ((await graph.facts(path))?.exports.some((one) => one.name === name) === true) return true
  return false
}

/** Where the module does get these names from. */
async function elsewhere({ graph, subject, claim }: Case): Promise<string | null> {
  for (const path of subject) {
    for (const link of await linksOf(graph, path)) {
      if (link.name !== null && claim.names.includes(link.name.name) && link.name.name !== 'default')
        return link.edge.to ?? link.edge.specifier
    }
  }
  return null
}
