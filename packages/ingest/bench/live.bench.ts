/**
 * How long from a frame off the wire to the live state that contains it, through the real pipeline, on real frames.
 *
 *     node --conditions=@vectra/source bench/live.bench.ts [--quick]
 *
 * Prints one JSON object. `live` is from handing the frame to the pipeline to the state behind the bus; `parse` is a bare
 * `JSON.parse` of the same texts in the same run, frame by frame. Target: `liveP99Ms` below 5.
 */
import { existsSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import {
  createPipeline,
  type EventSink,
  importFile,
  liveState,
  type RawFrame,
  replayRecords,
  type Source,
  systemClock,
  systemRandom,
} from '../src/index.ts'

const quick = process.argv.includes('--quick')
const folder = process.env.VECTRA_CAPTURES ?? resolve(import.meta.dirname, '../../../../shared/captures')
const files = ['public-2025-12-12.jsonl', 'raw-frames.jsonl']
const clock = systemClock()
const random = systemRandom()

if (!existsSync(folder)) {
  console.error(`SKIPPED: no captures at ${folder} (set VECTRA_CAPTURES); this bench needs real frames`)
  process.exit(0)
}

const frames: RawFrame[] = []
for (const name of files) {
  const source = await importFile({ name, content: readFileSync(join(folder, name)) })
  for await (const { text, ...rest } of replayRecords(source)()) {
    frames.push({ ...rest, text: Buffer.from(String(text)).toString('utf8'), connection: name })
  }
}

const sink: EventSink = {
  openSession: async () => ({ lastSeq: 0 }),
  append: async () => {},
  endSession: async () => {},
}
const rounds = quick ? 4 : 20
const parse: number[] = []
const live: number[] = []

for (let round = 0; round < rounds; round += 1) {
  for (const { text } of frames) {
    const start = clock.monotonic()
    JSON.parse((text as string).slice(2))
    parse.push(clock.monotonic() - start)
  }
  await follow()
}

/** One recording of all frames, each handed over when the state of the one before it is out and the event loop had its turn. */
async function follow(): Promise<void> {
  let seen = Promise.withResolvers<void>()
  const source: Source = {
    name: 'public_ws',
    origin: null,
    async *items() {
      for (const frame of frames) {
        await new Promise((resolve) => setImmediate(resolve))
        seen = Promise.withResolvers()
        const start = clock.monotonic()
        const out = seen.promise.then(() => live.push(clock.monotonic() - start))
        yield { kind: 'frame', frame: { ...frame, at: clock.now() } } as const
        await out
      }
    },
  }
  const pipeline = createPipeline({ source, sink, clock, random })
  const events = pipeline.bus.subscribe()
  const running = pipeline.run()
  for await (const { event } of liveState(events)) if (event.doc_type === 'ws_event') seen.resolve()
  await running
}

function spread(values: readonly number[]): { p50: number; p99: number; max: number } {
  const sorted = values.toSorted((a, b) => a - b)
  const at = (share: number): number =>
    Math.round((sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0) * 1000) / 1000
  return { p50: at(0.5), p99: at(0.99), max: at(1) }
}

const received = spread(live)
const bare = spread(parse)
const result = {
  bench: 'ingest/live',
  frames: frames.length,
  rounds,
  liveP50Ms: received.p50,
  liveP99Ms: received.p99,
  liveMaxMs: received.max,
  parseP50Ms: bare.p50,
  parseP99Ms: bare.p99,
  parseMaxMs: bare.max,
  targetP99Ms: 5,
}
console.log(JSON.stringify(result))
if (result.liveP99Ms >= result.targetP99Ms) process.exitCode = 1
