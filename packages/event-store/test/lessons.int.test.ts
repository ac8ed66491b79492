import { cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { DuckDBInstance } from '@duckdb/node-api'
import { describe, expect, it } from 'vitest'
import { SqliteCatalogWriter } from '../src/catalog-writer.ts'
import { duckdbEncoder } from '../src/encoders/duckdb.ts'
import {
  compactStore,
  listFiles,
  openEventStore,
  openQuery,
  type PartEncoder,
  pruneStore,
  recoverStore,
  scrubStore,
  storePaths,
  verifyStore,
} from '../src/index.ts'
import { storeDay } from './compaction/day.ts'
import { frameEvent, sessionId, systemEvent, ticks } from './sample-events.ts'
import { temporaryDirectory } from './temporary-directory.ts'

const HERE = 'lessons.int.test.ts'

/**
 * What went wrong in stores like this one, and the test that keeps it from going wrong here: project and number of the report, what
 * happened there, file and (a part of) the name of the test.
 */
const LESSONS: readonly (readonly [report: string, what: string, file: string, test: string])[] = [
  [
    'arc#224, arc#225, arc#306',
    'rows were dropped in silence when the queue was full',
    'store.int.test.ts',
    'waits when too much is not in parts yet, and goes on in order',
  ],
  [
    'arc#157, arc#226, arc#240',
    'readers counted inputs and output of a compaction: 400k rows became 800k',
    'compaction/readers.int.test.ts',
    'four readers get one answer, and no error, while their files are merged and removed',
  ],
  ['arc#594', 'recovery at start removed the journal of a live writer', HERE, 'arc#594'],
  ['arc#590', 'replayed rows took another path than live ones, and differed', HERE, 'arc#590'],
  [
    'arc#339',
    'a failed write was swallowed',
    'disk-full.int.test.ts',
    'refuses with a typed reason, keeps what was acknowledged',
  ],
  [
    'arc#305',
    'the sync that was promised was another one',
    'power-cut.test.ts',
    'mutation check: without this sync a life goes wrong',
  ],
  ['arc#337', 'a column without values vanished from a file', 'query/views.int.test.ts', 'the same columns whatever there is'],
  [
    'arc, recovery',
    'a poisoned entry was skipped, then purged',
    'repair.test.ts',
    'a damaged line becomes a declared gap, the rest is saved, the original is kept',
  ],
  [
    'arc, WAL off by default',
    'kill -9 lost up to five seconds',
    'kill.int.test.ts',
    'recorders killed 20 times lose nothing acknowledged',
  ],
  [
    'arc, local storage',
    'renamed without a sync',
    'power-cut.test.ts',
    'holds at every operation, whatever of the unsynced survives',
  ],
  [
    'nautilus#3875',
    'a second consolidation deleted everything',
    'compaction/compact.int.test.ts',
    'changes no answer, and a second run does nothing',
  ],
  [
    'nautilus#4435',
    'a window with a single file was dropped',
    'compaction/compact.int.test.ts',
    'an empty directory and a single file are nothing to do',
  ],
  ['nautilus#4647', 'the bounds of a file were wrong after it was extended', HERE, 'nautilus#4647'],
  ['nautilus#4607', 'a conversion wrote nothing, and said nothing', HERE, 'nautilus#4607'],
  [
    'nautilus, boot',
    'one bad file must never keep the system from starting',
    'store.int.test.ts',
    'leftovers of a dead process go, an unreadable part is set aside',
  ],
  [
    'nautilus, verify',
    'verification in a process of its own, with exit codes',
    '../../../apps/cli/test/completeness.int.test.ts',
    'scrub exits 65 and remembers, verify finds it too',
  ],
  [
    'ducklake#680',
    'empty files were registered after a power loss',
    'power-cut.test.ts',
    'holds at every operation, whatever of the unsynced survives',
  ],
  ['ducklake#815', 'orphan cleanup flagged live files', HERE, 'ducklake#815, ducklake#813'],
  ['ducklake#813, PR#839', 'orphan cleanup would have deleted the catalog', HERE, 'ducklake#815, ducklake#813'],
  [
    'ducklake#916',
    'cleanup beside readers: Cannot open file',
    'together/together.int.test.ts',
    'a recorder, readers, an indexer and two compactors share one directory',
  ],
  [
    'ducklake#525, ducklake#1025',
    'a merge expected a single output file and found more',
    'compaction/compact.int.test.ts',
    'makes one file of each doc_type',
  ],
  ['ducklake#1452', 'conflicting commits', HERE, 'ducklake#1452'],
  [
    'influxdb 3.11.7',
    'a file was marked covered before its rows were in',
    'query/fresh/fresh.prop.test.ts',
    'it sees every acknowledged row once, and no hole',
  ],
  [
    'vector#17644, vector#16231',
    'recovery of a damaged buffer never ended',
    'repair.test.ts',
    'sets files aside that are none of ours, and goes on',
  ],
  [
    'vector PR#25570',
    'unlinked before the ledger was synced',
    'power-cut.test.ts',
    'mutation check: without this sync a life goes wrong',
  ],
  [
    'kafka-connect-s3#144, #27, #70',
    'a flush by time needed another event',
    'store.int.test.ts',
    'one event, then silence: it is in a part after the interval, without another event',
  ],
  [
    'duckdb#19871',
    'one bad Parquet file fails the whole query',
    'integrity/bad-files.int.test.ts',
    'is left out of every answer, and the answer says so',
  ],
  [
    'Parquet without checksums',
    '13 % of flipped bits gave a wrong sum in silence',
    'integrity/bad-files.int.test.ts',
    'never gives a wrong number',
  ],
]

describe('lessons of others', () => {
  it.each(LESSONS)('%s: %s', (_report, _what, file, test) => {
    const target = path.join(import.meta.dirname, file)
    expect(existsSync(target), file).toBe(true)
    // Numbers in names may be filled in by the test itself.
    const text = readFileSync(target, 'utf8').replaceAll(/\$\{[^}]*\}/g, '20')
    expect(text, `${file} has no test “${test}”`).toContain(test)
  })

  it('arc#594: a recovery leaves the journal of a live recorder alone, in every phase, and the recorder goes on', async () => {
    using dir = temporaryDirectory()
    await using store = await openEventStore({ dir: dir.path, flush: { maxEvents: 4, intervalMs: 3_600_000 } })
    await store.openSession({ sessionId: sessionId(), source: 'replay' })
    for (let from = 1; from < 40; from += 3) {
      const appending = store.append(ticks(3, from))
      const report = await recoverStore({ dir: dir.path, encoder: 'parquetjs' })
      expect(report).toMatchObject({ live: [sessionId()], sessions: [], removedTemporary: 0, quarantined: [], adoptedFiles: 0 })
      await appending
    }
    await store.endSession(sessionId())
    await store.close()
    await using query = await openQuery({ dir: dir.path })
    expect((await query.sql('SELECT count(*)::INTEGER, max(seq)::INTEGER FROM ws_event')).rows).toEqual([[39, 39]])
    expect((await verifyStore({ dir: dir.path })).findings).toEqual([])
  })

  it('arc#590: rows of a recorder that died are those of one that lived, column for column', async () => {
    using lived = temporaryDirectory()
    using died = temporaryDirectory()
    const events = [
      ...ticks(3),
      frameEvent(4, 'standard/newTrade', '{"id":"a","type":"buy","amount":0.1,"qty":0.123456789,"price":1.10,"tickIndex":3}'),
      frameEvent(5, 'newChatMessage', String.raw`{"text":"\"q\" \u0001 é 𝄞"}`),
      systemEvent(6, 'gap', { cause: 'stale' }),
    ]
    {
      await using store = await openEventStore({ dir: lived.path, encoder: duckdbEncoder() })
      await store.openSession({ sessionId: sessionId(), source: 'replay' })
      await store.append(events)
      // The directory as kill -9 leaves it: everything acknowledged, nothing sealed.
      cpSync(path.join(lived.path, 'journal'), path.join(died.path, 'journal'), { recursive: true })
    }
    expect(await recoverStore({ dir: died.path })).toMatchObject({ rows: 6, missing: [] })
    const rows = async (dir: string): Promise<unknown> => {
      await using query = await openQuery({ dir })
      return (await query.sql('SELECT * EXCLUDE (payload), payload::VARCHAR FROM events ORDER BY doc_type, seq')).rows
    }
    expect(await rows(died.path)).toEqual(await rows(lived.path))
  })

  it('nautilus#4647: seqs and times of every listed file are those of its rows, after flushes and merges', async () => {
    using dir = temporaryDirectory()
    await storeDay(dir.path, 4)
    await compactStore({ dir: dir.path })
    await storeDay(dir.path, 2, 10, 2)
    await compactStore({ dir: dir.path })
    await storeDay(dir.path, 1, 10, 3)
    const instance = await DuckDBInstance.create(':memory:')
    const connection = await instance.connect()
    for (const file of listFiles(dir.path)) {
      const [bounds] = (
        await connection.runAndReadAll(
          `SELECT count(*), min(seq), max(seq), epoch_us(min(ts)), epoch_us(max(ts)) FROM '${file.absolutePath}'`,
        )
      ).getRows()
      expect(bounds?.map(Number), file.path).toEqual([file.rows, file.seqFirst, file.seqLast, file.tsMin, file.tsMax])
    }
    connection.closeSync()
    instance.closeSync()
  })

  it('nautilus#4607: an encoder that writes fewer rows than it was given is not believed; the events stay in the journal', async () => {
    using dir = temporaryDirectory()
    const honest = duckdbEncoder()
    const { countsRows: _, ...methods } = honest
    // Leaves out the last row of each file, and reports no trouble.
    const lossy: PartEncoder = {
      ...methods,
      name: 'lossy',
      encode: async (source, parts) => {
        await honest.encode(source, parts)
        const instance = await DuckDBInstance.create(':memory:')
        const connection = await instance.connect()
        for (const { target } of parts)
          await connection.run(
            `COPY (SELECT * FROM read_parquet('${target}') ORDER BY seq DESC OFFSET 1) TO '${target}' (FORMAT parquet)`,
          )
        connection.closeSync()
        instance.closeSync()
      },
    }
    const store = await openEventStore({ dir: dir.path, encoder: lossy })
    await store.openSession({ sessionId: sessionId(), source: 'replay' })
    await store.append(ticks(5))
    await expect(store.flush()).rejects.toMatchObject({
      code: 'STORE_ENCODE',
      message: expect.stringContaining('lossy wrote 4 rows'),
    })
    await store.close().catch(() => undefined)
    expect(listFiles(dir.path)).toEqual([])
    expect(await recoverStore({ dir: dir.path })).toMatchObject({ segments: 1, rows: 5 })
    expect(listFiles(dir.path).map(({ rows }) => rows)).toEqual([5, 5])
  }, 60_000)

  it('ducklake#815, ducklake#813: recovery, compaction, retention and scrub remove nothing that they cannot name', async () => {
    using dir = temporaryDirectory()
    await storeDay(dir.path, 3)
    const { root, events, quarantine, receipts } = storePaths(dir.path)
    const others = [
      path.join(root, 'notes.txt'),
      path.join(root, 'vectors', 'events.lance', 'data.bin'),
      path.join(events, 'README'),
      path.join(events, 'doc_type=ws_event', 'date=2025-12-12', 'mine.parquet'),
      path.join(events, 'doc_type=ws_event', 'date=2025-12-12', 'part-x.txt'),
      path.join(quarantine, 'kept.ndjson'),
      path.join(receipts, 'note.txt'),
    ]
    for (const other of others) {
      mkdirSync(path.dirname(other), { recursive: true })
      writeFileSync(other, 'not yours')
    }
    await recoverStore({ dir: dir.path })
    await compactStore({ dir: dir.path })
    await pruneStore({ dir: dir.path, olderThanMs: 0, docTypes: ['game_tick'], yes: true })
    await scrubStore({ dir: dir.path, rate: 1e12 })
    await recoverStore({ dir: dir.path })
    for (const other of others) expect(existsSync(other), other).toBe(true)
    for (const { absolutePath } of listFiles(dir.path)) expect(existsSync(absolutePath)).toBe(true)
    expect(existsSync(storePaths(dir.path).catalog)).toBe(true)
  })

  it('ducklake#1452: a replacement whose inputs were replaced meanwhile is refused, and changes nothing', async () => {
    using dir = temporaryDirectory()
    await storeDay(dir.path, 2)
    const { catalog: file, root } = storePaths(dir.path)
    const catalog = new SqliteCatalogWriter(file, 1)
    const before = [catalog.generation(), catalog.liveFiles(root)]
    const [first] = catalog.liveFiles(root)
    const commit = {
      receiptId: '0'.repeat(16),
      kind: 'merge',
      docType: 'ws_event',
      date: '2025-12-12',
      output: null,
      inputs: [first?.path ?? '', 'events_parquet/gone.parquet'],
      rows: 0,
      contentHash: '',
      fileSha256: '',
      dropped: [],
    } as const
    expect(() => catalog.commitMerge(commit, 1)).toThrow(expect.objectContaining({ code: 'STORE_CONFLICT' }))
    expect([catalog.generation(), catalog.liveFiles(root)]).toEqual(before)
    catalog.close()
  })
})
