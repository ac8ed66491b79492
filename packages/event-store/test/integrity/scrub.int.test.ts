import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, unlinkSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import {
  compactStore,
  type Env,
  listFiles,
  openEventStore,
  openQuery,
  type ScrubProgress,
  scrubStore,
  startScrub,
  storePaths,
  systemEnv,
} from '../../src/index.ts'
import { Pace } from '../../src/integrity/pace.ts'
import { storeDay } from '../compaction/day.ts'
import { sessionId, ticks } from '../sample-events.ts'
import { temporaryDirectory } from '../temporary-directory.ts'

const FAST = 1e12

function flip(file: string, at = 200): void {
  const bytes = readFileSync(file)
  bytes[at] = (bytes[at] ?? 0) ^ 1
  writeFileSync(file, bytes)
}

/** A clock that only timers move, and what waiting it was asked for. */
function simulatedTime(): { env: Env; now(): number } {
  const real = systemEnv()
  let now = 0
  const clock = {
    ...real.clock,
    monotonic: () => now,
    timer: (delayMs: number, fire: () => void) => {
      now += delayMs
      queueMicrotask(fire)
      return () => undefined
    },
  }
  return { env: { ...real, clock }, now: () => now }
}

describe('scrub', () => {
  it('P7: finds a changed part, a missing one, a changed receipt and a changed sealed segment; moves nothing', async () => {
    using dir = temporaryDirectory()
    await storeDay(dir.path, 4)
    await compactStore({ dir: dir.path })
    await storeDay(dir.path, 3, 10, 2)
    const files = listFiles(dir.path)
    expect(await scrubStore({ dir: dir.path, rate: FAST })).toMatchObject({ ok: true, findings: [], before: 0 })
    const [merged] = files.filter(({ path: at }) => at.includes('merged'))
    const small = files.filter(({ path: at }) => !at.includes('merged'))
    const { receipts, journal, quarantine } = storePaths(dir.path)
    const receipt = readdirSync(receipts)[0] ?? ''
    flip(merged?.absolutePath ?? '')
    unlinkSync(small[0]?.absolutePath ?? '')
    flip(path.join(receipts, receipt))
    const dead = sessionId(3)
    {
      await using store = await openEventStore({ dir: dir.path, flush: { maxEvents: 1e6, intervalMs: 1e9 } })
      await store.openSession({ sessionId: dead, source: 'replay' })
      await store.append(ticks(5, 1, { _session_id: dead }))
      const segment = readFileSync(path.join(journal, dead, '00000001.ndjson'))
      await store.close()
      mkdirSync(path.join(journal, dead), { recursive: true })
      writeFileSync(path.join(journal, dead, '00000009.ndjson'), segment)
      flip(path.join(journal, dead, '00000009.ndjson'), 400)
    }
    const report = await scrubStore({ dir: dir.path, rate: FAST })
    expect(report.ok).toBe(false)
    expect(report.findings.map(({ path: at, problem }) => [at, problem]).sort()).toEqual(
      [
        [merged?.path, 'checksum'],
        [small[0]?.path, 'missing'],
        [`receipts/${receipt}`, 'checksum'],
        [`journal/${dead}/00000009.ndjson`, 'checksum'],
      ].sort(),
    )
    expect(existsSync(merged?.absolutePath ?? '')).toBe(true)
    expect(existsSync(quarantine)).toBe(false)
  })

  it('goes on where it was stopped, and begins anew when it was through', async () => {
    using dir = temporaryDirectory()
    await storeDay(dir.path, 5)
    const stop = new AbortController()
    const seen: ScrubProgress[] = []
    const onProgress = (progress: ScrubProgress): void => {
      seen.push(progress)
      if (progress.done === 7) stop.abort(new Error('enough'))
    }
    await expect(scrubStore({ dir: dir.path, rate: FAST, signal: stop.signal, onProgress })).rejects.toThrow('enough')
    expect(seen.map(({ done }) => done)).toEqual([1, 2, 3, 4, 5, 6, 7])
    // A part that was read before it was hurt is read again; one that was found bad stays found.
    const [first] = listFiles(dir.path)
    flip(first?.absolutePath ?? '')
    const second = await scrubStore({ dir: dir.path, rate: FAST })
    expect(second).toMatchObject({ before: 6, read: 14, findings: [{ path: first?.path, problem: 'checksum' }] })
    const third = await scrubStore({ dir: dir.path, rate: FAST })
    expect(third).toMatchObject({ before: 0, read: 20, ok: false })
    expect(third.startedAt).toBeGreaterThan(second.startedAt)
  })

  it('what it found, queries know', async () => {
    using dir = temporaryDirectory()
    await storeDay(dir.path, 2)
    await using query = await openQuery({ dir: dir.path })
    const bad = listFiles(dir.path).find(({ docType }) => docType === 'ws_event')
    await query.sql('SELECT count(*) FROM ws_event')
    flip(bad?.absolutePath ?? '')
    await scrubStore({ dir: dir.path, rate: FAST })
    expect((await query.sql('SELECT count(*) FROM ws_event')).completeness.reasons).toContainEqual(
      expect.objectContaining({ code: 'bad_file', path: bad?.path }),
    )
  })

  it('reads no faster than it is told', async () => {
    using dir = temporaryDirectory()
    await storeDay(dir.path, 5)
    const { env, now } = simulatedTime()
    const { bytes } = await scrubStore({ dir: dir.path, env, rate: 10_000 })
    expect(bytes).toBeGreaterThan(50_000)
    expect(now()).toBeGreaterThanOrEqual((bytes / 10_000) * 1_000)
    expect(now()).toBeLessThan((bytes / 10_000) * 1_000 + 1_000)
  })

  it('keeps its pace over many small pieces, and stops at once when asked', async () => {
    const { env, now } = simulatedTime()
    const pace = new Pace(env, 1_000)
    for (let piece = 0; piece < 100; piece++) await pace.passed(10)
    expect(now()).toBe(1_000)
    const stop = new AbortController()
    const waiting = new Pace(systemEnv(), 1, stop.signal).passed(1_000_000)
    stop.abort(new Error('stopped'))
    await expect(waiting).rejects.toThrow('stopped')
    expect(() => new Pace(env, 0)).toThrow(TypeError)
  })

  it('of an empty or absent directory has nothing to do, and makes nothing', async () => {
    using dir = temporaryDirectory()
    expect(await scrubStore({ dir: dir.path })).toMatchObject({ ok: true, read: 0 })
    expect(await scrubStore({ dir: path.join(dir.path, 'none') })).toMatchObject({ ok: true, read: 0 })
    expect(existsSync(path.join(dir.path, 'none'))).toBe(false)
  })

  it('runs beside a recorder on a thread of its own', async () => {
    using dir = temporaryDirectory()
    await storeDay(dir.path, 3)
    const bad = listFiles(dir.path)[0]
    flip(bad?.absolutePath ?? '')
    await using scrub = startScrub({ dir: dir.path, everyMs: 3_600_000, rate: FAST })
    expect(await scrub.run()).toMatchObject({ ok: false, findings: [{ path: bad?.path }] })
    rmSync(storePaths(dir.path).checks)
  })
})
