import { mkdtempSync, renameSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import type { EventEnvelope } from '@vectra/schemas'
import { expect, it } from 'vitest'
import { openCatalog } from '../../src/catalog.ts'
import { systemEnv } from '../../src/env.ts'
import type { FsPort } from '../../src/fs-port.ts'
import { openQuery } from '../../src/query/engine.ts'
import { catalogSource } from '../../src/query/file-source.ts'
import { openEventStore } from '../../src/store.ts'
import { collect, GAME, SESSION, T0 } from './fixture.ts'

const event = (seq: number): EventEnvelope => {
  const payload = { gameId: GAME, active: true, rugged: false, price: 1.5, tickCount: seq, cooldownTimer: 0, tradeCount: seq }
  return {
    _ts: T0 + seq * 250_000,
    _seq: seq,
    _source: 'public_ws',
    _session_id: SESSION,
    _game_id: GAME,
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

it('P5: a recorder that begins between two looks is no store without a catalog', async () => {
  const dir = mkdtempSync(path.join(os.tmpdir(), 'vectra-query-catalog-'))
  try {
    await using store = await openEventStore({ dir })
    await store.openSession({ sessionId: SESSION, source: 'public_ws' })
    await store.append([event(1)])
    await store.flush()
    const env = systemEnv()
    const catalog = path.join(dir, 'catalog.sqlite')
    let looks = 0
    const fs: FsPort = {
      ...env.fs,
      // At the first look there is none yet.
      stat: (at) => (at === catalog && ++looks === 1 ? undefined : env.fs.stat(at)),
    }
    const source = catalogSource(dir, { ...env, fs })
    using snapshot = source.snapshot()
    expect(snapshot.files).toHaveLength(2)
    source.close()
  } finally {
    rmSync(dir, { recursive: true, force: true })
  }
})

it('P5: a catalog that another process holds is busy, not damaged, and is never read past the lock', () => {
  const dir = mkdtempSync(path.join(os.tmpdir(), 'vectra-query-catalog-'))
  const holder = new DatabaseSync(path.join(dir, 'catalog.sqlite'))
  try {
    holder.exec('CREATE TABLE meta (key, value); BEGIN EXCLUSIVE')
    expect(() => openCatalog(dir)).toThrow(expect.objectContaining({ code: 'STORE_BUSY' }))
  } finally {
    holder.close()
    rmSync(dir, { recursive: true, force: true })
  }
}, 30_000)

it('follows a store that is writing: empty, first part, next part, closed', async () => {
  const dir = mkdtempSync(path.join(os.tmpdir(), 'vectra-query-catalog-'))
  try {
    await using query = await openQuery({ dir: path.join(dir, 'data') })
    const count = async () => (await query.sql('SELECT count(*) FROM events')).rows[0]?.[0]
    expect(await count()).toBe(0n)
    const generations = [query.generation()]
    const store = await openEventStore({ dir: path.join(dir, 'data') })
    await store.openSession({ sessionId: SESSION, source: 'public_ws' })
    let cursor = {}
    for (const batch of [[1, 2, 3], [4], [5, 6]]) {
      await store.append(batch.map(event))
      await store.flush()
      generations.push(query.generation())
      const fresh = await collect(query.eventsAfter(cursor))
      expect(fresh.map((row) => row.seq)).toEqual(batch)
      cursor = { [SESSION]: batch.at(-1) ?? 0 }
    }
    expect(new Set(generations).size).toBe(4)
    await store.endSession(SESSION)
    await store.close()
    expect(await count()).toBe(12n)
    expect((await collect(query.ticks({ gameId: GAME }))).map((tick) => tick.tick)).toEqual([1, 2, 3, 4, 5, 6])
    expect(await collect(query.sessions())).toMatchObject([{ sessionId: SESSION, events: 6, missing: 0 }])

    // The catalog goes: that is no empty store. It comes back: all is well.
    const catalog = path.join(dir, 'data', 'catalog.sqlite')
    renameSync(catalog, `${catalog}.away`)
    await expect(count()).rejects.toMatchObject({ code: 'STORE_CATALOG' })
    await expect(collect(query.games())).rejects.toMatchObject({ code: 'STORE_CATALOG' })
    renameSync(`${catalog}.away`, catalog)
    expect(await count()).toBe(12n)
  } finally {
    rmSync(dir, { recursive: true, force: true })
  }
})
