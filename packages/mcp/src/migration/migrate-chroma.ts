import type { ChromaDocument, ChromaSource } from '../clients/chroma.ts'
import { McpError } from '../errors.ts'
import { documentHash, type MigrationFacts, ROUTES, type Route, routeDocument } from './route.ts'

/** A document that is written: a note, or one set aside. */
export interface MigratedDocument {
  readonly kind: 'note' | 'quarantine'
  /** `chroma:<collection>:<id>` */
  readonly provenance: string
  readonly hash: string
  readonly reason: string
  readonly document: ChromaDocument
}

/** Where a migration writes: the canonical store, never a table. */
export interface MigrationTarget extends MigrationFacts {
  /** What earlier runs wrote of a collection: the hashes by provenance. */
  written(collection: string): Promise<ReadonlyMap<string, readonly string[]>>
  /** Resolves when all of them are durable. */
  write(collection: string, documents: readonly MigratedDocument[]): Promise<void>
}

/** How to migrate one collection. */
export interface MigrationOptions {
  readonly source: ChromaSource
  readonly collection: string
  readonly target: MigrationTarget
  /** Documents of one page; default 100. */
  readonly pageSize?: number | undefined
  /** Only reads and counts. */
  readonly dryRun?: boolean | undefined
  readonly signal?: AbortSignal | undefined
  readonly onProgress?: ((done: number, total: number) => void) | undefined
}

/** What became of a collection. */
export interface MigrationReport {
  readonly collection: string
  readonly dryRun: boolean
  /** Documents the collection says it holds. */
  readonly counted: number
  /** Different documents read. */
  readonly read: number
  readonly routed: Readonly<Record<Route, number>>
  /** Documents written by this run; 0 when nothing was new. */
  readonly added: number
  /** Notes and quarantined documents found in the store afterwards. */
  readonly stored: number
  /** counted = read = the sum of the routes, and every note and quarantined document is stored. */
  readonly proven: boolean
  /** Why documents were set aside, with how many. */
  readonly quarantined: Readonly<Record<string, number>>
}

/**
 * Migrates one collection, page by page. Each page is durable before the next is read, and what is stored already is not written again: a
 * run that dies is continued by running it again, and one more run adds nothing.
 *
 * @throws McpError MCP_MIGRATION when the collection changes under the run; and what the source throws
 */
export async function migrateChroma(options: MigrationOptions): Promise<MigrationReport> {
  const { source, collection, target, pageSize = 100, dryRun = false, signal, onProgress } = options
  const before = await source.count(collection, signal)
  const known = await target.written(collection)
  const routed: Record<Route, number> = { events: 0, code_context: 0, debug_notes: 0, quarantine: 0 }
  const quarantined: Record<string, number> = {}
  const wanted = new Map<string, string>()
  const seen = new Set<string>()
  let added = 0
  for (let offset = 0; ; offset += pageSize) {
    signal?.throwIfAborted()
    const page = await source.page(collection, { offset, limit: pageSize }, signal)
    const fresh: MigratedDocument[] = []
    for (const document of page) {
      if (seen.has(document.id)) throw changed(collection, `document ${document.id} came twice`)
      seen.add(document.id)
      const { route, reason } = await routeDocument(document, target)
      routed[route]++
      if (route === 'events' || route === 'code_context') continue
      const provenance = `chroma:${collection}:${document.id}`
      const hash = documentHash(document)
      if (route === 'quarantine') {
        const kind = reason.replace(/ [0-9a-f-]{36}:\d+/, ' …').replace(/from .*, which/, 'from …, which')
        quarantined[kind] = (quarantined[kind] ?? 0) + 1
      }
      wanted.set(provenance, hash)
      if (known.get(provenance)?.includes(hash) === true) continue
      fresh.push({ kind: route === 'quarantine' ? 'quarantine' : 'note', provenance, hash, reason, document })
    }
    if (fresh.length > 0 && !dryRun) await target.write(collection, fresh)
    added += fresh.length
    onProgress?.(seen.size, before)
    if (page.length < pageSize) break
  }
  const after = await source.count(collection, signal)
  if (after !== before || seen.size !== after)
    throw changed(collection, `it held ${before} documents, ${seen.size} were read, now it holds ${after}`)
  const now = dryRun ? known : await target.written(collection)
  const stored = [...wanted].filter(([provenance, hash]) => now.get(provenance)?.includes(hash) === true).length
  const sum = ROUTES.reduce((total, route) => total + routed[route], 0)
  return {
    ...{ collection, dryRun, counted: after, read: seen.size, routed, added, stored, quarantined },
    proven: sum === after && (dryRun || stored === wanted.size),
  }
}

function changed(collection: string, how: string): McpError {
  return new McpError(
    'MCP_MIGRATION',
    `the collection "${collection}" changed while it was read: ${how}. Run the migration again when nobody writes to it`,
    {
      context: { collection },
    },
  )
}
