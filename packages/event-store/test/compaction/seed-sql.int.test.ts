import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { DuckDBInstance } from '@duckdb/node-api'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openCatalog } from '../../src/catalog.ts'
import { compactStore } from '../../src/compaction/compact.ts'
import { systemEnv } from '../../src/env.ts'
import { takeLease } from '../../src/leases.ts'
import { storePaths } from '../../src/paths.ts'
import { openQuery } from '../../src/query/engine.ts'
import { openEventStore } from '../../src/store.ts'
import { frameEvent, START, sessionId, systemEvent, ticks } from '../sample-events.ts'

/** The SQL examples of the design, word for word; only the place of the data differs. They run in any DuckDB, without options. */
const EXAMPLES = [
  `-- All events for a specific game (uses doc_type partition)
SELECT * FROM '~/rugs_data/events_parquet/doc_type=ws_event/**/*.parquet'
WHERE game_id = 'abc123';`,
  `-- Events in date range (uses both partitions)
SELECT * FROM '~/rugs_data/events_parquet/doc_type=game_tick/date=2025-12-15/*.parquet';`,
  `-- Cross-partition analytics
SELECT doc_type, COUNT(*)
FROM '~/rugs_data/events_parquet/**/*.parquet'
GROUP BY doc_type;`,
] as const

const TICKS = 200

/** The examples' day, and the one before it. */
const DAY = Date.UTC(2025, 11, 15, 10) * 1000

describe('the SQL of the design runs verbatim in plain DuckDB, whatever is merged', () => {
  let home: string
  let dir: string

  beforeAll(async () => {
    home = mkdtempSync(path.join(os.tmpdir(), 'vectra-seed-sql-'))
    dir = path.join(home, 'rugs_data')
    await using store = await openEventStore({ dir, flush: { maxEvents: 1_000_000, intervalMs: 3_600_000 } })
    for (const [session, ts] of [
      [1, START],
      [2, DAY],
    ] as const) {
      const id = sessionId(session)
      await store.openSession({ sessionId: id, source: 'public_ws' })
      for (let from = 1; from <= TICKS; from += 20) {
        const at = { _session_id: id, _ts: ts + from, _game_id: from % 40 === 1 ? 'abc123' : '20251215-other' }
        const last = from + 20 - 1
        await store.append([
          ...ticks(18, from, at),
          frameEvent(last - 1, 'playerUpdate', '{"cash":1.5}', at),
          systemEvent(last, 'gap', { cause: 'stale' }, at),
        ])
        await store.flush()
      }
      await store.endSession(id)
    }
  }, 60_000)

  afterAll(() => {
    rmSync(home, { recursive: true, force: true })
  })

  /** What plain DuckDB answers: the columns, and every row as text, sorted. `~` is its home directory. */
  async function answers(): Promise<unknown[]> {
    const instance = await DuckDBInstance.create(':memory:', { threads: '2' })
    const connection = await instance.connect()
    await connection.run(`SET home_directory = '${home}'`)
    try {
      return await Promise.all(
        EXAMPLES.map(async (sql) => {
          const reader = await connection.runAndReadAll(sql)
          const rows = reader.getRowsJson().map((row) => JSON.stringify(row))
          return { columns: reader.columnNames(), rows: rows.sort() }
        }),
      )
    } finally {
      connection.closeSync()
      instance.closeSync()
    }
  }

  const files = (): string[] =>
    readdirSync(path.join(dir, 'events_parquet'), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => entry.name)

  it('before, during (after the swap, a reader still holding the old list) and after compaction: the same rows', async () => {
    const before = await answers()
    const counts = before.map((answer) => (answer as { rows: string[] }).rows.length)
    // Ten parts of two sessions: game abc123 has every other one; one day of ticks; four doc types.
    expect(counts).toEqual([190, 180, 4])

    {
      // A reader holds the old list: the inputs have to stay, the merged parts are staged under names that no glob sees.
      using catalog = openCatalog(dir)
      using _lease = takeLease(systemEnv(), storePaths(dir), catalog.generation())
      const report = await compactStore({ dir, graceMs: 0 })
      expect(report.merges.length).toBeGreaterThan(0)
      expect(report.waiting).toBeGreaterThan(0)
      expect(files().some((name) => name.endsWith('.staged'))).toBe(true)
      expect(await answers()).toEqual(before)
      // Our own queries read the merged parts already.
      await using query = await openQuery({ dir })
      expect((await query.sql('SELECT count(*) FROM events')).rows).toEqual([[780n]])
    }

    await compactStore({ dir, graceMs: 0 })
    expect(files().some((name) => name.endsWith('.staged'))).toBe(false)
    expect(files().filter((name) => name.startsWith('part-merged-')).length).toBe(files().length)
    expect(await answers()).toEqual(before)
    // Once more: nothing to do, nothing changes.
    expect((await compactStore({ dir, graceMs: 0 })).merges).toEqual([])
    expect(await answers()).toEqual(before)
  }, 60_000)
})
