import { languageOf } from '../graph/facts.ts'
import type { EvidenceGraph } from '../graph/graph.ts'
import { baseOf, folderOf, stemOf } from '../model/locate.ts'
import type { ContextFile } from '../model/types.ts'
import { judgeData } from './judge-data.ts'
import { linksBetween, linksOf } from './links.ts'
import type { Subject } from './subject.ts'
import { targetOf } from './target.ts'
import type { ArrowVerdict, RowVerdict, Target } from './types.ts'

interface Place {
  readonly name: string
  readonly files: readonly string[]
  /** Written as a path, so that a wrong arrow is a lie and not a loose word. */
  readonly explicit: boolean
  readonly missing: boolean
}

/** Compares the arrows of the Data Flow with the code. Words that name nothing in the repository stay unverifiable. */
export async function checkFlow(
  graph: EvidenceGraph,
  context: ContextFile,
  subject: Subject,
  rows: readonly RowVerdict[],
): Promise<ArrowVerdict[]> {
  if (context.arrows.length === 0) return []
  const words = await vocabularyOf(graph, subject, rows)
  const verdicts: ArrowVerdict[] = []
  for (const arrow of context.arrows) {
    const from = await placeOf(graph, context, subject, words, arrow.from)
    const to = await placeOf(graph, context, subject, words, arrow.to)
    verdicts.push({ arrow, ...(await weigh(graph, subject, from, to)) })
  }
  return verdicts
}

async function weigh(
  graph: EvidenceGraph,
  subject: Subject,
  from: Place | string,
  to: Place | string,
): Promise<Omit<ArrowVerdict, 'arrow'>> {
  for (const place of [from, to]) {
    if (typeof place !== 'string' && place.missing) return { verdict: 'CONTRADICTED', reason: `${place.name} does not exist` }
  }
  const unknown = [from, to].find((place) => typeof place === 'string')
  if (typeof from === 'string' || typeof to === 'string')
    return { verdict: 'UNVERIFIABLE', reason: `"${unknown as string}" names nothing in the repository` }
  const target = new Set(to.files.filter((path) => !from.files.includes(path)))
  const rest = from.files.filter((path) => !to.files.includes(path))
  const [left, right] = [rest.length > 0 ? rest : from.files, target.size > 0 ? target : new Set(to.files)]
  if (left.length === 0 || right.size === 0 || left.every((path) => right.has(path)))
    return { verdict: 'UNVERIFIABLE', reason: 'both ends are the same files' }
  const goal: Target = { kind: 'file', files: right, name: to.name, alternatives: [], sure: false }
  const claim = {
    kind: 'provides',
    names: [],
    events: [],
    objects: [],
    prose: false,
    via: null,
    text: '',
    dialect: false,
  } as const
  const found = await judgeData(
    { graph, subject: left, aim: { files: right, external: null }, target: goal, claim, via: null, depth: 'full' },
    'provides',
  )
  if (found.verdict !== 'CONTRADICTED') return { verdict: found.verdict, reason: found.reason }
  if (
    !from.explicit ||
    !to.explicit ||
    (await within2(graph, left, right)) ||
    (await broughtTogether(graph, subject, left, right))
  )
    return { verdict: 'UNVERIFIABLE', reason: 'they are joined only through others, if at all' }
  return { verdict: 'CONTRADICTED', reason: `no import, call or event joins ${from.name} and ${to.name}` }
}

/** True when a file of the module imports both ends and may pass the data on. */
async function broughtTogether(
  graph: EvidenceGraph,
  subject: Subject,
  left: readonly string[],
  right: ReadonlySet<string>,
): Promise<boolean> {
  const a = { files: new Set(left), external: null }
  const b = { files: right, external: null }
  for (const path of subject.all) {
    if ((await linksBetween(graph, [path], a)).length > 0 && (await linksBetween(graph, [path], b)).length > 0) return true
  }
  return false
}

/** True when some file imported by, or importing, one side also touches the other. */
async function within2(graph: EvidenceGraph, left: readonly string[], right: ReadonlySet<string>): Promise<boolean> {
  const touched = async (files: Iterable<string>): Promise<Set<string>> => {
    const found = new Set<string>()
    for (const path of files) for (const link of await linksOf(graph, path)) for (const one of link.reach) found.add(one)
    return found
  }
  const [a, b] = [await touched(left), await touched(right)]
  if ([...a].some((path) => b.has(path))) return true
  return (
    (await linksBetween(graph, a, { files: right, external: null })).length > 0 ||
    (await linksBetween(graph, b, { files: new Set(left), external: null })).length > 0
  )
}

async function placeOf(
  graph: EvidenceGraph,
  context: ContextFile,
  subject: Subject,
  words: ReadonlyMap<string, readonly string[]>,
  name: string | null,
): Promise<Place | string> {
  if (name === null) return { name: 'this module', files: subject.all, explicit: true, missing: false }
  const pathLike = languageOf(name) !== null || /^\.{1,2}\//.test(name)
  if (pathLike) {
    const target = await targetOf(graph, context.path, name)
    if (target.files.size > 0) return { name, files: [...target.files], explicit: true, missing: false }
    const inside = words.get(folded(name))
    if (inside !== undefined) return { name, files: inside, explicit: true, missing: false }
    return target.kind === 'missing' && /^[\w./-]+$/.test(name) ? { name, files: [], explicit: true, missing: true } : name
  }
  const files = words.get(folded(name)) ?? words.get(folded(name.replace(/\s*\(.*$/, '')))
  return files === undefined ? name : { name, files, explicit: false, missing: false }
}

/** Words a reader would use for the files around: stems, folders, packages, exported classes and imported names. */
async function vocabularyOf(
  graph: EvidenceGraph,
  subject: Subject,
  rows: readonly RowVerdict[],
): Promise<Map<string, readonly string[]>> {
  const words = new Map<string, string[]>()
  const put = (word: string, path: string) => {
    const key = folded(word)
    if (key.length > 1) words.set(key, [...new Set([...(words.get(key) ?? []), path])])
  }
  const neighbour = (path: string) => {
    put(baseOf(stemOf(path)), path)
    put(baseOf(path), path)
    if (/^(index|__init__|main|mod)$/.test(baseOf(stemOf(path)))) put(baseOf(folderOf(path)), path)
  }
  for (const path of subject.all) {
    neighbour(path)
    for (const one of (await graph.facts(path))?.exports ?? [])
      if (one.kind !== 'reexport' && one.name !== 'default') put(one.name, path)
    for (const link of await linksOf(graph, path)) {
      if (link.edge.to === null) continue
      for (const reached of link.reach) neighbour(reached)
      put(link.edge.specifier.replace(/^@[^/]+\//, ''), link.edge.to)
      if (link.name !== null && link.name.name !== '*') for (const reached of link.reach) put(link.name.name, reached)
    }
  }
  for (const { row, target } of rows) {
    for (const path of target.files) {
      if (target.kind === 'file') neighbour(path)
      else put(baseOf(row.target.replace(/\/$/, '')), path)
    }
    if (target.kind !== 'file') continue
    for (const path of target.files)
      for (const one of (await graph.facts(path))?.exports ?? [])
        if (one.kind === 'class' || one.kind === 'interface') put(one.name, path)
  }
  return words
}

function folded(word: string): string {
  return word
    .toLowerCase()
    .replace(/\.(py|[cm]?[jt]sx?)$/, '')
    .replace(/[^\p{L}\p{N}]/gu, '')
}
