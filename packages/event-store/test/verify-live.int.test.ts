import { copyFileSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { DatabaseSync, type SQLInputValue } from 'node:sqlite'
import { afterEach, expect, it, vi } from 'vitest'
import { duckdbEncoder } from '../src/encoders/duckdb.ts'
import type { FsPort } from '../src/fs-port.ts'
import { compactStore, type EventStore, openEventStore, storePaths, systemEnv, verifyStore } from '../src/index.ts'
import type { PartEncoder } from '../src/part-encoder.ts'
import { storeDay } from './compaction/day.ts'
import { sessionId, ticks } from './sample-events.ts'
import { temporaryDirectory } from './temporary-directory.ts'

const openStore = (dir: string): Promise<EventStore> =>
  openEventStore({ dir, encoder: duckdbEncoder(), flush: { maxEvents: 1_000_000, intervalMs: 3_600_000 } })

/** The reader of parts, with something that happens at the first part it reads. */
function whileReading(happens: () => Promise<unknown>): PartEncoder {
  const reader = duckdbEncoder()
  let once: Promise<unknown> | undefined
  return {
    name: reader.name,
    encode: (source, parts) => reader.encode(source, parts),
    inspect: (file) => reader.inspect(file),
    close: () => reader.close(),
    async scan(file) {
      once ??= happens()
      await once
      return await reader.scan(file)
    },
  }
}

/** Takes a segment back out of the catalog; the answer puts it in again. */
function unpublish(file: string, segment: number): () => void {
  const db = new DatabaseSync(file)
  const saved = (['segments', 'files', 'file_games'] as const).map((table) => {
    const where = table === 'file_games' ? 'path IN (SELECT path FROM files WHERE segment = ?)' : 'segment = ?'
    return { table, where, rows: db.prepare(`SELECT * FROM ${table} WHERE ${where}`).all(segment) }
  })
  for (const { table, where } of saved.toReversed()) db.prepare(`DELETE FROM ${table} WHERE ${where}`).run(segment)
  db.close()
  return () => {
    const again = new DatabaseSync(file)
    again.exec('BEGIN')
    for (const { table, rows } of saved)
      for (const row of rows) {
        const values = Object.values(row) as SQLInputValue[]
        again.prepare(`INSERT INTO ${table} VALUES (${values.map(() => '?').join(', ')})`).run(...values)
      }
    again.exec("UPDATE meta SET value = value + 1 WHERE key IN ('generation', 'generation_copy')")
    again.exec('COMMIT')
    again.close()
  }
}

afterEach(() => void vi.restoreAllMocks())

it.each(['SELECT * FROM files', "SELECT value FROM meta WHERE key = 'generation'"])(
  'P5: what a recorder publishes between two questions to the catalog is no finding (%s)',
  async (question) => {
    using dir = temporaryDirectory()
    const { catalog, journal } = storePaths(dir.path)
    await using store = await openStore(dir.path)
    await store.openSession({ sessionId: sessionId(), source: 'replay' })
    await store.append(ticks(3))
    await store.flush()
    await store.append(ticks(3, 4))
    const segment = path.join(journal, sessionId(), '00000002.ndjson')
    copyFileSync(segment, `${dir.path}/kept`)
    await store.flush()
    renameSync(`${dir.path}/kept`, segment)
    const publish = unpublish(catalog, 2)
    let asked = false
    let published = false
    const prepare = DatabaseSync.prototype.prepare
    vi.spyOn(DatabaseSync.prototype, 'prepare').mockImplementation(function (this: DatabaseSync, sql: string) {
      if (asked && !published && sql.startsWith(question)) {
        published = true
        publish()
      }
      asked ||= sql.includes('generation_copy')
      return prepare.call(this, sql)
    })
    const report = await verifyStore({ dir: dir.path })
    expect(published).toBe(true)
    expect(report.findings).toEqual([])
  },
)

it('P5: sessions that begin and end, and parts that appear, while it reads are no findings', async () => {
  using dir = temporaryDirectory()
  await using store = await openStore(dir.path)
  await store.openSession({ sessionId: sessionId(1), source: 'replay' })
  await store.append(ticks(3))
  await store.endSession(sessionId(1), { stored: 3 })
  const record = async (n: number): Promise<void> => {
    await store.openSession({ sessionId: sessionId(n), source: 'replay' })
    await store.append(ticks(3, 1, { _session_id: sessionId(n) }))
    await store.flush()
  }
  const { findings } = await verifyStore({
    dir: dir.path,
    reader: whileReading(async () => {
      await record(2)
      await store.endSession(sessionId(2), { stored: 3 })
      await record(3)
      await store.openSession({ sessionId: sessionId(1), source: 'replay' })
      await store.endSession(sessionId(1), { stored: 0 })
    }),
  })
  expect(findings).toEqual([])
})

it('P5: a merge while it reads is no finding', async () => {
  using dir = temporaryDirectory()
  await storeDay(dir.path, 4)
  const reader = whileReading(() => compactStore({ dir: dir.path, date: '2025-12-12' }))
  expect((await verifyStore({ dir: dir.path, reader })).findings).toEqual([])
})

it.each(['the directory', 'the segment'])('P5: %s of a session that ends while it looks is no finding', async (what) => {
  using dir = temporaryDirectory()
  await storeDay(dir.path, 1)
  const { journal } = storePaths(dir.path)
  const ended = path.join(journal, sessionId(9))
  mkdirSync(ended)
  writeFileSync(path.join(ended, '00000001.ndjson'), '')
  const env = systemEnv()
  const goes = what === 'the directory' ? journal : ended
  const fs: FsPort = {
    ...env.fs,
    readdir(at) {
      const found = env.fs.readdir(at)
      if (at === goes) rmSync(ended, { recursive: true })
      return found
    },
  }
  expect((await verifyStore({ dir: dir.path, env: { ...env, fs } })).findings).toEqual([])
})

it('P5: a catalog that somebody is just making is no finding', async () => {
  using dir = temporaryDirectory()
  // What its maker has on the disk before the tables are there.
  const db = new DatabaseSync(storePaths(dir.path).catalog)
  db.exec('PRAGMA journal_mode = WAL')
  db.close()
  expect((await verifyStore({ dir: dir.path })).findings).toEqual([])
})
