import { mkdtempSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { expect, it } from 'vitest'
import { openQuery } from '../../../src/query/engine.ts'
import { openEventStore } from '../../../src/store.ts'
import { duckDbProcess } from '../../engines/duckdb-process.ts'
import { sessionId, ticks } from '../../sample-events.ts'

it('P5: views see acknowledged rows that are only in the journal, whoever is asked, each once', async () => {
  const dir = mkdtempSync(path.join(os.tmpdir(), 'vectra-fresh-views-'))
  const remote = duckDbProcess()
  {
    await using store = await openEventStore({ dir, flush: { maxEvents: 1_000, intervalMs: 600_000 } })
    await store.openSession({ sessionId: sessionId(), source: 'public_ws' })
    await store.append(ticks(5))
    await store.flush()
    await store.append(ticks(4, 6))
    await using query = await openQuery({ dir, engine: 'motherduck', remote })
    const sql = 'SELECT count(*) FROM games JOIN candles(NULL, 3) USING (game_id)'
    expect((await query.sql('SELECT count(*) FROM ticks')).rows).toEqual([[5n]])
    expect(await query.sql('SELECT count(*) FROM ticks', { fresh: true })).toMatchObject({ rows: [[9n]], answeredBy: 'local' })
    expect(await query.sql('SELECT count(*) FROM ticks')).toMatchObject({ rows: [[5n]], answeredBy: 'motherduck' })
    // Ticks 1 to 9 touch four candles of three.
    expect((await query.sql(sql, { fresh: true })).rows).toEqual([[4n]])
    await store.flush()
    expect(await query.sql('SELECT count(*) FROM ticks', { fresh: true })).toMatchObject({
      rows: [[9n]],
      answeredBy: 'motherduck',
    })
  }
  await remote.close()
  rmSync(dir, { recursive: true })
})
