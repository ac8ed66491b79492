import { copyFileSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { describe, expect, it } from 'vitest'
import { openCatalogWriter, prepareDirectory } from '../src/data-directory.ts'
import { duckdbEncoder } from '../src/encoders/duckdb.ts'
import {
  compactStore,
  listFiles,
  openCatalog,
  openEventStore,
  openQuery,
  pruneStore,
  rebuildCatalog,
  recoverStore,
  storePaths,
  systemEnv,
  verifyStore,
} from '../src/index.ts'
import { ANSWER, storeDay } from './compaction/day.ts'
import { frameEvent, sessionId, systemEvent, ticks } from './sample-events.ts'
import { temporaryDirectory } from './temporary-directory.ts'

/** What is the time of a commit, not of what was committed. */
const TIMES: Readonly<Record<string, readonly string[]>> = { segments: ['committed_at'], files: ['generation'] }

/** Everything the catalog holds, but for the times of commits and the checksums over them. */
function everything(dir: string): Record<string, unknown[]> {
  const db = new DatabaseSync(storePaths(dir).catalog, { readOnly: true })
  try {
    const names = db.prepare("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name").all()
    const tables = names.map(({ name }) => String(name)).filter((name) => name !== 'meta' && name !== 'migrations')
    return Object.fromEntries(
      tables.map((table) => [
        table,
        db
          .prepare(`SELECT * FROM ${table}`)
          .all()
          .map((row) =>
            Object.fromEntries(Object.entries(row).filter(([key]) => key !== 'row_check' && !TIMES[table]?.includes(key))),
          )
          .sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1)),
      ]),
    )
  } finally {
    db.close()
  }
}

async function answers(dir: string): Promise<unknown> {
  await using query = await openQuery({ dir })
  return (await query.sql(`${ANSWER} events GROUP BY doc_type ORDER BY doc_type`)).rows.map((row) => row.map(String))
}

/** Three sessions, merged, pruned, merged again, with small parts on top; one was never ended, one has nothing stored. */
async function eventful(dir: string): Promise<void> {
  await storeDay(dir, 4)
  await storeDay(dir, 3, 10, 2, Date.UTC(2025, 11, 13) * 1000)
  expect((await compactStore({ dir, date: '2025-12-12' })).failures).toEqual([])
  expect(
    (
      await pruneStore({
        dir,
        olderThanMs: 0,
        docTypes: ['game_tick', 'ws_event'],
        keepGames: ['20251212-0000000000000001'],
        yes: true,
      })
    ).executed,
  ).toBe(true)
  await storeDay(dir, 2, 10, 3)
  expect((await compactStore({ dir, date: '2025-12-12' })).failures).toEqual([])
  await using store = await openEventStore({ dir, encoder: duckdbEncoder() })
  await store.openSession({ sessionId: sessionId(4), source: 'cdp', origin: 'import:x', meta: { note: 'ä"', n: 1.5 } })
  await store.append([
    ...ticks(3, 1, { _session_id: sessionId(4) }),
    frameEvent(4, 'buyOrder', '{"amount":0.001}', { direction: 'sent', _session_id: sessionId(4) }),
    systemEvent(5, 'gap', { cause: 'x' }, { _session_id: sessionId(4) }),
  ])
  await store.openSession({ sessionId: sessionId(5), source: 'replay' })
}

describe('a catalog made anew equals the last one', () => {
  const losses: readonly (readonly [name: string, lose: (dir: string) => Promise<unknown>])[] = [
    ['on request', (dir) => rebuildCatalog({ dir })],
    [
      'when it was deleted',
      (dir) => {
        for (const name of readdirSync(dir)) if (name.startsWith('catalog.')) rmSync(path.join(dir, name))
        return recoverStore({ dir })
      },
    ],
    [
      'when it was overwritten with zeros',
      (dir) => {
        const { catalog } = storePaths(dir)
        writeFileSync(catalog, Buffer.alloc(readFileSync(catalog).length))
        return recoverStore({ dir })
      },
    ],
  ]

  it.each(losses)(
    '%s: files, games, segments, sessions with their ends, gaps, receipts, what was dropped, the log of retention',
    async (_name, lose) => {
      using dir = temporaryDirectory()
      await eventful(dir.path)
      const [before, rows] = [everything(dir.path), await answers(dir.path)]
      for (const [table, found] of Object.entries(before)) if (table !== 'retired') expect(found, table).not.toEqual([])
      const sessions = openCatalog(dir.path)
      expect(sessions.sessions().map(({ endedAt, summary }) => [endedAt !== null, summary])).toEqual([
        [true, { framesIn: 48 }],
        [true, { framesIn: 36 }],
        [true, { framesIn: 24 }],
        [false, null],
        [false, null],
      ])
      expect(sessions.retention()).toContainEqual(
        expect.objectContaining({ docType: 'game_tick', date: '2025-12-12', files: 1, rows: 30, kept: 10 }),
      )
      sessions.close()
      await lose(dir.path)
      expect(everything(dir.path)).toEqual(before)
      expect(await answers(dir.path)).toEqual(rows)
      expect((await verifyStore({ dir: dir.path, receipts: true })).findings).toEqual([])
      // Doing it again changes nothing.
      const image = everything(dir.path)
      await recoverStore({ dir: dir.path })
      expect(everything(dir.path)).toEqual(image)
    },
  )
})

describe('catalog and receipts both lost', () => {
  const forget = (dir: string): void => {
    const { root, receipts } = storePaths(dir)
    rmSync(receipts, { recursive: true })
    for (const name of readdirSync(root)) if (name.startsWith('catalog.')) rmSync(path.join(root, name))
  }

  it('P6: merged parts are listed from their rows: every answer stays, sessions go on, a second recovery changes nothing', async () => {
    using dir = temporaryDirectory()
    const id = await storeDay(dir.path, 4)
    expect((await compactStore({ dir: dir.path })).failures).toEqual([])
    await storeDay(dir.path, 2, 10, 2)
    const rows = await answers(dir.path)
    forget(dir.path)
    expect(await recoverStore({ dir: dir.path })).toMatchObject({
      catalogRebuilt: true,
      adoptedFiles: 12,
      failures: [],
      missingFiles: [],
    })
    expect(await answers(dir.path)).toEqual(rows)
    expect((await verifyStore({ dir: dir.path })).findings).toEqual([])
    const image = everything(dir.path)
    await recoverStore({ dir: dir.path })
    expect(everything(dir.path)).toEqual(image)
    using catalog = openCatalog(dir.path)
    expect(catalog.gaps(id)).toHaveLength(4)
    expect(catalog.sessions()[0]).toMatchObject({ sessionId: id, seqFirst: 1, seqLast: 48, rows: 48, summary: { framesIn: 48 } })
    // It goes on where it ended, and is merged again.
    await storeDay(dir.path, 1)
    expect((await compactStore({ dir: dir.path })).failures).toEqual([])
    expect((await verifyStore({ dir: dir.path, receipts: true })).findings).toEqual([])
  })

  it('P6: inputs that a cut-off removal left count once; a part that is not as it was proven is not listed', async () => {
    using dir = temporaryDirectory()
    using aside = temporaryDirectory()
    await storeDay(dir.path, 4)
    const inputs = listFiles(dir.path).filter(({ docType }) => docType === 'ws_event')
    for (const input of inputs.slice(2)) copyFileSync(input.absolutePath, path.join(aside.path, path.basename(input.path)))
    await compactStore({ dir: dir.path })
    const rows = await answers(dir.path)
    for (const input of inputs.slice(2)) copyFileSync(path.join(aside.path, path.basename(input.path)), input.absolutePath)
    forget(dir.path)
    expect((await recoverStore({ dir: dir.path })).failures).toEqual([])
    expect(await answers(dir.path)).toEqual(rows)
    const merged = listFiles(dir.path).find(({ docType }) => docType === 'ws_event')
    const bytes = readFileSync(merged?.absolutePath ?? '')
    bytes[600] = (bytes[600] ?? 0) ^ 1
    writeFileSync(merged?.absolutePath ?? '', bytes)
    for (const name of readdirSync(dir.path)) if (name.startsWith('catalog.')) rmSync(path.join(dir.path, name))
    const report = await recoverStore({ dir: dir.path })
    expect(report.failures).toHaveLength(1)
    expect(readFileSync(merged?.absolutePath ?? '').equals(bytes)).toBe(true)
  })
})

describe('a catalog that was lost and not filled yet', () => {
  const ends = (dir: string): unknown => {
    using catalog = openCatalog(dir)
    return catalog.sessions().map(({ endedAt, summary }) => [endedAt, summary])
  }
  const damage = (dir: string): void => writeFileSync(storePaths(dir).catalog, 'no database at all, nor ever was one')

  it('P4 P5: is no empty store to readers, and a recovery fills it, ends of sessions as well', async () => {
    using dir = temporaryDirectory()
    await storeDay(dir.path, 2)
    const [before, rows] = [ends(dir.path), await answers(dir.path)]
    damage(dir.path)
    // Sets the damaged one aside, and must not go on with an empty one.
    await expect(compactStore({ dir: dir.path, date: '2025-12-12' })).rejects.toMatchObject({ code: 'STORE_CATALOG' })
    expect(readdirSync(storePaths(dir.path).quarantine)).toContain('catalog.sqlite')
    await expect(answers(dir.path)).rejects.toMatchObject({ code: 'STORE_CATALOG' })
    expect(() => listFiles(dir.path)).toThrow(/store recover/)
    expect((await verifyStore({ dir: dir.path })).findings).toContainEqual(expect.objectContaining({ kind: 'catalog_missing' }))
    await expect(compactStore({ dir: dir.path, date: '2025-12-12' })).rejects.toMatchObject({ code: 'STORE_CATALOG' })
    expect(await recoverStore({ dir: dir.path })).toMatchObject({ catalogRebuilt: true, adoptedFiles: 8 })
    expect(ends(dir.path)).toEqual(before)
    expect(await answers(dir.path)).toEqual(rows)
    expect((await verifyStore({ dir: dir.path })).findings).toEqual([])
    expect(await recoverStore({ dir: dir.path })).toMatchObject({ catalogRebuilt: false, adoptedFiles: 0 })
  })

  it.each(['emptied', 'deleted'])('P4: a catalog that was %s is filled by whoever comes next after a kill', async (what) => {
    using dir = temporaryDirectory()
    await storeDay(dir.path, 1)
    const before = ends(dir.path)
    const { catalog } = storePaths(dir.path)
    rmSync(catalog)
    if (what === 'emptied') writeFileSync(catalog, '')
    // What a process leaves that dies between making the catalog and filling it.
    const env = systemEnv()
    openCatalogWriter(env, prepareDirectory(env, dir.path)).close()
    expect(await recoverStore({ dir: dir.path })).toMatchObject({ catalogRebuilt: true, adoptedFiles: 4 })
    expect(ends(dir.path)).toEqual(before)
  })

  it('P4: knows a session again of which nothing is stored', async () => {
    using dir = temporaryDirectory()
    {
      await using store = await openEventStore({ dir: dir.path, encoder: duckdbEncoder() })
      await store.openSession({ sessionId: sessionId(), source: 'replay' })
      await store.endSession(sessionId(), { stored: 0 })
    }
    const before = ends(dir.path)
    for (const name of readdirSync(dir.path)) if (name.startsWith('catalog.')) rmSync(path.join(dir.path, name))
    await recoverStore({ dir: dir.path })
    expect(ends(dir.path)).toEqual(before)
    expect((await verifyStore({ dir: dir.path })).findings).toEqual([])
  })
})
