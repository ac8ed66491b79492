/**
 * Decode + validate against `JSON.parse` alone, on the real frames of one capture.
 *
 * `node --conditions=@vectra/source bench/decode.bench.ts [FILE] [--quick]`; FILE defaults to `public-2025-12-12.jsonl` of `VECTRA_CAPTURES`.
 * The target is a ratio of at least 0.4: all of decoding, `JSON.parse` included, in 2.5 times the time of `JSON.parse`.
 * Exit code 1 below it.
 */
import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { decodeEvent, exactView, type GameStateUpdate, gameStateUpdateSchema, phaseOf } from '@vectra/schemas'

const TARGET = 0.4
const ROUNDS = process.argv.includes('--quick') ? 5 : 15
const captures = process.env.VECTRA_CAPTURES ?? fileURLToPath(new URL('../../../../shared/captures', import.meta.url))
const file = process.argv.slice(2).find((arg) => !arg.startsWith('--')) ?? `${captures}/public-2025-12-12.jsonl`

if (!existsSync(file)) {
  console.error(`decode.bench: no capture at ${file}; set VECTRA_CAPTURES or name a file`)
  process.exit(process.env.CI === 'true' ? 1 : 0)
}

/** Frame texts as the socket carries them: `["name",…args]` without insignificant white space. */
const frames = readFileSync(file, 'utf8')
  .split('\n')
  .filter((line) => line !== '')
  .map((line) => JSON.parse(line) as { event?: string; event_type?: string; data: unknown })
  .map(({ event, event_type, data }) => JSON.stringify([event ?? event_type, ...(Array.isArray(data) ? data : [data])]))
const bytes = frames.reduce((sum, text) => sum + Buffer.byteLength(text), 0)

let sink = 0
const work: Record<string, (text: string) => void> = {
  'JSON.parse alone': (text) => {
    sink += (JSON.parse(text) as unknown[]).length
  },
  'decode + validate': (text) => {
    const [name, ...args] = JSON.parse(text) as [string, ...unknown[]]
    const result = decodeEvent(name, args)
    if (result.ok) sink++
    else throw new Error(`${name}: ${JSON.stringify(result.issues)}`)
  },
  'decode + validate + phase + exact price': (text) => {
    const [name, ...args] = JSON.parse(text) as [string, ...unknown[]]
    const result = decodeEvent(name, args)
    if (!result.ok) throw new Error(`${name}: ${JSON.stringify(result.issues)}`)
    const { payload, payloadIndex } = result.event
    if (phaseOf(payload)) sink++
    if (payloadIndex !== null && exactView(text, payloadIndex + 1, payload).decimal(['price'])) sink++
  },
  'JSON.parse + zod safeParse (for comparison)': (text) => {
    const [name, payload] = JSON.parse(text) as [string, GameStateUpdate]
    if (name === 'gameStateUpdate' && gameStateUpdateSchema.safeParse(payload).success) sink++
  },
}

// rounds are interleaved, so that a busy machine slows every contender alike; the median counts
const times = new Map<string, number[]>(Object.keys(work).map((name) => [name, []]))
for (let round = -3; round < ROUNDS; round++) {
  for (const [name, run] of Object.entries(work)) {
    const start = performance.now()
    for (const text of frames) run(text)
    if (round >= 0) times.get(name)?.push(performance.now() - start)
  }
}

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN
const base = median(times.get('JSON.parse alone') ?? [])
console.log(`${frames.length} frames, ${(bytes / 1e6).toFixed(1)} MB, median of ${ROUNDS} rounds (${sink})`)
console.table(
  [...times].map(([name, all]) => ({
    what: name,
    'events/s': Math.round(frames.length / (median(all) / 1000)),
    'µs/event': Number(((median(all) * 1000) / frames.length).toFixed(1)),
    'MB/s': Number((bytes / 1e3 / median(all)).toFixed(0)),
    'ratio to JSON.parse': Number((base / median(all)).toFixed(2)),
  })),
)
const ratio = base / median(times.get('decode + validate') ?? [])
console.log(`decode + validate: ${ratio.toFixed(2)} of JSON.parse alone (target ${TARGET})`)
process.exitCode = ratio >= TARGET ? 0 : 1
