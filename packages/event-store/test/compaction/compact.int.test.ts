import { existsSync, readdirSync, rmSync, statSync } from 'node:fs'
import path from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { describe, expect, it } from 'vitest'
import { duckdbEncoder } from '../../src/encoders/duckdb.ts'
import {
  compactStore,
  type EventStoreError,
  listFiles,
  openCatalog,
  openEventStore,
  openQuery,
  recoverStore,
  storePaths,
  systemEnv,
  verifyStore,
} from '../../src/index.ts'
import { liveLeases, takeLease } from '../../src/leases.ts'
import { tryMaintenanceLock } from '../../src/maintenance-lock.ts'
import { sessionId, ticks } from '../sample-events.ts'
import { temporaryDirectory } from '../temporary-directory.ts'
import { ANSWER, globAnswer, storeDay } from './day.ts'

async function findings(dir: string): Promise<unknown> {
  return (await verifyStore({ dir, receipts: true })).findings
}

async function answer(dir: string): Promise<unknown> {
  await using engine = await openQuery({ dir, threads: 1 })
  return (await engine.sql(`${ANSWER} events GROUP BY doc_type ORDER BY doc_type`)).rows.map((row) => row.map(String))
}

/** What a rebuilt catalog must agree on: everything but the times at which rows were written. */
function content(dir: string): unknown {
  using catalog = openCatalog(dir)
  const { files, sessions, gaps } = catalog.snapshot()
  const db = new DatabaseSync(storePaths(dir).catalog, { readOnly: true })
  try {
    return {
      files: files.map(({ generation: _, ...file }) => file),
      sessions: sessions.map(({ openedAt: _o, endedAt: _e, summary: _s, ...session }) => session),
      gaps,
      segments: db.prepare('SELECT session_id, segment, seq_first, seq_last, rows FROM segments ORDER BY 1, 2').all(),
      receipts: db.prepare('SELECT receipt_id, kind, output, rows, content_hash, file_sha256 FROM receipts ORDER BY 1').all(),
    }
  } finally {
    db.close()
  }
}

describe('compaction', { timeout: 120_000 }, () => {
  it('P5 P6: makes one file of each doc_type, changes no answer, and a second run does nothing', async () => {
    using dir = temporaryDirectory()
    await storeDay(dir.path, 6)
    const before = [await answer(dir.path), await globAnswer(dir.path)]
    const plan = await compactStore({ dir: dir.path, dryRun: true })
    expect(plan.merges.map(({ docType, files, output }) => [docType, files, output])).toEqual([
      ['game_tick', 6, null],
      ['player_action', 6, null],
      ['system_event', 6, null],
      ['ws_event', 6, null],
    ])
    expect(listFiles(dir.path)).toHaveLength(24)

    const report = await compactStore({ dir: dir.path })
    expect(report).toMatchObject({ failures: [], removed: 24, waiting: 0 })
    expect(listFiles(dir.path).map(({ docType, rows, sessionId: session }) => [docType, rows, session])).toEqual([
      ['game_tick', 60, null],
      ['player_action', 6, null],
      ['system_event', 6, null],
      ['ws_event', 66, null],
    ])
    expect([await answer(dir.path), await globAnswer(dir.path)]).toEqual(before)
    expect(await findings(dir.path)).toEqual([])

    expect(await compactStore({ dir: dir.path })).toMatchObject({ merges: [], removed: 0 })
    expect(await recoverStore({ dir: dir.path, encoder: duckdbEncoder() })).toMatchObject({
      segments: 0,
      adoptedFiles: 0,
      removedTemporary: 0,
      missingFiles: [],
      failures: [],
    })
    expect(readdirSync(path.join(dir.path, 'events_parquet/doc_type=ws_event/date=2025-12-12'))).toHaveLength(1)
    expect((await verifyStore({ dir: dir.path, reader: 'parquetjs' })).findings).toEqual([])
  })

  it('an empty directory and a single file are nothing to do', async () => {
    using dir = temporaryDirectory()
    expect(await compactStore({ dir: path.join(dir.path, 'none') })).toMatchObject({ merges: [] })
    expect(existsSync(path.join(dir.path, 'none'))).toBe(false)
    await storeDay(dir.path, 1)
    expect(await compactStore({ dir: dir.path })).toMatchObject({ merges: [], removed: 0 })
    expect(await findings(dir.path)).toEqual([])
  })

  it('merged files are merged again with what came later', async () => {
    using dir = temporaryDirectory()
    await storeDay(dir.path, 2)
    await compactStore({ dir: dir.path })
    await storeDay(dir.path, 2, 10, 2)
    const before = await answer(dir.path)
    expect(await compactStore({ dir: dir.path })).toMatchObject({ failures: [], removed: 12 })
    expect(listFiles(dir.path)).toHaveLength(4)
    expect(await answer(dir.path)).toEqual(before)
    expect(await findings(dir.path)).toEqual([])
    // A session goes on where it ended, though its parts are merged.
    await using store = await openEventStore({ dir: dir.path, encoder: duckdbEncoder() })
    expect(await store.openSession({ sessionId: sessionId(1), source: 'replay' })).toEqual({ lastSeq: 24, ended: true })
    await store.append(ticks(1, 25))
  })

  it('P5: a pinned snapshot keeps its files on the disk until it is let go; globs see the inputs until then', async () => {
    using dir = temporaryDirectory()
    await storeDay(dir.path, 4)
    const before = [await answer(dir.path), await globAnswer(dir.path)]
    await using store = await openEventStore({ dir: dir.path, encoder: duckdbEncoder() })
    const snapshot = store.snapshot()
    expect(snapshot.files).toHaveLength(16)
    expect(await compactStore({ dir: dir.path })).toMatchObject({ removed: 0, waiting: 16, failures: [] })
    for (const file of snapshot.files) expect(existsSync(file.absolutePath)).toBe(true)
    expect(listFiles(dir.path)).toHaveLength(4)
    expect([await answer(dir.path), await globAnswer(dir.path)]).toEqual(before)
    expect(await findings(dir.path)).toEqual([])
    using staged = store.snapshot()
    snapshot[Symbol.dispose]()
    expect(await compactStore({ dir: dir.path })).toMatchObject({ merges: [], removed: 16, waiting: 0 })
    // The snapshot taken between commit and swap still names files that are there.
    for (const file of staged.files) expect(statSync(file.absolutePath).size).toBeGreaterThan(0)
    expect([await answer(dir.path), await globAnswer(dir.path)]).toEqual(before)
    staged[Symbol.dispose]()
    await compactStore({ dir: dir.path })
    expect(readdirSync(path.join(dir.path, 'events_parquet/doc_type=ws_event/date=2025-12-12'))).toHaveLength(1)
    expect(readdirSync(path.join(dir.path, 'leases'))).toEqual([])
    expect(await findings(dir.path)).toEqual([])
  })

  it('a lease of a dead process holds nothing', async () => {
    using dir = temporaryDirectory()
    await storeDay(dir.path, 2)
    const env = systemEnv()
    const paths = storePaths(dir.path)
    using lease = takeLease(env, paths, 1)
    expect(lease.held).toBe(true)
    expect(liveLeases(env, paths)).toHaveLength(1)
    // The same process id, started at another time: the number was used again.
    const [name = ''] = readdirSync(paths.leases)
    const { renameSync } = await import('node:fs')
    renameSync(path.join(paths.leases, name), path.join(paths.leases, name.replace(/-s\d+-/, '-s1-')))
    expect(liveLeases(env, paths)).toEqual([])
    expect(await compactStore({ dir: dir.path })).toMatchObject({ waiting: 0, removed: 8 })
    expect(readdirSync(paths.leases)).toEqual([])
  })

  it('P10: a second compactor leaves with STORE_BUSY, or waits', async () => {
    using dir = temporaryDirectory()
    await storeDay(dir.path, 2)
    const lock = tryMaintenanceLock(storePaths(dir.path))
    await expect(compactStore({ dir: dir.path })).rejects.toThrow(
      expect.objectContaining({ code: 'STORE_BUSY' }) as EventStoreError,
    )
    const waiting = compactStore({ dir: dir.path, waitMs: 60_000 })
    lock?.release()
    expect(await waiting).toMatchObject({ removed: 8 })
    const both = await Promise.allSettled([compactStore({ dir: dir.path }), compactStore({ dir: dir.path, waitMs: 60_000 })])
    expect(both.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled'])
  })

  it('P6: a damaged input is not merged: it is reported, the rest goes on', async () => {
    using dir = temporaryDirectory()
    await storeDay(dir.path, 3)
    const [victim] = listFiles(dir.path).filter((file) => file.docType === 'ws_event')
    const { readFileSync, writeFileSync } = await import('node:fs')
    const bytes = readFileSync(victim?.absolutePath ?? '')
    bytes[200] = (bytes[200] ?? 0) ^ 4
    writeFileSync(victim?.absolutePath ?? '', bytes)
    const report = await compactStore({ dir: dir.path })
    expect(report.failures).toMatchObject([{ docType: 'ws_event', code: 'STORE_PROOF' }])
    expect(report.merges).toHaveLength(3)
    expect(listFiles(dir.path).filter((file) => file.docType === 'ws_event')).toHaveLength(3)
    expect(((await findings(dir.path)) as { kind: string }[]).map(({ kind }) => kind)).toEqual(['part_checksum'])
  })

  it('P7: a lost catalog is rebuilt from merged and unmerged parts and receipts, equal to the last one', async () => {
    using dir = temporaryDirectory()
    await storeDay(dir.path, 3)
    await compactStore({ dir: dir.path })
    await storeDay(dir.path, 2, 10, 2)
    await compactStore({ dir: dir.path })
    await storeDay(dir.path, 1, 10, 3)
    const before = content(dir.path)
    const rows = await answer(dir.path)
    const { catalog } = storePaths(dir.path)
    for (const file of [catalog, `${catalog}-wal`, `${catalog}-shm`, path.join(dir.path, 'catalog.seal.json')])
      rmSync(file, { force: true })
    await expect(compactStore({ dir: dir.path })).rejects.toThrow(/was lost/)
    expect(existsSync(catalog)).toBe(false)
    expect(await recoverStore({ dir: dir.path, encoder: duckdbEncoder() })).toMatchObject({
      catalogRebuilt: true,
      failures: [],
      missingFiles: [],
    })
    expect(content(dir.path)).toEqual(before)
    expect(await answer(dir.path)).toEqual(rows)
    expect(await findings(dir.path)).toEqual([])
  })

  it('P6: a catalog lost while readers still held the inputs lists each row once', async () => {
    using dir = temporaryDirectory()
    await storeDay(dir.path, 3)
    const rows = await answer(dir.path)
    const { catalog } = storePaths(dir.path)
    {
      using _lease = takeLease(systemEnv(), storePaths(dir.path), 1)
      expect(await compactStore({ dir: dir.path })).toMatchObject({ removed: 0, waiting: 12 })
    }
    for (const file of [catalog, `${catalog}-wal`, `${catalog}-shm`, path.join(dir.path, 'catalog.seal.json')])
      rmSync(file, { force: true })
    expect(await recoverStore({ dir: dir.path, encoder: duckdbEncoder() })).toMatchObject({
      catalogRebuilt: true,
      failures: [],
      missingFiles: [],
    })
    expect([await answer(dir.path), listFiles(dir.path).length]).toEqual([rows, 4])
    expect(await findings(dir.path)).toEqual([])
  })

  it('pauses between merges, not after the last, and a stop ends the pause', async () => {
    using dir = temporaryDirectory()
    await storeDay(dir.path, 3)
    const env = systemEnv()
    const stop = new AbortController()
    const pauses: number[] = []
    const paused = {
      ...env,
      clock: {
        ...env.clock,
        timer(ms: number, fire: () => void) {
          // The first pause would never end; the others are over at once.
          if (pauses.push(ms) === 1) stop.abort(new Error('enough'))
          else fire()
          return () => undefined
        },
      },
    }
    const run = (signal?: AbortSignal) =>
      compactStore({ dir: dir.path, env: paused, idleFactor: 1_000_000, ...(signal === undefined ? {} : { signal }) })
    await expect(run(stop.signal)).rejects.toThrow('enough')
    expect(pauses).toHaveLength(1)
    const { merges } = await run()
    expect(merges).toHaveLength(3)
    expect(pauses).toHaveLength(3)
    expect(await findings(dir.path)).toEqual([])
  })

  it('says in one line that the memory does not suffice, and changes nothing', async () => {
    using dir = temporaryDirectory()
    await storeDay(dir.path, 3)
    const before = listFiles(dir.path)
    const { failures } = await compactStore({ dir: dir.path, memoryLimit: '4MB' })
    expect(failures[0]?.message).toMatch(/^Out of Memory Error: .*; give it more \(memoryLimit, --memory\)$/)
    expect(listFiles(dir.path)).toEqual(before)
    expect(await findings(dir.path)).toEqual([])
  })
})
