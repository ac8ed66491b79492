import { describe, expect, it } from 'vitest'
import { createPipeline, IngestError, type Source, type SourceItem, systemClock, systemRandom } from '../src/index.ts'
import { collect, ListSource, numbered, settled } from './support/list-source.ts'
import { fixedRandom, ManualClock } from './support/manual-clock.ts'
import { MemorySink } from './support/memory-sink.ts'
import { record } from './support/record.ts'

const full = (): Error => Object.assign(new Error('no space left'), { code: 'STORE_DISK_FULL' })

/** A promise and what settles it. */
function gate(): { open: () => void; passed: Promise<void> } {
  const { promise, resolve } = Promise.withResolvers<void>()
  return { open: resolve, passed: promise }
}

describe('a recording', () => {
  it('P2, P9: stores what came, in order, between start and end, and the sheet closes', async () => {
    const items: SourceItem[] = [
      ...numbered(3),
      { kind: 'frame', frame: { text: '42[', direction: 'received', at: 5, connection: 'a' } },
    ]
    const source = new ListSource(items)
    const { sink, summary, pipeline } = await record(source, { meta: { note: 'test' } })
    expect(sink.events.map(({ event_name }) => event_name)).toEqual([
      'session_start',
      'e',
      'e',
      'e',
      'socket.event',
      'schema_issue',
      'session_end',
    ])
    expect(sink.events.map(({ _seq }) => _seq)).toEqual([1, 2, 3, 4, 5, 6, 7])
    expect(summary).toMatchObject({
      framesIn: 4,
      stored: 4,
      duplicates: 0,
      quarantined: 0,
      unstored: 0,
      issues: 1,
      systemRows: 3,
      closes: true,
      reason: 'source_ended',
      alreadyStored: false,
    })
    expect(summary.byEvent).toEqual({
      e: { in: 3, stored: 3, duplicates: 0, quarantined: 0, unstored: 0, issues: 0 },
      'socket.event': { in: 1, stored: 1, duplicates: 0, quarantined: 0, unstored: 0, issues: 1 },
    })
    expect(sink.sessions.get(pipeline.sessionId)).toMatchObject({
      ended: true,
      meta: { note: 'test' },
      summary: { closes: true },
    })
    expect(sink.system('session_end')[0]?.payload).toMatchObject({ reason: 'source_ended', summary: { frames: 4, issues: 1 } })
    expect(source.released).toBe(true)
  })

  it('counts broken lines as quarantined, and stores what is known of them', async () => {
    const broken: SourceItem = { kind: 'broken', at: 9, broken: { file: 'a.jsonl', line: 3, reason: 'not JSON', excerpt: '{' } }
    const { sink, summary } = await record(new ListSource([...numbered(1), broken]))
    expect(summary).toMatchObject({ framesIn: 2, stored: 1, quarantined: 1, closes: true })
    expect(sink.system('error')[0]?.payload).toMatchObject({
      code: 'IMPORT_LINE_BROKEN',
      message: 'a.jsonl:3: not JSON',
      details: { file: 'a.jsonl', line: 3 },
    })
  })

  it('shows every envelope on the bus, in order', async () => {
    const sink = new MemorySink()
    const pipeline = createPipeline({ source: new ListSource(numbered(50)), sink, clock: systemClock(), random: systemRandom() })
    const seen = collect(pipeline.bus.subscribe({ capacity: 4 }))
    await pipeline.run()
    expect(await seen).toEqual(sink.events)
  })

  it('counts at most 512 event names one by one', async () => {
    const items = Array.from(
      { length: 600 },
      (_, index): SourceItem => ({
        kind: 'frame',
        frame: { text: `42["e${index}"]`, direction: 'received', at: index, connection: 'a' },
      }),
    )
    const { summary } = await record(new ListSource(items))
    expect(Object.keys(summary.byEvent)).toHaveLength(513)
    expect(summary.byEvent['(other)']).toMatchObject({ in: 88, stored: 88 })
    expect(summary.closes).toBe(true)
  })
})

describe('backpressure', () => {
  it('has one append in flight, and the next batch collects meanwhile', async () => {
    const { open, passed } = gate()
    const sink = new MemorySink({ beforeAppend: (_batch, call) => (call === 1 ? passed : undefined) })
    const source = new ListSource(numbered(100), async (index) => {
      await settled()
      if (index === 99) open()
    })
    await record(source, { sink })
    expect(sink.batches[0]).toBe(1)
    expect(sink.batches.length).toBeLessThan(6)
    expect(sink.batches.reduce((sum, size) => sum + size, 0)).toBe(102)
  })

  it.each([
    ['events', 0, { maxEvents: 10 }, 10 + 3],
    ['bytes', 100_000, { maxBytes: 1_000_000 }, 5 + 3],
  ])('stops pulling the source when the buffer is full of %s', async (_what, size, buffer, most) => {
    const { open, passed } = gate()
    const sink = new MemorySink({ beforeAppend: () => passed })
    const source = new ListSource(numbered(200, size))
    const recording = record(source, { sink, buffer })
    await settled()
    expect(source.pulled).toBeGreaterThan(2)
    expect(source.pulled).toBeLessThanOrEqual(most)
    open()
    expect((await recording).summary).toMatchObject({ stored: 200, closes: true })
  })

  it('waits for a blocking subscriber, but not once it was told to stop', async () => {
    const stop = new AbortController()
    const sink = new MemorySink()
    const source = new ListSource(numbered(100))
    const pipeline = createPipeline({ source, sink, clock: systemClock(), random: systemRandom() })
    pipeline.bus.subscribe({ capacity: 5 })
    const run = pipeline.run(stop.signal)
    await settled()
    expect(source.pulled).toBeLessThanOrEqual(6)
    stop.abort()
    expect(await run).toMatchObject({ stored: 100, reason: 'stopped', closes: true })
  })

  it('drains what was received when it is told to stop', async () => {
    const stop = new AbortController()
    const source = new ListSource(numbered(40), (index) => {
      if (index === 20) stop.abort()
    })
    const { summary, sink } = await record(source, { signal: stop.signal })
    expect(summary).toMatchObject({ stored: 40, reason: 'stopped', closes: true })
    expect(sink.system('session_end')[0]?.payload).toMatchObject({ reason: 'stopped' })
  })
})

describe('a sink without room', () => {
  it('P8: holds the source back, tries the same batch again, and says so in a gap row', async () => {
    const clock = new ManualClock()
    let refused = 0
    const firstSeqs: (number | undefined)[] = []
    const sink = new MemorySink({
      beforeAppend(batch, call) {
        if (call < 2 || refused === 4) return
        refused += 1
        firstSeqs.push(batch[0]?._seq)
        throw full()
      },
    })
    const source = new ListSource(numbered(100), settled)
    const recording = record(source, { sink, clock, random: fixedRandom(), buffer: { maxEvents: 8 } })
    for (const delayMs of [250, 500, 1_000, 2_000]) {
      await clock.until((pending) => pending.length > 0)
      await settled()
      expect(source.pulled).toBeLessThanOrEqual(20)
      expect(clock.pending).toEqual([delayMs])
      clock.advance(delayMs)
    }
    const { summary } = await recording
    expect(new Set(firstSeqs).size).toBe(1)
    expect(summary).toMatchObject({ stored: 100, unstored: 0, stalls: 1, gaps: 1, closes: true })
    expect(sink.system('gap')[0]?.payload).toMatchObject({ cause: 'backpressure', est_missing: 0, recovered_by: 'held_back' })
    const { from, to } = (sink.system('gap')[0]?.payload ?? {}) as { from: number; to: number }
    expect(to - from).toBe(3_750_000)
  })

  it('P8: surfaces as INGEST_SINK_FULL when stopped meanwhile, with every event accounted for', async () => {
    const clock = new ManualClock()
    const stop = new AbortController()
    const sink = new MemorySink({
      beforeAppend(_batch, call) {
        if (call > 1) throw full()
      },
    })
    const source = new ListSource(numbered(100))
    const pipeline = createPipeline({ source, sink, clock, random: fixedRandom(), buffer: { maxEvents: 8 } })
    const run = pipeline.run(stop.signal)
    await clock.until((pending) => pending.length > 0)
    stop.abort()
    await expect(run).rejects.toMatchObject({ name: 'IngestError', code: 'INGEST_SINK_FULL', cause: { code: 'STORE_DISK_FULL' } })
    const { framesIn, stored, unstored, closes } = pipeline.counters()
    expect(framesIn).toBe(source.pulled)
    expect(stored + unstored).toBe(framesIn)
    expect(unstored).toBeGreaterThan(0)
    expect(closes).toBe(false)
    expect(sink.frames()).toHaveLength(stored)
    expect(clock.pending).toEqual([])
  })

  it('finds the reason in the causes of an error', async () => {
    const clock = new ManualClock()
    const sink = new MemorySink({
      beforeAppend(_batch, call) {
        if (call === 1) throw new Error('append failed', { cause: Object.assign(new Error('write'), { code: 'ENOSPC' }) })
      },
    })
    const recording = record(new ListSource(numbered(3)), { sink, clock, random: fixedRandom() })
    await clock.until((pending) => pending.length > 0)
    clock.advance(250)
    expect((await recording).summary).toMatchObject({ stored: 3, stalls: 1 })
  })
})

describe('failures', () => {
  it('of the sink end the recording with a typed error; nothing is dropped silently', async () => {
    const cause = Object.assign(new Error('seq hole'), { code: 'STORE_SEQ_HOLE' })
    const sink = new MemorySink({
      beforeAppend(_batch, call) {
        if (call > 1) throw cause
      },
    })
    const source = new ListSource(numbered(500))
    const pipeline = createPipeline({ source, sink, clock: systemClock(), random: systemRandom(), buffer: { maxEvents: 16 } })
    const error: unknown = await pipeline.run().catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(IngestError)
    expect(error).toMatchObject({ code: 'INGEST_SINK_FAILED', cause, context: { unstoredFromSeq: 2 } })
    const { framesIn, stored, unstored, closes } = pipeline.counters()
    expect({ framesIn, closes, sum: stored + unstored }).toEqual({ framesIn: source.pulled, closes: false, sum: source.pulled })
    expect(source.released).toBe(true)
  })

  it('of the sink stop a source that would never end by itself', async () => {
    const sink = new MemorySink({
      beforeAppend() {
        throw new Error('broken for good')
      },
    })
    const endless = new ListSource(numbered(10), (index, signal) => {
      if (index < 5 || signal.aborted) return
      return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }))
    })
    await expect(record(endless, { sink })).rejects.toMatchObject({ code: 'INGEST_SINK_FAILED' })
    expect(endless.released).toBe(true)
  })

  it('of the sink at open leave the source alone and end the bus', async () => {
    const sink = new MemorySink()
    sink.openSession = () => Promise.reject(Object.assign(new Error('locked'), { code: 'STORE_SESSION_LOCKED' }))
    const source = new ListSource(numbered(1))
    const pipeline = createPipeline({ source, sink, clock: systemClock(), random: systemRandom() })
    const seen = collect(pipeline.bus.subscribe())
    await expect(pipeline.run()).rejects.toMatchObject({ code: 'INGEST_SINK_FAILED', cause: { code: 'STORE_SESSION_LOCKED' } })
    expect(source.pulled).toBe(0)
    expect(await seen).toEqual([])
  })

  it('of the source store what came before, say so in the session, and keep the cause', async () => {
    const source = new ListSource(numbered(5), (index) => {
      if (index === 3) throw new Error('socket exploded')
    })
    const sink = new MemorySink()
    await expect(record(source, { sink })).rejects.toMatchObject({
      code: 'INGEST_SOURCE_FAILED',
      cause: { message: 'socket exploded' },
    })
    expect(sink.frames()).toHaveLength(3)
    expect(sink.system('session_end')[0]?.payload).toMatchObject({ reason: 'source_failed', message: 'socket exploded' })
    expect([...sink.sessions.values()][0]).toMatchObject({ ended: true })
  })

  it('of the source with a code of their own pass unchanged', async () => {
    const unavailable = new IngestError('INGEST_SOURCE_UNAVAILABLE', 'nobody there')
    const source = new ListSource(numbered(1), () => {
      throw unavailable
    })
    await expect(record(source)).rejects.toBe(unavailable)
  })
})

describe('a repeatable source', () => {
  const sessionId = '019b14a3-8200-748f-8e6f-b2eba3ebf2f9'
  const broken: SourceItem = { kind: 'broken', at: 9, broken: { file: 'a', line: 3, reason: 'r', excerpt: '' } }
  const bad: SourceItem = { kind: 'frame', frame: { text: '42[', direction: 'received', at: 5, connection: 'a' } }
  const items = [...numbered(20), bad, broken, ...numbered(20)]

  function repeatable(until = items.length): Source {
    return {
      name: 'replay',
      origin: 'import:event_log',
      repeatable: { sessionId, startedAt: 1_000_000 },
      async *items(signal) {
        for (const [index, item] of items.entries()) {
          if (index === until) throw new Error('file vanished')
          if (signal.aborted) return
          yield item
        }
      },
    }
  }

  it('adds nothing the second time', async () => {
    const { sink, summary } = await record(repeatable())
    const before = [...sink.events]
    const again = await record(repeatable(), { sink })
    expect(sink.events).toEqual(before)
    expect(again.summary).toMatchObject({
      stored: 0,
      duplicates: summary.stored,
      quarantined: 1,
      alreadyStored: true,
      closes: true,
    })
    expect(again.summary.sessionId).toBe(sessionId)
    expect(sink.sessions.get(sessionId)?.summary).toMatchObject({ stored: summary.stored, duplicates: 0 })
  })

  it('does not depend on the sink knowing that the session ended', async () => {
    const { sink } = await record(repeatable())
    const rows = sink.events.length
    for (const session of sink.sessions.values()) session.ended = false
    expect((await record(repeatable(), { sink })).summary).toMatchObject({ stored: 0, alreadyStored: true })
    expect(sink.events).toHaveLength(rows)
  })

  it('P1: goes on where it broke off, wherever that was, to the very same rows', async () => {
    const whole = (await record(repeatable())).sink.events
    for (let until = 0; until < items.length; until += 1) {
      const sink = new MemorySink()
      await expect(record(repeatable(until), { sink })).rejects.toMatchObject({ code: 'INGEST_SOURCE_FAILED' })
      expect([...sink.sessions.values()][0]?.ended).toBe(false)
      const { summary } = await record(repeatable(), { sink })
      expect(sink.events).toEqual(whole)
      expect(summary).toMatchObject({
        alreadyStored: false,
        closes: true,
        duplicates: Math.max(0, until > 21 ? until - 1 : until),
      })
    }
  })

  it('goes on after a sink that failed, and after an abort', async () => {
    const whole = (await record(repeatable())).sink.events
    const sink = new MemorySink({
      beforeAppend(_batch, call) {
        if (call === 3) throw new Error('torn')
      },
    })
    await expect(record(repeatable(), { sink, buffer: { maxEvents: 5 } })).rejects.toMatchObject({ code: 'INGEST_SINK_FAILED' })
    const stop = new AbortController()
    const stopping = createPipeline({ source: repeatable(), sink, clock: systemClock(), random: systemRandom() })
    const watching = (async () => {
      for await (const { _seq } of stopping.bus.subscribe({ capacity: 1 })) if (_seq === 30) stop.abort()
    })()
    expect(await stopping.run(stop.signal)).toMatchObject({ reason: 'stopped', alreadyStored: false })
    await watching
    expect(sink.events.length).toBeLessThan(whole.length)
    await record(repeatable(), { sink })
    expect(sink.events).toEqual(whole)
  })
})
