import { type EventSite, eventSites, sameEvent, siteEvidence } from './events.ts'
import { type Case, judgement, listed } from './judgement.ts'
import { linkEvidence, linksBetween } from './links.ts'
import { nearestName } from './nearest.ts'
import type { Judgement } from './types.ts'

/** Names every emitter has: alone they join nobody. */
const GENERIC = new Set('error close data end exit abort message open change click finish connect disconnect ready'.split(' '))

/**
 * `Subscribes to events from` and `Publishes events to`.
 *
 * Proof is a call on something that comes from the target (the bus itself), or an event of one name that one side
 * publishes and the other subscribes to. Events the claim names have to be among them.
 */
export async function judgeEvents(one: Case, kind: 'subscribes' | 'publishes'): Promise<Judgement> {
  const { graph, subject, aim, claim, target } = one
  const mine = kind === 'subscribes' ? 'subscribe' : 'publish'
  const theirs = kind === 'subscribes' ? 'publish' : 'subscribe'
  const verb = kind === 'subscribes' ? 'subscribes to' : 'publishes'
  const here = (await eventSites(graph, subject, aim)).filter((site) => site.kind === mine)
  const sources = [...aim.files].filter((path) => graph.isSource(path))
  const there = (await eventSites(graph, sources, { files: new Set(subject), external: null })).filter(
    (site) => site.kind === theirs,
  )
  const joined =
    (await linksBetween(graph, subject, aim)).length > 0 ||
    (await linksBetween(graph, sources, { files: new Set(subject), external: null })).length > 0
  const shared = (site: EventSite) =>
    (joined || !GENERIC.has(site.name ?? '')) && there.some((other) => sameEvent(site.name, other.name))
  const proven = here.filter((site) => site.atAim || shared(site))
  const silent = here.every((site) => site.name === null)
  const called = there.filter((site) => site.atAim && (silent || here.some((own) => sameEvent(own.name, site.name))))
  for (const event of claim.events) {
    if ([...proven, ...called].some((site) => sameEvent(site.name, event))) continue
    const known = new Set([...here, ...called].map((site) => site.name).filter((name) => name !== null))
    if (proven.some((site) => site.name === null))
      return judgement('UNVERIFIABLE', `an event named at run time may be "${event}"`, proven.map(siteEvidence))
    return judgement(
      'CONTRADICTED',
      `nothing here ${verb} "${event}"${known.size > 0 ? `; events here: ${listed(known)}` : ''}`,
      here.map(siteEvidence),
      nearestName(event, known),
    )
  }
  if (proven.length > 0) {
    const names = proven.map((site) => site.name).filter((name) => name !== null)
    return judgement(
      'VERIFIED',
      names.length > 0 ? `${verb} ${listed(names)}` : `${verb} events of ${target.name}`,
      proven.map(siteEvidence),
    )
  }
  if (called.length > 0)
    return judgement(
      'VERIFIED',
      `${target.name} ${theirs === 'subscribe' ? 'subscribes to' : 'publishes'} ${listed(called.map((site) => site.name ?? 'events'))} on this module`,
      called.map(siteEvidence),
    )
  const links = await linksBetween(graph, subject, aim)
  const loose = here.filter((site) => !site.traced)
  if (links.length > 0 && loose.length > 0 && there.length === 0 && claim.events.length === 0) {
    return judgement('UNVERIFIABLE', `imports ${target.name}, but the receivers of its ${mine} calls cannot be traced`, [
      ...loose.map(siteEvidence),
      ...links.map(linkEvidence),
    ])
  }
  const reason = here.length === 0 ? `no ${mine} call here` : `no ${mine} call here has to do with ${target.name}`
  return judgement('CONTRADICTED', reason, here.map(siteEvidence), links.length > 0 ? 'Imports … from' : null)
}
