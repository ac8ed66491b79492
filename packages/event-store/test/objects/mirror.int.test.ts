import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import type { EventEnvelope } from '@vectra/schemas'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { listFiles, openCatalog } from '../../src/catalog.ts'
import { compactStore } from '../../src/compaction/compact.ts'
import { pruneStore } from '../../src/compaction/prune.ts'
import { systemEnv } from '../../src/env.ts'
import { takeLease } from '../../src/leases.ts'
import { localObjects } from '../../src/objects/local-objects.ts'
import { type Manifest, manifestKey, manifestText, newestManifest } from '../../src/objects/manifest.ts'
import { bodyOf, type ObjectStore, readObject, sha256Of } from '../../src/objects/object-store.ts'
import { pullStore } from '../../src/objects/pull.ts'
import { pushStore } from '../../src/objects/push.ts'
import { s3Objects } from '../../src/objects/s3-objects.ts'
import { storePaths } from '../../src/paths.ts'
import { openQuery } from '../../src/query/engine.ts'
import { openEventStore } from '../../src/store.ts'
import { verifyStore } from '../../src/verify.ts'
import { hasS3, type S3Server, s3Server } from './s3-server.ts'

const T0 = Date.UTC(2025, 11, 12, 10) * 1000

function frame(session: string, seq: number): EventEnvelope {
  const payload = { gameId: '20251212-6114b2ff44ef4b71', active: true, rugged: false, price: 1.5, tickCount: seq, tradeCount: 1 }
  return {
    _ts: T0 + seq * 1000,
    _seq: seq,
    _source: 'public_ws',
    _session_id: session,
    _game_id: payload.gameId,
    doc_type: 'ws_event',
    direction: 'received',
    event_name: 'gameStateUpdate',
    ack_id: null,
    trace_id: null,
    packet: '42',
    raw_json: JSON.stringify(['gameStateUpdate', payload]),
    payload_index: 1,
    payload,
    issues: null,
    acked: null,
    origin: null,
  }
}

/** Records some frames in a few parts. */
async function record(dir: string, session: string, frames = 60): Promise<void> {
  await using store = await openEventStore({ dir, flush: { maxEvents: 20 } })
  const { lastSeq } = await store.openSession({ sessionId: session, source: 'public_ws' })
  for (let seq = lastSeq + 1; seq <= lastSeq + frames; seq += 20) {
    await store.append(Array.from({ length: 20 }, (_, index) => frame(session, seq + index)))
    await store.flush()
  }
  await store.endSession(session, { frames })
}

const ONE = '019b1b2c-0000-7000-8000-0000000000c1'
const TWO = '019b1b2c-0000-7000-8000-0000000000c2'

/** Every part with its bytes. */
function parts(dir: string): Record<string, string> {
  const root = path.join(dir, 'events_parquet')
  const files = readdirSync(root, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
  return Object.fromEntries(
    files
      .map((entry) => path.join(entry.parentPath, entry.name))
      .sort()
      .map((file) => [path.relative(root, file), readFileSync(file).toString('base64')]),
  )
}

function sessionsOf(dir: string): unknown {
  using catalog = openCatalog(dir)
  return catalog.sessions()
}

async function answers(dir: string): Promise<unknown> {
  await using query = await openQuery({ dir })
  const { rows } = await query.sql(
    'SELECT doc_type, count(*), sum(seq), count(DISTINCT session_id), max(price) FROM events GROUP BY ALL ORDER BY ALL',
  )
  return rows.map((row) => row.map(String))
}

/** Passes everything on, and fails the n-th put. */
function failing(objects: ObjectStore, at: number): ObjectStore {
  let puts = 0
  return {
    ...objects,
    putIfAbsent: (key, body, call) =>
      ++puts === at ? Promise.reject(new Error('the network went away')) : objects.putIfAbsent(key, body, call),
  }
}

function mirrorSuite(name: string, open: () => ObjectStore): void {
  describe(`a mirror in ${name}`, () => {
    let work: string
    let dir: string
    let copy: string
    let objects: ObjectStore

    beforeEach(async () => {
      work = mkdtempSync(path.join(os.tmpdir(), 'vectra-mirror-'))
      dir = path.join(work, 'data')
      copy = path.join(work, 'copy')
      objects = open()
      await record(dir, ONE)
    })

    afterEach(() => {
      objects.close()
      rmSync(work, { recursive: true, force: true })
    })

    it('push, pull: the same bytes, the same answers, clean', async () => {
      const pushed = await pushStore({ dir, objects })
      expect(pushed).toMatchObject({ manifest: 1, changed: true, files: listFiles(dir).length, uploaded: listFiles(dir).length })
      const pulled = await pullStore({ dir: copy, objects })
      expect(pulled).toMatchObject({ manifest: 1, rows: pushed.rows, downloaded: pushed.uploaded })
      expect(parts(copy)).toEqual(parts(dir))
      expect(await answers(copy)).toEqual(await answers(dir))
      expect(await verifyStore({ dir: copy })).toMatchObject({ ok: true, findings: [] })
      // When sessions were ended, and how, too.
      expect(sessionsOf(copy)).toEqual(sessionsOf(dir))
      await using query = await openQuery({ dir: copy })
      expect(await query.sql('SELECT count(*) FROM sessions')).toMatchObject({ rows: [[1n]] })
    })

    it('again changes nothing, and a dry run says what would go up', async () => {
      const plan = await pushStore({ dir, objects, dryRun: true })
      expect(plan).toMatchObject({ manifest: 0, changed: true, uploaded: listFiles(dir).length })
      expect(await newestManifest(objects)).toBeUndefined()
      await pushStore({ dir, objects })
      expect(await pushStore({ dir, objects })).toMatchObject({ manifest: 1, changed: false, uploaded: 0 })
      await pullStore({ dir: copy, objects })
      expect(await pullStore({ dir: copy, objects })).toMatchObject({ downloaded: 0 })
    })

    it('only what is new goes up, and comes down', async () => {
      await pushStore({ dir, objects })
      await pullStore({ dir: copy, objects })
      const before = listFiles(dir).length
      await record(dir, TWO, 20)
      const fresh = listFiles(dir).length - before
      expect(await pushStore({ dir, objects })).toMatchObject({ manifest: 2, uploaded: fresh })
      expect(await pullStore({ dir: copy, objects })).toMatchObject({ manifest: 2, downloaded: fresh })
      expect(parts(copy)).toEqual(parts(dir))
      expect(await answers(copy)).toEqual(await answers(dir))
    })

    it('after a compaction the merged parts and their receipts go up; a copy follows', async () => {
      await pushStore({ dir, objects })
      await pullStore({ dir: copy, objects })
      const before = await answers(dir)
      await compactStore({ dir, date: '2025-12-12', graceMs: 0 })
      const merged = listFiles(dir).length
      expect(await pushStore({ dir, objects })).toMatchObject({ manifest: 2, files: merged })
      expect((await newestManifest(objects))?.files).toHaveLength(merged)
      await pullStore({ dir: copy, objects })
      expect(parts(copy)).toEqual(parts(dir))
      expect(await answers(copy)).toEqual(before)
      expect(await verifyStore({ dir: copy })).toMatchObject({ ok: true })
      // And into an empty directory, where the inputs never were.
      const empty = path.join(work, 'empty')
      await pullStore({ dir: empty, objects })
      expect(await answers(empty)).toEqual(before)
      expect(await verifyStore({ dir: empty })).toMatchObject({ ok: true })
    })

    it('P6: a removal that was begun and not committed does not go up', async () => {
      const before = path.join(work, 'before')
      cpSync(dir, before, { recursive: true })
      expect((await pruneStore({ dir, olderThanMs: 0, docTypes: ['game_tick'], yes: true })).partitions).not.toEqual([])
      // What a crash leaves between the receipt and its commit.
      cpSync(storePaths(dir).receipts, storePaths(before).receipts, { recursive: true })
      await pushStore({ dir: before, objects })
      await pullStore({ dir: copy, objects })
      expect(await answers(copy)).toEqual(await answers(before))
      expect(parts(copy)).toEqual(parts(before))
    })

    it('interrupted at every put, it is run again and ends the same', async () => {
      const total = listFiles(dir).length + 3
      for (let at = 1; at <= total; at++) {
        await pushStore({ dir, objects: failing(objects, at), concurrency: 1 }).catch((error: Error) => {
          expect(error.message).toBe('the network went away')
        })
        // Readers never see a list whose files are not all there.
        const manifest = await newestManifest(objects)
        for (const file of manifest?.files ?? []) expect(await objects.stat(file.path)).toMatchObject({ size: file.bytes })
      }
      // All that was missing is the list.
      expect(await pushStore({ dir, objects })).toMatchObject({ manifest: 1, changed: true, uploaded: 0 })
      await pullStore({ dir: copy, objects })
      expect(await answers(copy)).toEqual(await answers(dir))
    })

    it('two pushes at the same time: nothing is overwritten, nothing is lost', async () => {
      await Promise.all([pushStore({ dir, objects }), pushStore({ dir, objects: open() })])
      const manifest = await newestManifest(objects)
      expect(manifest?.files.map((file) => file.path)).toEqual(listFiles(dir).map((file) => file.path))
      for (const file of manifest?.files ?? []) expect((await readObject(objects, file.path)).byteLength).toBe(file.bytes)
    })

    it("another store's prefix is refused, and stays as it is", async () => {
      await pushStore({ dir, objects })
      const other = path.join(work, 'other')
      await record(other, TWO)
      await expect(pushStore({ dir: other, objects })).rejects.toMatchObject({ code: 'STORE_OBJECT_CONFLICT' })
      expect((await newestManifest(objects))?.number).toBe(1)
    })

    it('a damaged part does not go up, and no manifest lists it', async () => {
      const [part] = listFiles(dir)
      const bytes = readFileSync(part?.absolutePath ?? '')
      bytes[100] = (bytes[100] ?? 0) ^ 1
      writeFileSync(part?.absolutePath ?? '', bytes)
      await expect(pushStore({ dir, objects })).rejects.toMatchObject({ code: 'STORE_OBJECT_CORRUPT' })
      expect(await objects.stat(part?.path ?? '')).toBeUndefined()
      expect(await newestManifest(objects)).toBeUndefined()
    })

    it('an object with other content is a conflict', async () => {
      const [part] = listFiles(dir)
      await objects.putIfAbsent(part?.path ?? '', bodyOf(Buffer.from('somebody was here')))
      await expect(pushStore({ dir, objects })).rejects.toMatchObject({
        code: 'STORE_OBJECT_CONFLICT',
        context: { key: part?.path },
      })
    })

    it('what was changed on the way is not taken', async () => {
      await pushStore({ dir, objects })
      const changed: ObjectStore = {
        ...objects,
        async *read(key, call) {
          for await (const piece of objects.read(key, call)) {
            const copied = Uint8Array.from(piece)
            if (key.endsWith('.parquet')) copied[50] = (copied[50] ?? 0) ^ 1
            yield copied
          }
        },
      }
      await expect(pullStore({ dir: copy, objects: changed })).rejects.toMatchObject({ code: 'STORE_OBJECT_CORRUPT' })
      expect(readdirSync(copy, { recursive: true }).filter((name) => String(name).endsWith('.parquet'))).toEqual([])
      await pullStore({ dir: copy, objects })
      expect(await answers(copy)).toEqual(await answers(dir))
    })

    it('a part of it: some doc types, as a cache to query', async () => {
      await pushStore({ dir, objects })
      const report = await pullStore({ dir: copy, objects, docTypes: ['game_tick'], since: '2025-12-12', until: '2025-12-12' })
      expect(report.files).toBe(listFiles(dir).filter((file) => file.docType === 'game_tick').length)
      await using query = await openQuery({ dir: copy })
      expect(await query.sql('SELECT count(*) FROM ticks')).toMatchObject({ rows: [[60n]] })
      expect(await query.sql('SELECT count(*) FROM ws_event')).toMatchObject({ rows: [[0n]] })
    })

    it('is not pulled into a directory with recordings of its own', async () => {
      await pushStore({ dir, objects })
      const own = path.join(work, 'own')
      await record(own, TWO)
      const before = parts(own)
      await expect(pullStore({ dir: own, objects })).rejects.toMatchObject({ code: 'STORE_OBJECT_CONFLICT' })
      expect(parts(own)).toEqual(before)
    })

    it('two pulls into one directory at the same time end the same', async () => {
      await pushStore({ dir, objects })
      const results = await Promise.allSettled([pullStore({ dir: copy, objects }), pullStore({ dir: copy, objects })])
      // The second may find the first one at the catalog.
      expect(results.some(({ status }) => status === 'fulfilled')).toBe(true)
      await pullStore({ dir: copy, objects })
      expect(parts(copy)).toEqual(parts(dir))
      expect(await verifyStore({ dir: copy })).toMatchObject({ ok: true })
    })

    it('waits for nobody who reads: nothing is changed under a reader', async () => {
      await pushStore({ dir, objects })
      await pullStore({ dir: copy, objects })
      await record(dir, TWO, 20)
      await pushStore({ dir, objects })
      const before = parts(copy)
      {
        using catalog = openCatalog(copy)
        using _lease = takeLease(systemEnv(), storePaths(copy), catalog.generation())
        await expect(pullStore({ dir: copy, objects })).rejects.toMatchObject({ code: 'STORE_IN_USE' })
        expect(parts(copy)).toEqual(before)
      }
      await pullStore({ dir: copy, objects })
      expect(parts(copy)).toEqual(parts(dir))
    })

    it('says when nothing was pushed', async () => {
      await expect(pullStore({ dir: copy, objects })).rejects.toMatchObject({ code: 'STORE_OBJECT_MISSING' })
    })

    it('a store that is being recorded is pushed as far as it is in parts', async () => {
      await using store = await openEventStore({ dir, flush: { maxEvents: 1_000, intervalMs: 600_000 } })
      await store.openSession({ sessionId: TWO, source: 'public_ws' })
      await store.append([frame(TWO, 1)])
      await pushStore({ dir, objects })
      await pullStore({ dir: copy, objects })
      expect(Object.keys(parts(copy)).some((file) => file.includes('000000c2'))).toBe(false)
      await store.flush()
      expect(await pushStore({ dir, objects })).toMatchObject({ manifest: 2 })
    })
  })
}

let directories: string

beforeAll(() => {
  directories = mkdtempSync(path.join(os.tmpdir(), 'vectra-mirrors-'))
})

afterAll(() => {
  rmSync(directories, { recursive: true })
})

mirrorSuite('a directory', () => {
  // One place for each test: the suite opens it again within one.
  const key = expect.getState().currentTestName ?? ''
  return localObjects({ dir: path.join(directories, sha256Of(Buffer.from(key)).slice(0, 16)) })
})

describe.skipIf(!hasS3)('with a real S3 server', () => {
  let server: S3Server
  let bucket: string

  beforeAll(async () => {
    server = await s3Server()
    bucket = server.bucket('mirrors')
  }, 30_000)

  afterAll(async () => {
    await server[Symbol.asyncDispose]()
  })

  mirrorSuite('S3 (versitygw)', () => {
    const key = expect.getState().currentTestName ?? ''
    return s3Objects({ bucket, prefix: sha256Of(Buffer.from(key)).slice(0, 16), ...server.access })
  })
})

it('a service that ignores conditional writes is refused before anything goes up', async () => {
  const work = mkdtempSync(path.join(os.tmpdir(), 'vectra-mirror-'))
  await record(path.join(work, 'data'), ONE, 20)
  const objects = localObjects({ dir: path.join(work, 'objects') })
  const lax: ObjectStore = { ...objects, putIfAbsent: (key, body) => objects.putIfAbsent(key, body).then(() => 'created') }
  await expect(pushStore({ dir: path.join(work, 'data'), objects: lax })).rejects.toMatchObject({
    code: 'STORE_OBJECT_UNSUPPORTED',
  })
  expect(readdirSync(path.join(work, 'objects'))).toEqual(['vectra-mirror.json'])
  rmSync(work, { recursive: true })
})

it.each([
  [
    'a part above the directory',
    (manifest: Manifest) => ({ ...manifest, files: [{ ...manifest.files[0], path: '../../escaped.parquet' }] }),
  ],
  [
    'a part that is none',
    (manifest: Manifest) => ({ ...manifest, files: [{ ...manifest.files[0], path: 'events_parquet/x.sh' }] }),
  ],
  [
    'a receipt above the directory',
    (manifest: Manifest) => ({ ...manifest, receipts: [{ ...manifest.files[0], id: '../../escaped' }] }),
  ],
  [
    'a session above the directory',
    (manifest: Manifest) => ({ ...manifest, sessions: [{ ...manifest.sessions[0], sessionId: '../../escaped' }] }),
  ],
])('a manifest that names %s is refused before anything is written', async (_what, change) => {
  const work = mkdtempSync(path.join(os.tmpdir(), 'vectra-mirror-'))
  const objects = localObjects({ dir: path.join(work, 'objects') })
  await record(path.join(work, 'data'), ONE, 20)
  await pushStore({ dir: path.join(work, 'data'), objects })
  const manifest = await newestManifest(objects)
  if (manifest === undefined) throw new Error('there is a manifest')
  const evil = manifestText({ ...change(manifest), number: 2 } as Manifest)
  await objects.putIfAbsent(manifestKey(2), bodyOf(Buffer.from(evil)))
  await expect(pullStore({ dir: path.join(work, 'copy'), objects })).rejects.toMatchObject({ code: 'STORE_OBJECT_CORRUPT' })
  expect(readdirSync(work).sort()).toEqual(['data', 'objects'])
  rmSync(work, { recursive: true })
})
