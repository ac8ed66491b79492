/**
 * What the path from frame to envelope costs, on real frames.
 *
 *     node --conditions=@vectra/source bench/pipeline.bench.ts [--quick]
 *
 * Prints one JSON object. `ratio` is events/s of decode + validate divided by events/s of a bare `JSON.parse` of the same
 * texts in the same run (target 0.4); rounds of both alternate, and the median of each counts.
 */
import { existsSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { EventEnvelope } from '@vectra/schemas'
import {
  createPipeline,
  type EventSink,
  importFile,
  type RawFrame,
  replayRecords,
  replaySource,
  systemClock,
  systemRandom,
} from '../src/index.ts'
import { Stamp } from '../src/stamp.ts'
import { Translator } from '../src/translate.ts'

const quick = process.argv.includes('--quick')
const folder = process.env.VECTRA_CAPTURES ?? resolve(import.meta.dirname, '../../../../shared/captures')
const files = ['public-2025-12-12.jsonl', 'raw-frames.jsonl']
const clock = systemClock()
const random = systemRandom()

async function realFrames(): Promise<RawFrame[]> {
  const frames: RawFrame[] = []
  for (const name of files) {
    const source = await importFile({ name, content: readFileSync(join(folder, name)) })
    // Flat strings, as they come from a socket; slices of the file's text would pay for being flattened.
    for await (const { text, ...rest } of replayRecords(source)()) {
      frames.push({ ...rest, text: Buffer.from(String(text)).toString('utf8'), connection: name })
    }
  }
  return frames
}

function median(values: number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0
}

/** Events per second of one round. */
function rate(events: number, round: () => void): number {
  const start = clock.monotonic()
  round()
  return (events / (clock.monotonic() - start)) * 1000
}

if (!existsSync(folder)) {
  console.error(`SKIPPED: no captures at ${folder} (set VECTRA_CAPTURES); this bench needs real frames`)
  process.exit(0)
}
const frames = await realFrames()
const bytes = frames.reduce((sum, { text }) => sum + text.length, 0)
const source = { name: 'replay', origin: null, async *items() {} } as const
const parseRates: number[] = []
const decodeRates: number[] = []
let envelopes = 0

for (let round = 0; round < (quick ? 12 : 60); round += 1) {
  parseRates.push(
    rate(frames.length, () => {
      for (const { text } of frames) JSON.parse((text as string).slice(2))
    }),
  )
  const translator = new Translator(source, new Stamp({ sessionId: 'bench', source: 'replay', origin: null }))
  decodeRates.push(
    rate(frames.length, () => {
      for (const frame of frames) envelopes += translator.translate({ kind: 'frame', frame }).length
    }),
  )
}

const held: EventEnvelope[] = []
const sink: EventSink = {
  openSession: async () => ({ lastSeq: 0 }),
  append: async (batch) => {
    held.length = 0
    held.push(...batch)
  },
  endSession: async () => {},
}
const pipelineRates: number[] = []
for (let round = 0; round < (quick ? 15 : 30); round += 1) {
  const pipeline = createPipeline({ source: replaySource(frames, { clock, speed: 'max' }), sink, clock, random })
  const start = clock.monotonic()
  const { stored } = await pipeline.run()
  pipelineRates.push((stored / (clock.monotonic() - start)) * 1000)
}

const parse = median(parseRates)
const decode = median(decodeRates)
const pipeline = median(pipelineRates)
const result = {
  bench: 'ingest/pipeline',
  frames: frames.length,
  meanBytes: Math.round(bytes / frames.length),
  parseEventsPerSecond: Math.round(parse),
  decodeValidateEventsPerSecond: Math.round(decode),
  ratio: Math.round((decode / parse) * 1000) / 1000,
  target: 0.4,
  pipelineEventsPerSecond: Math.round(pipeline),
  pipelineRatio: Math.round((pipeline / parse) * 1000) / 1000,
  envelopes,
}
console.log(JSON.stringify(result))
