import { createHash } from 'node:crypto'
import type { ChromaDocument } from '../clients/chroma.ts'

/** Where documents go: the three tables by where they came from, or aside. */
export const ROUTES = ['events', 'code_context', 'debug_notes', 'quarantine'] as const
export type Route = (typeof ROUTES)[number]

/** What the truth says: the store about events, the repository about files. */
export interface MigrationFacts {
  /** Whether this very event is stored. */
  hasEvent(event: { readonly sessionId: string; readonly seq: number }): Promise<boolean>
  /** Path in the repository of a CONTEXT.md that a document says it came from; undefined when it is gone. */
  contextPath(source: string): string | undefined
}

/** A document's way, and why. */
export interface Routed {
  readonly route: Route
  /** In words, for the report; of a quarantined document it is stored with it. */
  readonly reason: string
}

/**
 * Routes one document by provenance alone, never by what its text says.
 *
 * Events and CONTEXT.md files are not copied: the store and the repository hold the originals, and the tables are made from those. A
 * document that claims to be one of them, and has no original, fits nowhere.
 */
export async function routeDocument({ id, text, metadata }: ChromaDocument, facts: MigrationFacts): Promise<Routed> {
  if (text === null || text.trim() === '') return { route: 'quarantine', reason: 'it has no text' }
  if (metadata['doc_type'] !== undefined && metadata['doc_type'] !== null) {
    const event = eventOf(id, metadata)
    if (event === undefined) return { route: 'quarantine', reason: 'it claims to be an event, and names no session and seq' }
    return (await facts.hasEvent(event))
      ? { route: 'events', reason: 'the event itself is stored' }
      : { route: 'quarantine', reason: `it claims to be event ${event.sessionId}:${event.seq}, which is not stored` }
  }
  const source = metadata['source']
  if (typeof source === 'string' && /(^|[/\\])([^/\\]+\.)?CONTEXT\.md$/.test(source)) {
    const path = facts.contextPath(source)
    return path === undefined
      ? { route: 'quarantine', reason: `it comes from ${source.slice(0, 200)}, which is not in this repository` }
      : { route: 'code_context', reason: `${path} is in the repository` }
  }
  return { route: 'debug_notes', reason: 'everything else is somebody’s note' }
}

/** Session and seq of an event document: its metadata, else the id `<session>_<seq>_<ts>`. */
function eventOf(id: string, metadata: ChromaDocument['metadata']): { sessionId: string; seq: number } | undefined {
  const [, session, number] = /^([0-9a-f-]{36})_(\d{1,15})(?:_|$)/.exec(id) ?? []
  const sessionId = metadata['session_id'] ?? session
  const seq = metadata['seq'] ?? (number === undefined ? undefined : Number(number))
  return typeof sessionId === 'string' && sessionId !== '' && Number.isSafeInteger(seq)
    ? { sessionId, seq: seq as number }
    : undefined
}

/** What a document says, in 16 hex digits: a document whose text and metadata did not change is not migrated twice. */
export function documentHash({ text, metadata }: ChromaDocument): string {
  const facts = Object.entries(metadata).sort(([a], [b]) => (a < b ? -1 : 1))
  return createHash('sha256')
    .update(JSON.stringify([text, facts]))
    .digest('hex')
    .slice(0, 16)
}
