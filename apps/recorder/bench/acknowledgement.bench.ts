import { rmSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { type EventStore, listFiles, openEventStore, startCompaction } from '@vectra/event-store'
import {
  createPipeline,
  type EventSink,
  type RawFrame,
  replaySource,
  type Source,
  systemClock,
  systemRandom,
} from '@vectra/ingest'
import { benchDirectory, QUICK, quantile, realFrames, table } from './real-frames.ts'

/**
 * From a frame's due time to its acknowledgement, at 100 frames/s through the whole pipeline: alone, and while days of small parts
 * are compacted in this process by the recorder's own background job (one DuckDB thread, merges planned for 64 MB). Late frames count from when
 * they were due.
 */

const PER_SECOND = 100
const SECONDS = QUICK ? 2 : 30
/** Days that are over, and small parts of each. */
const DAYS = QUICK ? 1 : 3
const PARTS = QUICK ? 5 : 60
const EVENTS_PER_PART = 150
const TARGET_MS = 20
const DAY_US = 86_400_000_000
const clock = systemClock()
const random = systemRandom()

/** The same store, flushed after so many events: what a day of five-second flushes leaves. */
function smallParts(store: EventStore): EventSink {
  let held = 0
  return {
    openSession: store.openSession.bind(store),
    endSession: store.endSession.bind(store),
    append: async (batch) => {
      for (let at = 0; at < batch.length; ) {
        const part = batch.slice(at, at + EVENTS_PER_PART - held)
        await store.append(part)
        at += part.length
        held += part.length
        if (held < EVENTS_PER_PART) continue
        await store.flush()
        held = 0
      }
    },
  }
}

async function prepareDay(store: EventStore, frames: readonly RawFrame[], day: number): Promise<void> {
  const start = Date.UTC(2025, 11, 1) * 1_000 + day * DAY_US
  const count = PARTS * EVENTS_PER_PART
  const records = Array.from({ length: count }, (_, index) => {
    const frame = frames[index % frames.length] as RawFrame
    return { ...frame, at: start + Math.floor((index * DAY_US) / count) }
  })
  const source = replaySource(records, { clock, speed: 'max', times: 'recorded' })
  await createPipeline({ source, sink: smallParts(store), clock, random }).run()
}

/** Milliseconds from due to acknowledged of each frame until the signal. */
async function latencies(store: EventStore, frames: readonly RawFrame[], signal: AbortSignal): Promise<number[]> {
  const due: number[] = []
  const times: number[] = []
  const source: Source = {
    name: 'replay',
    origin: null,
    async *items(stop) {
      const started = performance.now()
      for (let index = 0; !stop.aborted; index++) {
        const at = started + (index * 1_000) / PER_SECOND
        while (performance.now() < at) await delay(Math.max(0, at - performance.now()))
        due.push(at)
        yield { kind: 'frame', frame: { ...(frames[index % frames.length] as RawFrame), at: clock.now() } }
      }
    },
  }
  const sink: EventSink = {
    openSession: store.openSession.bind(store),
    endSession: store.endSession.bind(store),
    append: async (batch) => {
      await store.append(batch)
      const now = performance.now()
      for (const { packet } of batch) if (packet === '42') times.push(now - (due[times.length] ?? now))
    },
  }
  await createPipeline({ source, sink, clock, random }).run(signal)
  return times
}

const frames = await realFrames()
const dir = benchDirectory()
try {
  const store = await openEventStore({ dir })
  for (let day = 0; day < DAYS; day++) {
    process.stderr.write(`preparing day ${day + 1} of ${DAYS}\n`)
    await prepareDay(store, frames, day)
  }
  const before = listFiles(dir).length
  process.stderr.write('alone\n')
  await latencies(store, frames, AbortSignal.timeout(1_000))
  const alone = await latencies(store, frames, AbortSignal.timeout(SECONDS * 1_000))
  process.stderr.write('while compacting\n')
  const faults: string[] = []
  await using compaction = startCompaction({
    dir,
    everyMs: 3_600_000,
    graceMs: 0,
    onFault: (error) => faults.push(error.message),
  })
  const done = new AbortController()
  const started = performance.now()
  const compacting = compaction.run().finally(() => done.abort())
  const busy = await latencies(store, frames, done.signal)
  const report = await compacting
  const seconds = (performance.now() - started) / 1_000
  await store.close()
  if (report === null || report.merges.length === 0) throw new Error(`nothing was compacted: ${faults.join('; ')}`)
  const cell = (values: readonly number[], share: number): string => quantile(values, share).toFixed(2)
  console.log(`## Frame to acknowledgement at ${PER_SECOND}/s (ms from due; real frames)\n`)
  table(
    ['', 'frames', 'p50', 'p99', 'highest'],
    [
      ['alone', alone.length, cell(alone, 0.5), cell(alone, 0.99), cell(alone, 1)],
      ['while compacting', busy.length, cell(busy, 0.5), cell(busy, 0.99), cell(busy, 1)],
    ],
  )
  const p99 = quantile(busy, 0.99)
  const rows = report.merges.reduce((sum, merge) => sum + merge.rows, 0)
  console.log(
    `${report.merges.length} merges of ${rows.toLocaleString('en')} rows in ${seconds.toFixed(1)} s, rests included; ${before} files before. p99 while compacting ${p99.toFixed(1)} ms (target ${TARGET_MS}), ${(p99 / quantile(alone, 0.99)).toFixed(2)} x alone`,
  )
  if (!QUICK && p99 > TARGET_MS) process.exitCode = 1
} finally {
  rmSync(dir, { recursive: true, force: true })
}
