import type { EvidenceGraph } from '../graph/graph.ts'
import { type Aim, hits, linkOfLocal } from './links.ts'
import type { Evidence } from './types.ts'

/** A publish or subscribe call with its event name and where its receiver comes from. */
export interface EventSite {
  readonly kind: 'publish' | 'subscribe'
  readonly name: string | null
  readonly path: string
  readonly line: number
  /** True when the receiver, or something it comes from, is defined in the aim. */
  readonly atAim: boolean
  /** True when the receiver could be traced to some import. */
  readonly traced: boolean
}

/** Event call sites of some files; `aim` marks those on something that comes from the target. */
export async function eventSites(graph: EvidenceGraph, files: Iterable<string>, aim: Aim | null): Promise<EventSite[]> {
  const sites: EventSite[] = []
  for (const path of files) {
    const facts = await graph.facts(path)
    for (const event of facts?.events ?? []) {
      let atAim = false
      let traced = false
      for (const origin of event.origins) {
        for (const link of await linkOfLocal(graph, path, origin)) {
          traced = true
          if (aim !== null && hits(link, aim)) atAim = true
        }
      }
      sites.push({ kind: event.kind, name: await graph.eventName(path, event), path, line: event.line, atAim, traced })
    }
  }
  return sites
}

/** A call site as evidence. */
export function siteEvidence(site: EventSite): Evidence {
  return {
    path: site.path,
    line: site.line,
    says: `${site.kind === 'publish' ? 'publishes' : 'subscribes to'} ${site.name ?? 'an event named at run time'}`,
  }
}

/** True when two sites speak of the same event; an event class matches its last name. */
export function sameEvent(a: string | null, b: string | null): boolean {
  return a !== null && b !== null && (a === b || a.split('.').at(-1) === b || b.split('.').at(-1) === a)
}
