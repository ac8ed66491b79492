import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { listFiles, openEventStore, storePaths } from '@vectra/event-store'
import type { EventEnvelope } from '@vectra/schemas'
import { describe, expect, it } from 'vitest'
import { scratch, vectra as start, startCli } from './run-cli.ts'

const vectra = (...args: string[]) => start(args)

const SESSION = '0198a5b0-1c2d-7000-8000-00000000f001'

/** One state frame of a game. */
function frame(seq: number): EventEnvelope {
  const payload = { gameId: '20251212-00000000000000a1', active: true, rugged: false, price: 1.5, tickCount: seq - 1 }
  return {
    _ts: (Date.UTC(2025, 11, 12, 10) + seq * 250) * 1000,
    _seq: seq,
    _source: 'public_ws',
    _session_id: SESSION,
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

const frames = (count: number, from = 1): EventEnvelope[] => Array.from({ length: count }, (_, index) => frame(from + index))
const record = (dir: string) => openEventStore({ dir, flush: { maxEvents: 1_000, intervalMs: 3_600_000 } })

function damage(file: string): void {
  const bytes = readFileSync(file)
  bytes[300] = (bytes[300] ?? 0) ^ 1
  writeFileSync(file, bytes)
}

describe('vectra query, games, store scrub, tail', { timeout: 120_000 }, () => {
  it('--fresh sees what a recorder in another process has acknowledged, tail follows it', async () => {
    using dir = scratch()
    const data = join(dir.path, 'data')
    await using store = await record(data)
    await store.openSession({ sessionId: SESSION, source: 'public_ws' })
    await store.append(frames(3))
    await store.flush()
    await store.append(frames(4, 4))
    const ask = (...args: string[]) => vectra('query', 'SELECT count(*) AS n FROM ws_event', ...args, '--data-dir', data)
    expect((await ask('--fresh', '--format', 'csv')).stdout).toBe('n\r\n7\r\n')
    const plain = await ask('--format', 'csv')
    expect(plain).toMatchObject({ code: 0, stdout: 'n\r\n3\r\n' })
    expect(plain.stderr).toContain('not complete: 4 rows of 1 recording are only in the journal yet; ask for fresh rows')
    expect((await ask('--format', 'csv', '-q')).stderr).toBe('')
    const json = await ask('--json')
    expect(JSON.parse(json.stdout)).toEqual([{ n: 3 }])
    expect(JSON.parse(json.stderr)).toMatchObject({
      completeness: { complete: false, reasons: [{ code: 'journal_only', count: 4, session_id: SESSION }] },
    })
    const tail = startCli(['tail', '-n', '2', '--interval', '100ms', '--json', '--data-dir', data])
    await tail.seen(/"seq": ?7\b/)
    await store.append(frames(1, 8))
    await tail.seen(/"seq": ?8\b/)
    tail.child.kill('SIGINT')
    expect((await tail.done).code).toBe(0)
  })

  it('a damaged part is left out and named, scrub exits 65 and remembers, verify finds it too', async () => {
    using dir = scratch()
    const data = join(dir.path, 'data')
    {
      await using store = await record(data)
      await store.openSession({ sessionId: SESSION, source: 'public_ws' })
      await store.append(frames(3))
      await store.flush()
      await store.append(frames(4, 4))
      await store.endSession(SESSION)
    }
    const run = (...args: string[]) => vectra(...args, '--data-dir', data)
    expect(await run('store', 'scrub', '--json')).toMatchObject({ code: 0 })
    const bad = listFiles(data).filter(({ docType }) => docType === 'game_tick')[1]
    damage(bad?.absolutePath ?? '')
    const query = await run('query', 'SELECT count(*) AS n FROM game_tick', '--format', 'csv', '-q')
    expect(query).toMatchObject({ code: 0, stdout: 'n\r\n3\r\n' })
    expect(query.stderr).toContain(`${bad?.path} is not as it was written (its checksum differs): its 4 rows are left out`)
    expect(query.stderr).toContain('run: vectra store verify')
    // What leaves the store as a file says so as well.
    const out = join(dir.path, 'out')
    mkdirSync(out)
    for (const args of [
      ['query', 'SELECT * FROM game_tick', '--format', 'parquet', '-o', join(dir.path, 'q.parquet')],
      ['store', 'export', '--to', join(dir.path, 'all.csv'), '--format', 'csv'],
      ['store', 'export', '--to', out],
    ]) {
      const done = await run(...args, '-q')
      expect(done.code, done.stderr).toBe(0)
      expect(done.stderr.split('its 4 rows are left out')).toHaveLength(2)
      const [said] = (await run(...args, '--overwrite', '--json')).stderr.split('\n')
      expect(JSON.parse(said ?? '')).toMatchObject({ completeness: { complete: false, reasons: [{ code: 'bad_file' }] } })
    }
    const games = await run('games', '--json')
    expect(JSON.parse(games.stdout)).toMatchObject({
      ticks: 3,
      complete: false,
      reasons: ['no_rug', 'bad_file'],
      completeness: { complete: false, reasons: [{ code: 'no_end' }, { code: 'bad_file', path: bad?.path, count: 4 }] },
    })
    const scrub = await run('store', 'scrub', '--rate', '200MB/s', '--json')
    expect(scrub.code).toBe(65)
    expect(JSON.parse(scrub.stdout)).toMatchObject({ ok: false, findings: [{ path: bad?.path, problem: 'checksum' }], read: 4 })
    expect((await run('store', 'scrub')).stdout).toContain('1 bad file: 4 files read')
    expect(await run('store', 'verify', '-q')).toMatchObject({ code: 65 })
    expect(existsSync(bad?.absolutePath ?? '')).toBe(true)
    expect(existsSync(storePaths(data).quarantine)).toBe(false)
    expect(await run('store', 'scrub', '--rate', 'fast')).toMatchObject({ code: 2 })
    expect(await vectra('store', 'scrub', '--data-dir', join(dir.path, 'none'))).toMatchObject({ code: 1 })
  })

  it('gaps, drift and quarantine name the parts that they could not read', async () => {
    using dir = scratch()
    const data = join(dir.path, 'data')
    {
      await using store = await record(data)
      await store.openSession({ sessionId: SESSION, source: 'public_ws' })
      const gap = { from: 1, to: 2, cause: 'stale', est_missing: null, recovered_by: null }
      const noted = { doc_type: 'system_event', direction: 'internal', packet: '', payload_index: null } as const
      await store.append([
        ...frames(3),
        { ...frame(4), ...noted, event_name: 'gap', raw_json: JSON.stringify(gap), payload: gap },
      ])
      await store.endSession(SESSION)
    }
    const left = async (verb: readonly string[]): Promise<string> => (await vectra(...verb, '--data-dir', data)).stderr
    const verbs = [['gaps'], ['drift'], ['quarantine', 'ls'], ['quarantine', 'retry', '--dry-run']] as const
    for (const verb of verbs) expect(await left(verb)).not.toContain('left out')
    const part = (docType: string): string => listFiles(data).find((file) => file.docType === docType)?.absolutePath ?? ''
    damage(part('system_event'))
    for (const verb of verbs) expect(await left(verb), verb.join(' ')).toMatch(/not complete: .*system_event.* left out/)
  })
})
