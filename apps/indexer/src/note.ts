import { openEventStore, systemEnv } from '@vectra/event-store'
import type { EventEnvelope } from '@vectra/schemas'
import type { NotePayload } from '@vectra/vectors'
import { IndexerError } from './errors.ts'

type Details = { readonly [Key in Exclude<keyof NotePayload, 'text'>]?: NotePayload[Key] | undefined }

/** A note to be written. */
export interface NewNote extends Details {
  /** Its first line is the title. */
  readonly text: string
}

/** Where a note is stored. */
export interface StoredNote {
  readonly sessionId: string
  readonly seq: number
}

/**
 * Writes a note into the event store as a `debug_note` event: that is its canonical form, the search table is derived from it.
 * Resolves when it is durable; a recorder may be running on the same directory.
 *
 * @throws IndexerError INDEXER_NOTE_EMPTY, INDEXER_REFERENCE
 */
export async function addNote(dataDir: string, note: NewNote): Promise<StoredNote> {
  if (note.text.trim() === '') throw new IndexerError('INDEXER_NOTE_EMPTY', 'a note needs text')
  for (const event of note.events ?? []) {
    if (!/^[0-9a-f-]{36}:\d+$/.test(event)) {
      throw new IndexerError('INDEXER_REFERENCE', `"${event}" names no event; write <session id>:<seq>`, { context: { event } })
    }
  }
  const payload: NotePayload = {
    text: note.text.trim(),
    author: note.author ?? 'unknown',
    tags: [...new Set(note.tags ?? [])],
    games: note.games ?? [],
    files: note.files ?? [],
    events: note.events ?? [],
  }
  // Loaded here: everything else of the indexer does without sockets.
  const { sessionIdAt } = await import('@vectra/ingest')
  const env = systemEnv()
  const at = env.clock.now()
  const sessionId = sessionIdAt(at, env.random)
  const event: EventEnvelope = {
    ...{ _ts: at, _seq: 1, _source: 'ui', _session_id: sessionId, _game_id: payload.games[0] ?? null },
    ...{ doc_type: 'debug_note', direction: 'internal', event_name: 'debug_note', ack_id: null, trace_id: null, packet: '' },
    ...{ raw_json: JSON.stringify(payload), payload_index: null, payload, issues: null, acked: null, origin: 'note' },
  }
  await using store = await openEventStore({ dir: dataDir, env })
  await store.openSession({ sessionId, source: 'ui', origin: 'note' })
  await store.append([event])
  await store.endSession(sessionId)
  return { sessionId, seq: 1 }
}
