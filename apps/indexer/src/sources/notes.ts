import type { EventRow, QueryEngine } from '@vectra/event-store'
import { type DocumentSource, noteDocument } from '@vectra/vectors'
import { storeStamp } from './stamp.ts'

/** The documents of the `debug_notes` table: the notes in the store, by session. */
export function noteSource({
  dataDir,
  engine,
}: {
  readonly dataDir: string
  readonly engine: () => Promise<QueryEngine>
}): DocumentSource<'debug_notes'> {
  let notes = 0
  return {
    table: 'debug_notes',
    stamp: storeStamp(dataDir, (file) => file.docType === 'debug_note'),
    position: () => `${notes} notes`,
    async *scopes({ signal }) {
      const sessions = new Map<string, EventRow[]>()
      for await (const row of (await engine()).events({ docTypes: ['debug_note'], signal })) {
        notes++
        const rows = sessions.get(row.session_id)
        if (rows === undefined) sessions.set(row.session_id, [row])
        else rows.push(row)
      }
      for (const [session, rows] of sessions) {
        yield {
          scope: `session:${session}`,
          version: rows.map((row) => row.seq).join(','),
          load: async () => ({ documents: rows.flatMap((row) => noteDocument(row) ?? []) }),
        }
      }
    },
  }
}
