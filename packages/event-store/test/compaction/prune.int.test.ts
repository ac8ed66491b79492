import { rmSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { duckdbEncoder } from '../../src/encoders/duckdb.ts'
import {
  compactStore,
  listFiles,
  openCatalog,
  openEventStore,
  openQuery,
  pruneStore,
  rebuildCatalog,
  recoverStore,
  startCompaction,
  storePaths,
  verifyStore,
} from '../../src/index.ts'
import { temporaryDirectory } from '../temporary-directory.ts'
import { globAnswer, storeDay } from './day.ts'

const DAY = 24 * 60 * 60 * 1000
const GAME = '20251212-0000000000000001'

async function rows(dir: string): Promise<unknown> {
  await using engine = await openQuery({ dir, threads: 1 })
  const { rows: found } = await engine.sql(
    'SELECT doc_type, count(*)::INTEGER, count(DISTINCT game_id)::INTEGER FROM events GROUP BY 1 ORDER BY 1',
  )
  return found
}

async function findings(dir: string): Promise<unknown> {
  return (await verifyStore({ dir, receipts: true })).findings
}

describe('retention', { timeout: 120_000 }, () => {
  it('P6: plans first, removes what was asked, keeps games, and leaves a receipt that verify and a rebuild know', async () => {
    using dir = temporaryDirectory()
    await storeDay(dir.path, 3)
    const wish = { dir: dir.path, olderThanMs: 90 * DAY, docTypes: ['ws_event', 'system_event'] as const, keepGames: [GAME] }
    const before = await rows(dir.path)
    expect(before).toEqual([
      ['game_tick', 30, 3],
      ['player_action', 3, 3],
      ['system_event', 3, 3],
      ['ws_event', 33, 3],
    ])

    const plan = await pruneStore(wish)
    expect(plan).toMatchObject({
      executed: false,
      blocked: [],
      removed: 0,
      partitions: [
        { docType: 'system_event', rows: 2, kept: 1, receiptId: null },
        { docType: 'ws_event', rows: 22, kept: 11 },
      ],
    })
    expect(await rows(dir.path)).toEqual(before)

    expect(await pruneStore({ ...wish, yes: true })).toMatchObject({ executed: true, removed: 6 })
    const after = [
      ['game_tick', 30, 3],
      ['player_action', 3, 3],
      ['system_event', 1, 1],
      ['ws_event', 11, 1],
    ]
    expect(await rows(dir.path)).toEqual(after)
    expect(await findings(dir.path)).toEqual([])
    expect(await pruneStore({ ...wish, yes: true })).toMatchObject({ partitions: [], removed: 0 })

    // The rest of it goes as well; a compaction and a lost catalog bring nothing back.
    await compactStore({ dir: dir.path })
    expect(await pruneStore({ ...wish, keepGames: [], docTypes: ['ws_event'], yes: true })).toMatchObject({
      partitions: [{ rows: 11, kept: 0 }],
    })
    expect(listFiles(dir.path).map(({ docType }) => docType)).toEqual(['game_tick', 'player_action', 'system_event'])
    expect(await findings(dir.path)).toEqual([])
    const { catalog } = storePaths(dir.path)
    for (const file of [catalog, `${catalog}-wal`, `${catalog}-shm`, path.join(dir.path, 'catalog.seal.json')])
      rmSync(file, { force: true })
    expect(await recoverStore({ dir: dir.path, encoder: duckdbEncoder() })).toMatchObject({ failures: [], missingFiles: [] })
    expect(await rows(dir.path)).toEqual(after.slice(0, 3))
    expect(await findings(dir.path)).toEqual([])
  })

  it('P6: refuses while a reader pins files, and leaves young days alone', async () => {
    using dir = temporaryDirectory()
    await storeDay(dir.path, 2)
    await using store = await openEventStore({ dir: dir.path, encoder: duckdbEncoder() })
    const wish = { dir: dir.path, olderThanMs: 90 * DAY, docTypes: ['ws_event'] as const }
    {
      using _pinned = store.snapshot()
      expect((await pruneStore(wish)).blocked).toHaveLength(1)
      await expect(pruneStore({ ...wish, yes: true })).rejects.toThrow(expect.objectContaining({ code: 'STORE_IN_USE' }) as Error)
      expect(listFiles(dir.path)).toHaveLength(8)
    }
    expect(await pruneStore({ ...wish, olderThanMs: 100_000 * DAY, yes: true })).toMatchObject({ partitions: [] })
    expect(await pruneStore({ ...wish, yes: true })).toMatchObject({ removed: 2 })
  })
})

describe('rebuilding and background', { timeout: 120_000 }, () => {
  it('rebuilds a catalog on demand, with the ends of sessions, and refuses while somebody reads', async () => {
    using dir = temporaryDirectory()
    await storeDay(dir.path, 2)
    await compactStore({ dir: dir.path })
    const before = listFiles(dir.path).map(({ generation: _, ...file }) => file)
    {
      await using engine = await openQuery({ dir: dir.path, threads: 1 })
      await engine.sql('SELECT 1')
      const store = await openEventStore({ dir: dir.path, encoder: duckdbEncoder() })
      const pinned = store.snapshot()
      await expect(rebuildCatalog({ dir: dir.path, encoder: duckdbEncoder() })).rejects.toThrow(/reads/)
      pinned[Symbol.dispose]()
      await store.close()
    }
    expect(await rebuildCatalog({ dir: dir.path, encoder: duckdbEncoder() })).toMatchObject({
      catalogRebuilt: true,
      failures: [],
      missingFiles: [],
    })
    expect(listFiles(dir.path).map(({ generation: _, ...file }) => file)).toEqual(before)
    expect(await findings(dir.path)).toEqual([])
    using catalog = openCatalog(dir.path)
    expect(catalog.sessions()).toMatchObject([{ endedAt: expect.any(Number) as number, summary: { framesIn: 24 } }])
  })

  it('P5: a thread compacts beside an open store', async () => {
    using dir = temporaryDirectory()
    await storeDay(dir.path, 3)
    const before = await globAnswer(dir.path)
    await using store = await openEventStore({ dir: dir.path, encoder: duckdbEncoder() })
    const faults: unknown[] = []
    await using compaction = startCompaction({ dir: dir.path, graceMs: 0, onFault: (error) => faults.push(error) })
    expect(await compaction.run()).toMatchObject({ failures: [], removed: 12, waiting: 0 })
    expect(store.snapshot().files).toHaveLength(4)
    expect(await globAnswer(dir.path)).toEqual(before)
    expect(faults).toEqual([])
    await compaction.close()
    expect(await compaction.run()).toBeNull()
  })
})
