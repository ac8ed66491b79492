import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { listFiles, openEventStore, openQuery, storePaths } from '@vectra/event-store'
import { Decimal, type EventEnvelope } from '@vectra/schemas'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { connectPeer, type MotherduckClient, motherduckClient } from '../../src/index.ts'
import { HAVE_PEERS, MOTHERDUCK } from './peers.ts'

const SERVER = {
  command: MOTHERDUCK,
  args: ['--db-path', ':memory:', '--read-write', '--max-rows', '1000000', '--max-chars', '50000000'],
}
const SESSION = '0198a5b0-1c2d-7000-8000-000000000001'

const frame = (seq: number): EventEnvelope => {
  const raw = `["gameStateUpdate",{"gameId":"20251212-6114b2ff44ef4b71","active":true,"price":1.${String(seq).padStart(20, '0')},"tickCount":${seq},"x":"ünï\\"\\u0000"}]`
  return {
    ...{
      _ts: Date.UTC(2025, 11, 12) * 1_000 + seq,
      _seq: seq,
      _source: 'public_ws',
      _session_id: SESSION,
      _game_id: '20251212-6114b2ff44ef4b71',
    },
    ...{ doc_type: 'ws_event', direction: 'received', event_name: 'gameStateUpdate', ack_id: null, trace_id: null, packet: '42' },
    ...{ raw_json: raw, payload_index: 1, payload: JSON.parse(raw)[1], issues: null, acked: null, origin: null },
  }
}

describe.skipIf(!HAVE_PEERS)('the real mcp-server-motherduck', { timeout: 180_000 }, () => {
  const dir = mkdtempSync(join(tmpdir(), 'vectra-motherduck-'))
  let remote: MotherduckClient

  beforeAll(async () => {
    await using store = await openEventStore({ dir })
    await store.openSession({ sessionId: SESSION, source: 'public_ws' })
    await store.append(Array.from({ length: 250 }, (_, index) => frame(index + 1)))
    await store.endSession(SESSION)
    remote = motherduckClient(SERVER, { connectMs: 60_000 })
  }, 60_000)
  afterAll(async () => {
    await remote.close()
    rmSync(dir, { recursive: true })
  })

  it('speaks both eras', async () => {
    for (const era of ['legacy', 'auto'] as const) {
      await using peer = await connectPeer(SERVER, { connectMs: 90_000, era })
      expect(peer.era).toBe(era === 'auto' ? 'modern' : 'legacy')
      expect(peer.noise).toEqual([])
    }
  })

  it('says its version', async () => {
    expect(await remote.probe()).toMatchObject({
      ok: true,
      version: expect.stringMatching(/DuckDB v1\.\d+\.\d+ behind mcp-server-motherduck/),
    })
  })

  it.each([
    'SELECT doc_type, count(*) AS n FROM events GROUP BY 1 ORDER BY 1',
    "SELECT seq, tick, price, active FROM events WHERE doc_type = 'game_tick' ORDER BY seq",
    'SELECT sum(price) AS total, avg(tick) AS middle, 9007199254740993::BIGINT AS wide, 170141183460469231731687303715884105727::HUGEINT AS widest FROM events',
    'SELECT raw_json, NULL::VARCHAR AS nothing FROM events WHERE packet IS NOT NULL ORDER BY seq',
  ])('%s: the same rows as local DuckDB on the same files', async (sql) => {
    const { events } = storePaths(dir)
    const files = listFiles(dir).map((file) => `'${join(events, file.path.replace(/^events_parquet\//, ''))}'`)
    const remoteSql = sql.replace(
      'FROM events',
      `FROM read_parquet([${files.join(', ')}], hive_partitioning = true, union_by_name = true)`,
    )
    await using local = await openQuery({ dir })
    const here = await local.sql(sql)
    const there = await remote.query(remoteSql, { maxRows: 10_000, timeoutMs: 30_000 })
    expect(there.columns.map(({ name }) => name)).toEqual(here.columns.map(({ name }) => name))
    const exact = (rows: readonly (readonly unknown[])[]) =>
      rows.map((row) =>
        row.map((cell) =>
          Decimal.isDecimal(cell)
            ? cell.toFixed()
            : typeof cell === 'bigint'
              ? `${cell}`
              : typeof cell === 'number'
                ? `${cell}`
                : cell,
        ),
      )
    expect(exact(there.rows)).toEqual(exact(here.rows))
    expect(there.rows.length).toBeGreaterThan(0)
  })

  it('errors carry DuckDB’s own text, and the next statement works', async () => {
    await expect(remote.query('SELECT nowhere FROM range(1)', { maxRows: 1, timeoutMs: 10_000 })).rejects.toThrow(/Binder Error/)
    await expect(remote.query('SELEC', { maxRows: 1, timeoutMs: 10_000 })).rejects.toMatchObject({ code: 'MCP_TOOL_FAILED' })
    expect((await remote.query('SELECT 1::BIGINT', { maxRows: 1, timeoutMs: 10_000 })).rows).toEqual([[1n]])
  })

  it('a statement that takes too long ends, and the client goes on', async () => {
    const endless = 'SELECT count(*) FROM range(100000000) a, range(100000000) b WHERE a.range * b.range = 7'
    await expect(remote.query(endless, { maxRows: 1, timeoutMs: 1_000 })).rejects.toMatchObject({ code: 'MCP_TIMEOUT' })
    expect((await remote.query('SELECT 2::BIGINT', { maxRows: 1, timeoutMs: 30_000 })).rows).toEqual([[2n]])
  })
})
