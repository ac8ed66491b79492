import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type EventStore, openEventStore, systemEnv } from '@vectra/event-store'
import { createPipeline, type EventSink, type Source, type SourceItem, systemRandom } from '@vectra/ingest'
import type { Clock } from '@vectra/schemas'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { feedOf } from '../../src/runs/feed.ts'
import { previousRuns } from '../../src/runs/previous-run.ts'
import { sampleFeed } from '../../src/sample/feed.ts'

const START = Date.UTC(2026, 1, 6) * 1_000
const FEED = 'public_ws http://feed.test/ /socket.io'
let dir = ''

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'vectra-runs-'))
})
afterEach(() => rmSync(dir, { recursive: true, force: true }))

/** A clock that stands where a test puts it; timers never fire. */
function standing(at: number): Clock {
  return { now: () => at, monotonic: () => at / 1_000, timer: () => () => undefined }
}

function feed(startAt: number, extra: readonly SourceItem[] = [], url = 'http://feed.test/'): Source {
  const frames = [...sampleFeed({ seed: 'runs', startAt, games: 1 })]
  return {
    name: 'public_ws',
    origin: null,
    meta: { url, path: '/socket.io' },
    async *items() {
      for (const { at, text } of frames) yield { kind: 'frame', frame: { at, text, direction: 'received', connection: 'a' } }
      yield* extra
    },
  }
}
const lastFrameOf = (startAt: number): number => [...sampleFeed({ seed: 'runs', startAt, games: 1 })].at(-1)?.at ?? 0

/** Records a round; `kill` leaves it without its end, as a process that died. */
async function recordRun(
  startAt: number,
  { kill = false, extra = [] as readonly SourceItem[], url = 'http://feed.test/', flushEvery = null as number | null } = {},
): Promise<string> {
  const clock = standing(startAt + 600_000_000)
  const store: EventStore = await openEventStore({ dir, env: { ...systemEnv(), clock } })
  const sink: EventSink = {
    openSession: store.openSession.bind(store),
    async append(batch) {
      if (flushEvery === null) return store.append(batch)
      for (let at = 0; at < batch.length; at += flushEvery) {
        await store.append(batch.slice(at, at + flushEvery))
        await store.flush()
      }
    },
    endSession: kill ? async () => undefined : store.endSession.bind(store),
  }
  const pipeline = createPipeline({ source: feed(startAt, extra, url), sink, clock, random: systemRandom() })
  await pipeline.run()
  await store.close()
  return pipeline.sessionId
}

const runs = (live: readonly string[] = []) => previousRuns(dir, [FEED], new Set(live))

it('an empty directory has no run before, and neither has a feed that was never recorded', async () => {
  expect(await runs()).toEqual([null])
  await recordRun(START, { url: 'http://other.test/' })
  expect(await runs()).toEqual([null])
  expect(await previousRuns(dir, [undefined], new Set())).toEqual([null])
})

it('a run that was stopped is accounted for until its end; one that was killed until its last frame', async () => {
  const stopped = await recordRun(START)
  const [clean] = await runs()
  expect(clean).toMatchObject({ session: stopped, end: 'stopped', from: START + 600_000_000, lastFrameAt: lastFrameOf(START) })
  expect(clean?.perSecond).toBeGreaterThan(1)
  const later = START + 3_600_000_000
  const silent: SourceItem = {
    kind: 'status',
    status: { kind: 'connect_error', connection: 'a', message: 'no route' },
    at: lastFrameOf(later) + 60_000_000,
  }
  const killed = await recordRun(later, { kill: true, extra: [silent] })
  expect(await runs()).toMatchObject([
    { session: killed, end: 'killed', from: lastFrameOf(later), lastFrameAt: lastFrameOf(later), aliveUntil: expect.any(Number) },
  ])
  expect((await runs())[0]?.aliveUntil).toBeGreaterThanOrEqual(silent.at)
})

it('a recorder that flushes often tells its rate all the same', async () => {
  await recordRun(START)
  const [usual] = await runs()
  const session = await recordRun(START + 3_600_000_000, { kill: true, flushEvery: 8 })
  const [often] = await runs()
  expect(often?.session).toBe(session)
  expect(often?.perSecond).toBeGreaterThan((usual?.perSecond ?? 0) / 4)
})

it('a feed that a live process records has no run before', async () => {
  const session = await recordRun(START, { kill: true })
  expect(await runs([session])).toEqual([null])
})

it('the last run is the one published last, also when the clock was set back before it', async () => {
  await recordRun(START)
  const past = await recordRun(START - 86_400_000_000, { kill: true })
  expect(await runs()).toMatchObject([{ session: past }])
})

it('merged parts hold many sessions: the last frame is looked up in the rows', async () => {
  const { compactStore } = await import('@vectra/event-store')
  for (let index = 0; index < 3; index += 1) await recordRun(START + index * 1_200_000_000, { kill: true })
  const before = await runs()
  const report = await compactStore({ dir, graceMs: 0 })
  expect(report.merges.length).toBeGreaterThan(0)
  expect(await runs()).toMatchObject([
    { session: before[0]?.session, from: before[0]?.from, lastFrameAt: lastFrameOf(START + 2 * 1_200_000_000) },
  ])
})

it('only live feeds have runs: replays and imports have no time in which they could have been missed', () => {
  expect(feedOf({ name: 'replay', origin: null, meta: { url: 'http://feed.test/' } })).toBeUndefined()
  expect(feedOf({ name: 'public_ws', origin: 'import:event_log', meta: { url: 'http://feed.test/' } })).toBeUndefined()
  expect(feedOf({ name: 'public_ws', origin: null })).toBeUndefined()
  expect(feedOf({ name: 'public_ws', origin: null, meta: { url: 'http://feed.test/', path: '/socket.io', sockets: 2 } })).toBe(
    FEED,
  )
})
