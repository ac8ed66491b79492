import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openEventStore, openQuery } from '@vectra/event-store'
import type { EventEnvelope } from '@vectra/schemas'
import { describeSink } from '../../../packages/ingest/test/sink-conformance.ts'

/** Source and store meet only in an app: here the store is held to what the pipeline relies on. */
describeSink('the event store', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'vectra-sink-'))
  const store = await openEventStore({ dir })
  return {
    sink: store,
    async stored(sessionId) {
      await store.flush()
      await using query = await openQuery({ dir })
      const { columns, rows } = await query.sql(
        'SELECT * EXCLUDE (payload) FROM system_event WHERE session_id = $1 ORDER BY seq',
        {
          params: [sessionId],
        },
      )
      return rows.map((row) => {
        const value = Object.fromEntries(columns.map(({ name }, index) => [name, row[index]]))
        return { ...value, _seq: Number(value.seq), raw_json: value.raw_json } as unknown as EventEnvelope
      })
    },
    async close() {
      await store.close()
      rmSync(dir, { recursive: true, force: true })
    },
  }
})
