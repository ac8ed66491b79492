import { execFileSync } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync, unlinkSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { DuckDBInstance } from '@duckdb/node-api'
import type { Clock, EventEnvelope } from '@vectra/schemas'
import { describe, expect, it } from 'vitest'
import { EncodeClient } from '../src/encode-client.ts'
import { duckdbEncoder } from '../src/encoders/duckdb.ts'
import {
  type Env,
  type EventStore,
  type EventStoreError,
  listFiles,
  liveSessions,
  openCatalog,
  openEventStore,
  type PartEncoder,
  recoverStore,
  type StoreFault,
  storePaths,
  systemEnv,
  verifyStore,
} from '../src/index.ts'
import { frameEvent, START, sessionId, systemEvent, tickEvent, ticks } from './sample-events.ts'
import { temporaryDirectory } from './temporary-directory.ts'

const INFO = { sessionId: sessionId(), source: 'public_ws' } as const

/** A clock whose timers fire when the test says so. */
function manualClock(): { clock: Clock; fire(delayMs: number): void; pending(): number[] } {
  const timers = new Map<number, { delayMs: number; fire: () => void }>()
  let next = 1
  return {
    clock: {
      ...systemEnv().clock,
      timer(delayMs, fire) {
        const id = next++
        timers.set(id, { delayMs, fire })
        return () => timers.delete(id)
      },
    },
    fire(delayMs) {
      for (const [id, timer] of [...timers]) {
        if (timer.delayMs !== delayMs) continue
        timers.delete(id)
        timer.fire()
      }
    },
    pending: () => [...timers.values()].map((timer) => timer.delayMs),
  }
}

async function query(dir: string, sql: string): Promise<unknown[][]> {
  const instance = await DuckDBInstance.create(':memory:')
  const connection = await instance.connect()
  try {
    return (await connection.runAndReadAll(sql.replaceAll('$dir', dir))).getRowsJson()
  } finally {
    connection.closeSync()
    instance.closeSync()
  }
}

async function code(promise: Promise<unknown>): Promise<string> {
  return promise.then(
    () => 'resolved',
    (error: EventStoreError) => error.code ?? error.constructor.name,
  )
}

/** Lets retries happen at once until the promise settles. */
async function impatient<T>(promise: Promise<T>, manual: ReturnType<typeof manualClock>): Promise<T> {
  let settled = false
  void promise
    .catch(() => {})
    .finally(() => {
      settled = true
    })
  while (!settled) {
    for (const pause of [100, 500, 2_000, 10_000, 30_000]) manual.fire(pause)
    await new Promise((resolve) => setImmediate(resolve))
  }
  return promise
}

/** Resolves when `condition` holds; checked after every macrotask, without a clock. */
async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setImmediate(resolve))
}

describe.each(['duckdb', 'parquetjs'] as const)('a store with the %s encoder', (encoder) => {
  it('P3: what was appended is in the parts, exactly, and the seed queries run as written', async () => {
    using dir = temporaryDirectory()
    const trade = frameEvent(
      4,
      'standard/newTrade',
      '{"__trace":true,"traceparent":"00-a-b-01"},{"playerId":"did:privy:cm1","username":"名前","type":"buy","price":1.10,"tickIndex":3,"amount":0.05499999999999999,"qty":1e-7}',
    )
    const events: EventEnvelope[] = [
      ...ticks(3),
      trade,
      systemEvent(5, 'gap', { cause: 'stale' }),
      tickEvent(6, { _ts: START + 86_400_000_000 }),
    ]
    await using store = await openEventStore({ dir: dir.path, encoder })
    expect(await store.openSession({ ...INFO, meta: { url: 'http://x' } })).toEqual({ lastSeq: 0, ended: false })
    await store.append(events)
    await store.endSession(sessionId(), { framesIn: 6 })
    expect(
      await query(
        dir.path,
        "SELECT doc_type, count(*) FROM '$dir/events_parquet/**/*.parquet' GROUP BY doc_type ORDER BY doc_type",
      ),
    ).toEqual([
      ['game_tick', '4'],
      ['system_event', '1'],
      ['ws_event', '5'],
    ])
    expect(
      await query(
        dir.path,
        "SELECT seq FROM '$dir/events_parquet/doc_type=ws_event/**/*.parquet' WHERE game_id = '20251212-6114b2ff44ef4b71' ORDER BY ts",
      ),
    ).toEqual([['1'], ['2'], ['3'], ['4'], ['6']])
    expect(
      await query(dir.path, "SELECT count(*) FROM '$dir/events_parquet/doc_type=ws_event/date=2025-12-13/*.parquet'"),
    ).toEqual([['1']])
    expect(
      await query(
        dir.path,
        "SELECT seq, packet || raw_json FROM '$dir/events_parquet/doc_type=ws_event/**/*.parquet' ORDER BY seq",
      ),
    ).toEqual(
      events.filter((event) => event.doc_type === 'ws_event').map((event) => [String(event._seq), event.packet + event.raw_json]),
    )
    expect(
      await query(
        dir.path,
        "SELECT price::VARCHAR, amount::VARCHAR, qty::VARCHAR, inexact, username, action, tick, payload_index FROM '$dir/events_parquet/doc_type=ws_event/**/*.parquet' WHERE seq = 4",
      ),
    ).toEqual([['1.10000000000000000000', '0.055000000', '0.000000100', 'amount', '名前', 'buy', 3, 2]])
    using catalog = openCatalog(dir.path)
    expect(catalog.sessions()).toMatchObject([
      {
        sessionId: sessionId(),
        source: 'public_ws',
        meta: { url: 'http://x' },
        summary: { framesIn: 6 },
        rows: 6,
        seqFirst: 1,
        seqLast: 6,
        endedAt: expect.any(Number),
      },
    ])
    expect(catalog.gaps()).toMatchObject([{ seq: 5, detail: { cause: 'stale' } }])
    expect(readdirSync(storePaths(dir.path).journal)).toEqual([])
    expect((await verifyStore({ dir: dir.path })).findings).toEqual([])
    expect((await verifyStore({ dir: dir.path, reader: 'parquetjs' })).findings).toEqual([])
  })
})

describe('append', () => {
  it('P1 P2: keeps seq without hole or double, typed, and stores nothing of a wrong batch', async () => {
    using dir = temporaryDirectory()
    await using store = await openEventStore({ dir: dir.path })
    expect(await code(store.append(ticks(1)))).toBe('STORE_SESSION_NOT_OPEN')
    await store.openSession(INFO)
    await store.append(ticks(3))
    expect(await code(store.append([tickEvent(3)]))).toBe('STORE_SEQ_DUPLICATE')
    expect(await code(store.append([tickEvent(5)]))).toBe('STORE_SEQ_HOLE')
    expect(await code(store.append([tickEvent(4), tickEvent(6)]))).toBe('STORE_SEQ_HOLE')
    expect(await code(store.append([tickEvent(4), tickEvent(4)]))).toBe('STORE_SEQ_DUPLICATE')
    expect(await code(store.append([{ ...tickEvent(4), _seq: 1.5 }]))).toBe('TypeError')
    expect(await code(store.append([{ ...tickEvent(4), raw_json: 5 as unknown as string }]))).toBe('TypeError')
    expect(await code(store.append([{ ...tickEvent(4), doc_type: 'x' as 'ws_event' }]))).toBe('TypeError')
    expect(await code(store.append('x' as unknown as EventEnvelope[]))).toBe('TypeError')
    await store.append([])
    await store.append(ticks(2, 4))
    await store.flush()
    expect(store.stats()).toMatchObject({
      acked: 5,
      buffered: 0,
      segmentsPending: 0,
      rowsByDocType: { ws_event: 5, game_tick: 5 },
    })
    const { partBytes, bytesByDocType } = store.stats()
    expect(Object.keys(bytesByDocType).sort()).toEqual(['game_tick', 'ws_event'])
    expect((bytesByDocType.ws_event ?? 0) + (bytesByDocType.game_tick ?? 0)).toBe(partBytes)
    expect(listFiles(dir.path).reduce((sum, file) => sum + file.bytes, 0)).toBe(partBytes)
  })

  it('P10: one batch may hold several sessions, many appends may be under way', async () => {
    using dir = temporaryDirectory()
    await using store = await openEventStore({ dir: dir.path })
    const other = sessionId(2)
    await store.openSession(INFO)
    await store.openSession({ ...INFO, sessionId: other })
    await Promise.all(
      Array.from({ length: 200 }, (_, index) =>
        store.append([tickEvent(index + 1), tickEvent(index + 1, { _session_id: other })]),
      ),
    )
    await store.flush()
    expect(
      await query(
        dir.path,
        "SELECT session_id, count(*), count(DISTINCT seq), min(seq), max(seq) FROM '$dir/events_parquet/doc_type=ws_event/**/*.parquet' GROUP BY 1 ORDER BY 1",
      ),
    ).toEqual([
      [sessionId(), '200', '200', '1', '200'],
      [other, '200', '200', '1', '200'],
    ])
  })

  it('one event, then silence: it is in a part after the interval, without another event', async () => {
    using dir = temporaryDirectory()
    const manual = manualClock()
    await using store = await openEventStore({
      dir: dir.path,
      env: { ...systemEnv(), clock: manual.clock },
      flush: { intervalMs: 5_000 },
    })
    await store.openSession(INFO)
    await store.append(ticks(1))
    expect(listFiles(dir.path)).toEqual([])
    await until(() => manual.pending().includes(5_000))
    manual.fire(5_000)
    await until(() => store.stats().segmentsPublished === 1)
    expect(listFiles(dir.path).map((file) => [file.docType, file.rows])).toEqual([
      ['game_tick', 1],
      ['ws_event', 1],
    ])
  })

  it('tells to the byte what is acknowledged and no part yet', async () => {
    using dir = temporaryDirectory()
    await using store = await openEventStore({ dir: dir.path })
    await store.openSession(INFO)
    const folder = path.join(dir.path, 'journal', sessionId())
    const written = (): number =>
      readdirSync(folder)
        .filter((name) => name.endsWith('.ndjson'))
        .reduce((sum, name) => sum + statSync(path.join(folder, name)).size, 0)
    for (const seq of [1, 2]) {
      await store.append(ticks(1, seq))
      expect([store.stats().pendingBytes, store.stats().segmentsPending]).toEqual([written(), 0])
    }
    await store.flush()
    expect([store.stats().pendingBytes, written()]).toEqual([0, 0])
  })

  it('a hundred events are a part at once, without the timer', async () => {
    using dir = temporaryDirectory()
    const manual = manualClock()
    await using store = await openEventStore({ dir: dir.path, env: { ...systemEnv(), clock: manual.clock } })
    await store.openSession(INFO)
    for (let from = 1; from <= 100; from += 10) await store.append(ticks(10, from))
    await until(() => store.stats().segmentsPublished === 1)
    expect(listFiles(dir.path).every((file) => file.rows === 100)).toBe(true)
  })

  it('waits when too much is not in parts yet, and goes on in order', async () => {
    using dir = temporaryDirectory()
    let release = (): void => {}
    const held = new Promise<void>((resolve) => {
      release = resolve
    })
    const inner = duckdbEncoder()
    const slow: PartEncoder = { ...inner, encode: (source, parts) => held.then(() => inner.encode(source, parts)) }
    await using store = await openEventStore({ dir: dir.path, encoder: slow, maxPendingBytes: 10_000, flush: { maxEvents: 10 } })
    await store.openSession(INFO)
    await store.append(ticks(40))
    let done = false
    const waiting = [store.append(ticks(5, 41)), store.append(ticks(5, 46))]
    void Promise.all(waiting).then(() => {
      done = true
    })
    // Time enough to be acknowledged: another store's appends are, ten times over.
    using elsewhere = temporaryDirectory()
    await using other = await openEventStore({ dir: elsewhere.path })
    await other.openSession(INFO)
    for (let seq = 1; seq <= 10; seq++) await other.append(ticks(1, seq))
    expect(done).toBe(false)
    expect(store.stats()).toMatchObject({ acked: 40, buffered: 10 })
    release()
    await Promise.all(waiting)
    await store.flush()
    expect((await verifyStore({ dir: dir.path })).findings).toEqual([])
    expect(store.stats().acked).toBe(50)
  })

  it.each([
    ['close', (store: EventStore) => store.close()],
    ['flush', (store: EventStore) => store.flush()],
    ['the end of the session', (store: EventStore) => store.endSession(sessionId())],
  ])('P1: %s takes along every append that still waits for room', async (_name, finish) => {
    using dir = temporaryDirectory()
    const { promise: held, resolve: release } = Promise.withResolvers<void>()
    const inner = duckdbEncoder()
    const slow: PartEncoder = { ...inner, encode: (source, parts) => held.then(() => inner.encode(source, parts)) }
    const store = await openEventStore({ dir: dir.path, encoder: slow, maxPendingBytes: 10_000, flush: { maxEvents: 10 } })
    await store.openSession(INFO)
    await store.append(ticks(40))
    const waiting = [store.append(ticks(5, 41)), store.append(ticks(5, 46))].map(code)
    const finished = finish(store)
    release()
    await finished
    expect(await Promise.all(waiting)).toEqual(['resolved', 'resolved'])
    await store.close()
    const [[stored]] = (await query(dir.path, "SELECT max(seq) FROM '$dir/events_parquet/doc_type=ws_event/**/*.parquet'")) as [
      [string],
    ]
    expect(Number(stored)).toBe(50)
    expect((await verifyStore({ dir: dir.path })).findings).toEqual([])
  })
})

describe('sessions', () => {
  it('P10: two stores share a directory, each with its own session; a session has one writer', async () => {
    using dir = temporaryDirectory()
    await using one = await openEventStore({ dir: dir.path })
    await using two = await openEventStore({ dir: dir.path })
    await one.openSession(INFO)
    const refusal = await two.openSession(INFO).catch((error: unknown) => error as EventStoreError)
    expect(refusal).toMatchObject({ code: 'STORE_SESSION_LOCKED', message: expect.stringContaining(`process ${process.pid}`) })
    await two.openSession({ ...INFO, sessionId: sessionId(2) })
    await Promise.all([one.append(ticks(150)), two.append(ticks(150, 1, { _session_id: sessionId(2) }))])
    // A recovery beside them leaves both alone.
    const report = await recoverStore({ dir: dir.path })
    expect(report.live).toEqual([sessionId(), sessionId(2)])
    await one.endSession(sessionId())
    expect(await two.openSession(INFO)).toEqual({ lastSeq: 150, ended: true })
    await two.flush()
    expect((await verifyStore({ dir: dir.path })).findings).toEqual([])
  })

  it('P10: a recovery or a look in passing keeps a writer waiting, and never refuses it', async () => {
    using dir = temporaryDirectory()
    const paths = storePaths(dir.path)
    await using store = await openEventStore({ dir: dir.path })
    const directory = path.join(paths.journal, sessionId())
    mkdirSync(directory, { recursive: true })
    const passing = new DatabaseSync(path.join(directory, 'owner.lock'))
    passing.exec('BEGIN EXCLUSIVE')
    // What a writer that died has left says nothing of who holds the lock now.
    writeFileSync(path.join(directory, 'owner.json'), '{"pid":4194305}')
    let opened = false
    const opening = store.openSession(INFO).then(() => {
      opened = true
    })
    await new Promise((resolve) => setTimeout(resolve, 50))
    expect(opened).toBe(false)
    passing.close()
    await opening
    await store.append(ticks(1))
    expect(liveSessions(dir.path)).toEqual([{ sessionId: sessionId(), pid: process.pid }])
  })

  it('P10: sessions begin and end beside recoveries that never stop looking', async () => {
    using dir = temporaryDirectory()
    await using store = await openEventStore({ dir: dir.path })
    const recovering = new EncodeClient(dir.path, 'duckdb')
    let done = false
    const looking = (async () => {
      let looks = 0
      for (; !done; looks += 1) await recovering.recover()
      return looks
    })()
    for (let number = 1; number <= 80; number += 1) {
      await store.openSession({ ...INFO, sessionId: sessionId(number) })
      await store.append(ticks(1, 1, { _session_id: sessionId(number) }))
      if (number % 10 === 0) await store.endSession(sessionId(number))
    }
    done = true
    expect(await looking).toBeGreaterThan(10)
    await recovering.close()
    await store.flush()
    expect((await verifyStore({ dir: dir.path })).findings).toEqual([])
    const stored = await query(dir.path, "SELECT count(*) FROM '$dir/events_parquet/doc_type=ws_event/**/*.parquet'")
    expect(Number(stored[0]?.[0])).toBe(80)
  }, 60_000)

  it('goes on where a session ended', async () => {
    using dir = temporaryDirectory()
    for (const from of [1, 11, 21]) {
      await using store = await openEventStore({ dir: dir.path })
      expect(await store.openSession({ ...INFO, source: 'replay' })).toEqual({ lastSeq: from - 1, ended: from > 1 })
      await store.append(ticks(10, from))
      await store.endSession(sessionId())
    }
    expect(
      listFiles(dir.path)
        .filter((file) => file.docType === 'ws_event')
        .map((file) => [file.segment, file.seqFirst, file.seqLast]),
    ).toEqual([
      [1, 1, 10],
      [2, 11, 20],
      [3, 21, 30],
    ])
  })

  it('refuses what is no session id, one that is open, and one with the same last digits', async () => {
    using dir = temporaryDirectory()
    await using store = await openEventStore({ dir: dir.path })
    for (const id of ['', '../../etc', 'x'.repeat(36), sessionId().toUpperCase()])
      expect(await code(store.openSession({ ...INFO, sessionId: id }))).toBe('STORE_SESSION_INVALID')
    await store.openSession(INFO)
    expect(await code(store.openSession(INFO))).toBe('STORE_SESSION_OPEN')
    expect(await code(store.openSession({ ...INFO, sessionId: `11111111${sessionId().slice(8)}` }))).toBe(
      'STORE_SESSION_COLLISION',
    )
  })
})

describe('a session that cannot be recovered', () => {
  it('P4: is refused with a reason, never waited for; another session records', async () => {
    using dir = temporaryDirectory()
    const manual = manualClock()
    const env = { ...systemEnv(), clock: manual.clock }
    const broken = (): PartEncoder => ({ ...duckdbEncoder(), encode: () => Promise.reject(new Error('never')) })
    const first = await openEventStore({ dir: dir.path, env, encoder: broken() })
    await first.openSession(INFO)
    await first.append(ticks(3))
    expect(await impatient(code(first.close()), manual)).toBe('STORE_ENCODE')
    const second = await openEventStore({ dir: dir.path, env, encoder: broken() })
    expect(second.recovery.failures).toMatchObject([{ sessionId: sessionId(), segment: 1, message: 'never' }])
    expect(await code(second.openSession(INFO))).toBe('STORE_ENCODE')
    await second.openSession({ ...INFO, sessionId: sessionId(2) })
    await second.append(ticks(3, 1, { _session_id: sessionId(2) }))
    expect(await impatient(code(second.close()), manual)).toBe('STORE_ENCODE')
    expect(await recoverStore({ dir: dir.path })).toMatchObject({ sessions: [sessionId(), sessionId(2)], rows: 6, failures: [] })
    expect((await verifyStore({ dir: dir.path })).findings).toEqual([])
  })
})

describe('closing', () => {
  it('flushes, lets go, and may be done twice', async () => {
    using dir = temporaryDirectory()
    const store: EventStore = await openEventStore({ dir: dir.path })
    await store.openSession(INFO)
    await store.append(ticks(7))
    await Promise.all([store.close(), store.close()])
    await store.close()
    expect(await code(store.append(ticks(1, 8)))).toBe('STORE_CLOSED')
    expect(readdirSync(dir.path).sort()).toEqual(['catalog.seal.json', 'catalog.sqlite', 'events_parquet', 'journal', 'sessions'])
    expect(readdirSync(storePaths(dir.path).journal)).toEqual([])
    expect(listFiles(dir.path).map((file) => file.rows)).toEqual([7, 7])
  })
})

describe('trouble', () => {
  it('P1: an encoder that fails loses nothing: flush says so, the journal keeps the events, the next open makes the parts', async () => {
    using dir = temporaryDirectory()
    const manual = manualClock()
    const faults: StoreFault[] = []
    const broken: PartEncoder = { ...duckdbEncoder(), encode: () => Promise.reject(new Error('no space for parts')) }
    const store = await openEventStore({
      dir: dir.path,
      env: { ...systemEnv(), clock: manual.clock },
      encoder: broken,
      onFault: (fault) => faults.push(fault),
    })
    await store.openSession(INFO)
    await store.append(ticks(120))
    expect(await impatient(code(store.flush()), manual)).toBe('STORE_ENCODE')
    expect(faults.map((fault) => fault.kind)).toContain('encode')
    expect(await impatient(code(store.close()), manual)).toBe('STORE_ENCODE')
    const again = await openEventStore({ dir: dir.path })
    expect(again.recovery).toMatchObject({ sessions: [sessionId()], segments: 1, rows: 120, failures: [] })
    await again.close()
    expect((await verifyStore({ dir: dir.path })).findings).toEqual([])
  })

  it('a session whose end failed takes no more events, and can be ended again', async () => {
    using dir = temporaryDirectory()
    const manual = manualClock()
    const inner = duckdbEncoder()
    let full = true
    const moody: PartEncoder = {
      ...inner,
      encode: (source, parts) => (full ? Promise.reject(new Error('no space for parts')) : inner.encode(source, parts)),
    }
    await using store = await openEventStore({ dir: dir.path, env: { ...systemEnv(), clock: manual.clock }, encoder: moody })
    await store.openSession(INFO)
    await store.append(ticks(120))
    expect(await impatient(code(store.endSession(sessionId())), manual)).toBe('STORE_ENCODE')
    expect(await code(store.append(ticks(1, 121)))).toBe('STORE_SESSION_NOT_OPEN')
    full = false
    expect(await impatient(code(store.endSession(sessionId())), manual)).toBe('resolved')
    expect(await code(store.endSession(sessionId()))).toBe('STORE_SESSION_NOT_OPEN')
    expect((await verifyStore({ dir: dir.path })).findings).toEqual([])
  })

  it('P1: an encoding thread that dies is started again and the segment is made', async () => {
    using dir = temporaryDirectory()
    const client = new EncodeClient(dir.path, 'duckdb')
    const dying: PartEncoder = { ...duckdbEncoder(), encode: () => Promise.reject(new Error('left for the thread')) }
    const manual = manualClock()
    const store = await openEventStore({ dir: dir.path, env: { ...systemEnv(), clock: manual.clock }, encoder: dying })
    await store.openSession(INFO)
    await store.append(ticks(500))
    expect(await impatient(code(store.close()), manual)).toBe('STORE_ENCODE')
    const lost = code(client.recover())
    await client.crash()
    expect(await lost).toBe('STORE_THREAD')
    expect(await client.recover()).toMatchObject({ segments: 1, rows: 500 })
    await client.close()
    expect((await verifyStore({ dir: dir.path })).findings).toEqual([])
  })

  it('P8: a directory that this user may not write is a typed error', () => {
    using dir = temporaryDirectory()
    const data = path.join(dir.path, 'data')
    mkdirSync(data)
    chmodSync(dir.path, 0o755)
    chmodSync(data, 0o555)
    // Root may write anywhere: there a user without rights opens the store.
    const user = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {}
    const opener = path.join(import.meta.dirname, 'fixtures/open-store.ts')
    const args = ['--conditions=@vectra/source', '--disable-warning=ExperimentalWarning', opener, data]
    expect(execFileSync(process.execPath, args, { encoding: 'utf8', cwd: dir.path, ...user })).toBe('STORE_READ_ONLY\n')
    expect(readdirSync(data)).toEqual([])
  })

  it('P8: a data directory that is a file, or cannot be made, is a typed error', async () => {
    using dir = temporaryDirectory()
    const file = path.join(dir.path, 'file')
    writeFileSync(file, 'x')
    expect(await code(openEventStore({ dir: file }))).toBe('STORE_IO')
    const fs = systemEnv().fs
    const readOnly: Env = {
      ...systemEnv(),
      fs: {
        ...fs,
        mkdir: () => {
          throw Object.assign(new Error('EROFS: read-only file system'), { code: 'EROFS' })
        },
      },
    }
    expect(await code(openEventStore({ dir: path.join(dir.path, 'new'), env: readOnly }))).toBe('STORE_READ_ONLY')
  })

  it('P4: a damaged catalog is set aside and rebuilt from the parts', async () => {
    using dir = temporaryDirectory()
    const first = await openEventStore({ dir: dir.path })
    await first.openSession({ ...INFO, meta: { a: 1 } })
    // A caller's gap stands for its own seq only, whatever it says.
    await first.append([...ticks(150), systemEvent(151, 'gap', { from_seq: 151, to_seq: 153 })])
    await first.close()
    const before = listFiles(dir.path).map(({ generation: _, ...file }) => file)
    writeFileSync(storePaths(dir.path).catalog, 'no database at all, but long enough to be looked at'.repeat(200))
    await using second = await openEventStore({ dir: dir.path })
    expect(second.recovery).toMatchObject({ catalogRebuilt: true, adoptedFiles: before.length })
    expect(listFiles(dir.path).map(({ generation: _, ...file }) => file)).toEqual(before)
    expect(readdirSync(storePaths(dir.path).quarantine)).toEqual(['catalog.sqlite', 'catalog.sqlite.reason.json'])
    expect(await second.openSession(INFO)).toEqual({ lastSeq: 151, ended: false })
    using catalog = openCatalog(dir.path)
    expect(catalog.gaps()).toMatchObject([{ seq: 151, detail: { to_seq: 153 } }])
    expect(catalog.sessions()).toMatchObject([{ meta: { a: 1 }, rows: 151 }])
  })

  it('P4: a deleted catalog is rebuilt, and a second recovery changes nothing', async () => {
    using dir = temporaryDirectory()
    const first = await openEventStore({ dir: dir.path, encoder: 'parquetjs' })
    await first.openSession(INFO)
    await first.append(ticks(150))
    await first.close()
    const before = listFiles(dir.path).map(({ generation: _, ...file }) => file)
    for (const name of readdirSync(dir.path)) if (name.startsWith('catalog')) unlinkSync(path.join(dir.path, name))
    expect(await recoverStore({ dir: dir.path, encoder: 'parquetjs' })).toMatchObject({
      catalogRebuilt: true,
      adoptedFiles: before.length,
    })
    expect(listFiles(dir.path).map(({ generation: _, ...file }) => file)).toEqual(before)
    const catalog = readFileSync(storePaths(dir.path).catalog)
    expect(await recoverStore({ dir: dir.path, encoder: 'parquetjs' })).toMatchObject({
      catalogRebuilt: false,
      adoptedFiles: 0,
      sessions: [],
    })
    expect(readFileSync(storePaths(dir.path).catalog).equals(catalog)).toBe(true)
  })

  it('P4: leftovers of a dead process go, an unreadable part is set aside', async () => {
    using dir = temporaryDirectory()
    const first = await openEventStore({ dir: dir.path })
    await first.openSession(INFO)
    await first.append(ticks(10))
    await first.close()
    const folder = path.dirname(listFiles(dir.path)[0]?.absolutePath ?? '')
    writeFileSync(path.join(folder, 'part-00000001-00000009.parquet.tmp-0'), 'half a part')
    writeFileSync(path.join(folder, 'part-00000001-00000008.parquet'), 'PAR1 nonsense PAR1')
    expect((await verifyStore({ dir: dir.path })).findings.map((finding) => finding.kind).sort()).toEqual([
      'part_unlisted',
      'temporary_file',
    ])
    const report = await recoverStore({ dir: dir.path })
    expect(report).toMatchObject({ removedTemporary: 1, quarantined: ['part-00000001-00000008.parquet'] })
    expect(existsSync(path.join(folder, 'part-00000001-00000008.parquet'))).toBe(false)
    expect((await verifyStore({ dir: dir.path })).findings).toEqual([])
  })
})
