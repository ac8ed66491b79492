import type { EvidenceGraph } from '../graph/graph.ts'
import { eventSites, sameEvent, siteEvidence } from './events.ts'
import { type Case, judgement } from './judgement.ts'
import { type Aim, hits, linkEvidence, linkOfLocal, linksBetween } from './links.ts'
import type { Evidence, Judgement } from './types.ts'

/**
 * `Provides data to` and `Receives data from`: data flows to whoever imports it, to whom a call hands arguments,
 * and along events. Two modules that never import each other meet in a third one, which the row names with `via`.
 */
export async function judgeData(one: Case, kind: 'provides' | 'receives'): Promise<Judgement> {
  const { graph, subject, aim, target, depth } = one
  const here: Aim = { files: new Set(subject), external: null }
  const there = [...aim.files].filter((path) => graph.isSource(path))
  const [from, to] =
    kind === 'provides'
      ? [
          { files: subject, aim: here },
          { files: there, aim },
        ]
      : [
          { files: there, aim },
          { files: subject, aim: here },
        ]
  const consumed = await linksBetween(graph, to.files, from.aim, depth)
  const named = consumed.filter((link) => link.name !== null)
  if (named.length > 0)
    return judgement(
      'VERIFIED',
      kind === 'provides' ? `${target.name} imports this module` : `imports ${target.name}`,
      named.map(linkEvidence),
    )
  if (depth === 'direct') return judgement('UNVERIFIABLE', 'nothing direct joins them')
  const handed = await handOvers(graph, from.files, to.aim)
  if (handed.length > 0)
    return judgement(
      'VERIFIED',
      kind === 'provides' ? `calls ${target.name} with data` : `${target.name} calls this module with data`,
      handed,
    )
  const published = (await eventSites(graph, from.files, to.aim)).filter((site) => site.kind === 'publish')
  const awaited = (await eventSites(graph, to.files, from.aim)).filter((site) => site.kind === 'subscribe')
  const flows = published.filter((site) => site.atAim || awaited.some((other) => sameEvent(site.name, other.name)))
  if (flows.length > 0) return judgement('VERIFIED', 'an event carries the data', flows.map(siteEvidence))
  if (one.via !== null) return throughVia(one, one.via, here)
  const weak = [...consumed, ...(await linksBetween(graph, from.files, to.aim))]
  if (weak.length > 0)
    return judgement(
      'UNVERIFIABLE',
      `there is an import between them, but no call that hands data over`,
      weak.map(linkEvidence),
      kind === 'provides' ? 'Receives data from' : 'Provides data to',
    )
  return judgement(
    'CONTRADICTED',
    `no import, call or event joins this module and ${target.name}`,
    [],
    'name the file that joins them: (via `path`)',
  )
}

async function throughVia({ graph, aim, target }: Case, via: readonly string[], here: Aim): Promise<Judgement> {
  const mine = await linksBetween(graph, via, here)
  const theirs = await linksBetween(graph, via, aim)
  const first = [mine[0], theirs[0]].filter((link) => link !== undefined)
  if (mine.length > 0 && theirs.length > 0)
    return judgement('VERIFIED', 'the file named by "via" imports both', first.map(linkEvidence))
  const missing =
    via.length === 0
      ? 'the file named by "via" does not exist'
      : `the file named by "via" does not import ${mine.length === 0 ? 'this module' : target.name}`
  return judgement('CONTRADICTED', missing, first.map(linkEvidence))
}

/** Calls with arguments, made in `files`, on something that comes from the aim. */
async function handOvers(graph: EvidenceGraph, files: Iterable<string>, aim: Aim): Promise<Evidence[]> {
  const found: Evidence[] = []
  for (const path of files) {
    for (const call of (await graph.facts(path))?.calls ?? []) {
      if (!call.passes) continue
      for (const link of await linkOfLocal(graph, path, call.origin)) {
        if (hits(link, aim)) found.push({ path, line: call.line, says: `calls ${call.origin} with data` })
      }
    }
  }
  return found
}
