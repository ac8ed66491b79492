import { type EventSink, IngestError, type Source, type SourceItem } from '@vectra/ingest'
import type { Clock, EventEnvelope, Random } from '@vectra/schemas'
import { expect, it } from 'vitest'
import { runRecorder } from '../src/recorder.ts'
import { sampleFeed } from '../src/sample/feed.ts'

const START = 1_770_365_059_440_000
const FRAMES = [...sampleFeed({ seed: 'recorder', startAt: START })]
const random: Random = { float: () => 0.5, bytes: (count) => new Uint8Array(count).map((_, index) => index * 37 + count) }

/** A clock that a test moves by hand. */
function handClock(): Clock & { advance(ms: number): void } {
  let now = START
  const timers = new Set<{ due: number; fire: () => void }>()
  return {
    now: () => now,
    monotonic: () => now / 1_000,
    timer(delayMs, fire) {
      const timer = { due: now + delayMs * 1_000, fire }
      timers.add(timer)
      return () => void timers.delete(timer)
    },
    advance(ms) {
      now += ms * 1_000
      for (const timer of [...timers]) if (timer.due <= now && timers.delete(timer)) timer.fire()
    },
  }
}

function memorySink(): EventSink & { readonly events: EventEnvelope[]; readonly ended: string[] } {
  const events: EventEnvelope[] = []
  const ended: string[] = []
  return {
    events,
    ended,
    openSession: async () => ({ lastSeq: 0 }),
    append: async (batch) => void events.push(...batch),
    endSession: async (id) => void ended.push(id),
  }
}

/** A source that yields these items, then stays open until it is told to stop. */
function source(items: readonly SourceItem[], { endless = false, fails }: { endless?: boolean; fails?: Error } = {}): Source {
  return {
    name: 'public_ws',
    origin: null,
    meta: { url: 'http://feed.test' },
    async *items(signal) {
      yield* items
      if (fails !== undefined) throw fails
      if (endless && !signal.aborted) await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }))
    },
  }
}

const connect: SourceItem = { kind: 'status', status: { kind: 'connect', connection: 'ws-1' }, at: START }
const frames: readonly SourceItem[] = FRAMES.map(({ at, text }) => ({
  kind: 'frame',
  frame: { at, text, direction: 'received', connection: 'ws-1' },
}))
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

it('records everything, accounts for it and knows the games that ended', async () => {
  const store = memorySink()
  const summary = await runRecorder({ sources: [source([connect, ...frames])], store, clock: handClock(), random }).finished
  expect(summary).toMatchObject({
    reason: 'source_ended',
    games: 2,
    sources: [{ framesIn: FRAMES.length, stored: FRAMES.length, closes: true, source: 'public_ws' }],
  })
  expect(store.events.filter(({ packet }) => packet === '42').map(({ packet, raw_json }) => packet + raw_json)).toEqual(
    FRAMES.map(({ text }) => text),
  )
  expect(store.ended).toHaveLength(1)
})

it('stops when enough games have ended, at a frame after the second rug', async () => {
  const store = memorySink()
  const { finished } = runRecorder({
    sources: [source([connect, ...frames, ...frames], { endless: true })],
    store,
    clock: handClock(),
    random,
    untilGames: 1,
  })
  const summary = await finished
  expect(summary.reason).toBe('until_games')
  expect(summary.games).toBeGreaterThanOrEqual(1)
  expect(store.events.at(-1)?.event_name).toBe('session_end')
})

it('stops after its time, and by the signal, and says which', async () => {
  const clock = handClock()
  const timed = runRecorder({
    sources: [source([connect], { endless: true })],
    store: memorySink(),
    clock,
    random,
    durationMs: 5_000,
  })
  await settled()
  clock.advance(4_999)
  await settled()
  expect(timed.status()).toMatchObject({ elapsedMs: 4_999, sources: [{ connection: 'connect' }] })
  clock.advance(1)
  expect(await timed.finished).toMatchObject({ reason: 'duration', elapsedMs: 5_000 })

  const stop = new AbortController()
  const told = runRecorder({
    sources: [source([connect], { endless: true })],
    store: memorySink(),
    clock: handClock(),
    random,
    signal: stop.signal,
  })
  stop.abort()
  expect(await told.finished).toMatchObject({ reason: 'signal' })
})

it('gives up when the first connection takes too long, and says what it tried', async () => {
  const clock = handClock()
  const refused: SourceItem = {
    kind: 'status',
    status: { kind: 'connect_error', connection: 'ws-1', message: 'connect ECONNREFUSED' },
    at: START,
  }
  const store = memorySink()
  const { finished } = runRecorder({
    sources: [source([refused], { endless: true })],
    store,
    clock,
    random,
    connectTimeoutMs: 20_000,
  })
  const failed = finished.catch((error: unknown) => error)
  await settled()
  clock.advance(20_000)
  expect(await failed).toMatchObject({
    code: 'RECORDER_UNREACHABLE',
    message: expect.stringMatching(/http:\/\/feed\.test within 20 s: connect ECONNREFUSED/),
  })
  // The attempt itself is on record.
  expect(store.events.map(({ event_name }) => event_name)).toContain('connect_error')
})

it('a source that waits for a person is not hurried', async () => {
  const clock = handClock()
  const stop = new AbortController()
  const { finished } = runRecorder({
    sources: [{ ...source([], { endless: true }), unhurried: true }],
    store: memorySink(),
    clock,
    random,
    connectTimeoutMs: 20_000,
    signal: stop.signal,
  })
  await settled()
  clock.advance(3_600_000)
  await settled()
  stop.abort()
  expect(await finished).toMatchObject({ reason: 'signal' })
})

it('once connected, waits out whatever comes', async () => {
  const clock = handClock()
  const lost: SourceItem = {
    kind: 'status',
    status: { kind: 'disconnect', connection: 'ws-1', reason: 'transport close' },
    at: START,
  }
  const stop = new AbortController()
  const recorder = runRecorder({
    sources: [source([connect, lost], { endless: true })],
    store: memorySink(),
    clock,
    random,
    connectTimeoutMs: 1_000,
    signal: stop.signal,
  })
  await settled()
  clock.advance(3_600_000)
  await settled()
  expect(recorder.status().sources[0]?.connection).toBe('disconnect')
  stop.abort()
  expect(await recorder.finished).toMatchObject({ reason: 'signal' })
})

it('a source that fails stops the others in order, and its error is the one thrown', async () => {
  const store = memorySink()
  const heard: string[] = []
  let sessions = 0
  const { finished } = runRecorder({
    sources: [
      source([connect], { endless: true }),
      source([connect], { fails: new IngestError('INGEST_SOURCE_FAILED', 'gone') }),
    ],
    store,
    clock: handClock(),
    random: { ...random, bytes: (count) => new Uint8Array(count).fill(++sessions) },
    onConnection: (session, { kind }) => heard.push(`${session.slice(-4)} ${kind}`),
  })
  await expect(finished).rejects.toMatchObject({ code: 'INGEST_SOURCE_FAILED', message: 'gone' })
  expect(store.ended).toHaveLength(2)
  expect(heard).toHaveLength(2)
  expect(store.events.filter(({ event_name }) => event_name === 'session_end')).toHaveLength(2)
})
