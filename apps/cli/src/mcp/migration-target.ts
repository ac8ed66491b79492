import { createHash } from 'node:crypto'
import { openRepository } from '@vectra/context-tools'
import { type EventStore, openEventStore, openQuery, systemEnv } from '@vectra/event-store'
import { sessionIdAt } from '@vectra/ingest'
import type { MigratedDocument, MigrationTarget } from '@vectra/mcp'
import type { EventEnvelope } from '@vectra/schemas'

/** The data directory as the target of a migration. */
export interface OpenTarget extends MigrationTarget, AsyncDisposable {}

/**
 * Notes become `debug_note` events and documents that fit nowhere `migration_quarantine` events, so that the search tables can be
 * deleted and rebuilt. Each collection is one session whose id follows from its name: its lock keeps two migrations of it apart.
 *
 * @param repoDir repository whose CONTEXT.md files count as originals
 */
export async function openTarget(
  dataDir: string,
  repoDir: string | undefined,
  { dryRun }: { dryRun: boolean },
): Promise<OpenTarget> {
  const contexts = repoDir === undefined ? [] : await contextsOf(repoDir)
  const env = systemEnv()
  const seqs = new Map<string, number>()
  const stored = new Map<string, Promise<ReadonlySet<number>>>()
  let store: EventStore | undefined
  const session = async (collection: string): Promise<{ store: EventStore; id: string }> => {
    store ??= await openEventStore({ dir: dataDir, env })
    const id = sessionOf(collection)
    if (!seqs.has(collection)) {
      const { lastSeq } = await store.openSession({ sessionId: id, source: 'ui', origin: originOf(collection) })
      seqs.set(collection, lastSeq)
    }
    return { store, id }
  }
  return {
    async written(collection) {
      if (!dryRun) await (await session(collection)).store.flush()
      const found = new Map<string, string[]>()
      await using engine = await openQuery({ dir: dataDir, timeoutMs: 300_000 })
      for await (const { raw_json } of engine.events({
        sessionId: sessionOf(collection),
        docTypes: ['debug_note', 'system_event'],
      })) {
        const { provenance, hash } = JSON.parse(raw_json ?? '{}') as { provenance?: string; hash?: string }
        if (provenance === undefined || hash === undefined) continue
        const hashes = found.get(provenance)
        if (hashes === undefined) found.set(provenance, [hash])
        else hashes.push(hash)
      }
      return found
    },
    async write(collection, documents) {
      const { store: open, id } = await session(collection)
      const at = env.clock.now()
      const from = seqs.get(collection) ?? 0
      await open.append(documents.map((document, index) => envelopeOf(document, { collection, id, at, seq: from + index + 1 })))
      seqs.set(collection, from + documents.length)
    },
    async hasEvent({ sessionId, seq }) {
      const known = stored.get(sessionId) ?? seqsOf(dataDir, sessionId)
      stored.set(sessionId, known)
      return (await known).has(seq)
    },
    contextPath: (source) => samePath(source, contexts),
    async [Symbol.asyncDispose]() {
      for (const collection of seqs.keys()) await store?.endSession(sessionOf(collection))
      await store?.close()
    },
  }
}

function originOf(collection: string): string {
  return `chroma:${collection}`
}

function sessionOf(collection: string): string {
  const tail = createHash('sha256')
    .update(`vectra migration 1 ${originOf(collection)}`)
    .digest()
    .subarray(0, 8)
  return sessionIdAt(0, { ...systemEnv().random, bytes: () => new Uint8Array(tail) })
}

function envelopeOf(
  { kind, provenance, hash, reason, document }: MigratedDocument,
  { collection, id, at, seq }: { collection: string; id: string; at: number; seq: number },
): EventEnvelope {
  const { metadata, text } = document
  const source = typeof metadata['source'] === 'string' ? [metadata['source']] : []
  const author = typeof metadata['author'] === 'string' ? metadata['author'] : 'chroma'
  const payload =
    kind === 'note'
      ? {
          text: (text ?? '').trim(),
          author,
          tags: ['migrated', collection],
          games: [],
          files: source,
          events: [],
          provenance,
          hash,
          metadata,
        }
      : { reason, provenance, hash, text, metadata }
  return {
    ...{ _ts: at, _seq: seq, _source: 'ui', _session_id: id, _game_id: null },
    ...{ doc_type: kind === 'note' ? 'debug_note' : 'system_event', direction: 'internal' },
    ...{ event_name: kind === 'note' ? 'debug_note' : 'migration_quarantine', ack_id: null, trace_id: null, packet: '' },
    ...{
      raw_json: JSON.stringify(payload),
      payload_index: null,
      payload,
      issues: null,
      acked: null,
      origin: originOf(collection),
    },
  }
}

async function seqsOf(dataDir: string, sessionId: string): Promise<ReadonlySet<number>> {
  await using engine = await openQuery({ dir: dataDir, timeoutMs: 300_000 })
  const { rows } = await engine.sql('SELECT DISTINCT seq FROM events WHERE session_id = $1', {
    params: [sessionId],
    maxRows: 20_000_000,
  })
  return new Set(rows.map(([seq]) => Number(seq)))
}

async function contextsOf(repoDir: string): Promise<readonly string[]> {
  await using repository = await openRepository({ dir: repoDir })
  return repository.graph.contexts
}

/** A path of another machine is the same file here when the end of it names one, and only one. */
function samePath(source: string, contexts: readonly string[]): string | undefined {
  const parts = source
    .replaceAll('\\', '/')
    .split('/')
    .filter((part) => part !== '' && part !== '.')
  for (let from = 0; from < parts.length; from++) {
    const tail = parts.slice(from).join('/')
    if (contexts.includes(tail) && (from === 0 || tail.includes('/'))) return tail
  }
  const tail = parts.slice(-2).join('/')
  const found = parts.length < 2 ? [] : contexts.filter((path) => path.endsWith(`/${tail}`))
  return found.length === 1 ? found[0] : undefined
}
