import { closeSync, fdatasyncSync, openSync, rmSync, writevSync } from 'node:fs'
import { join } from 'node:path'
import { DuckDBInstance } from '@duckdb/node-api'
import { listFiles, openEventStore, openQuery } from '@vectra/event-store'
import { createPipeline, type RawFrame, type Source, systemClock, systemRandom } from '@vectra/ingest'
import { benchDirectory, QUICK, quantile, realFrames, table } from './real-frames.ts'

/**
 * Frame text to rows in Parquet, without a pause: decode, validate, journal with fsync, parts, catalog, on real frames, thread
 * starts included, as the public feed hands frames over (a browser's are also searched for secrets). The limit is, one after the
 * other in the same round: `JSON.parse` of the same texts, write and fdatasync of the same bytes by groups of 1,000 frames, and
 * DuckDB's copy of the same rows from Parquet to Parquet with all cores.
 */

const FRAMES = QUICK ? 2_000 : 40_000
const ROUNDS = QUICK ? 1 : 3
const GROUP = 1_000
const TARGET = { framesPerSecond: 5_000, ofLimit: 0.5 }
const clock = systemClock()
const random = systemRandom()

interface Round {
  readonly parse: number
  readonly append: number
  readonly copy: number
  readonly acknowledged: number
  readonly visible: number
}

function seconds(since: number): number {
  return (performance.now() - since) / 1_000
}

function* endless(frames: readonly RawFrame[], count: number): Generator<RawFrame> {
  for (let at = 0; at < count; at++) yield frames[at % frames.length] as RawFrame
}

function parse(frames: readonly RawFrame[]): number {
  const started = performance.now()
  for (const { text } of endless(frames, FRAMES)) JSON.parse(String(text).slice(2))
  return seconds(started)
}

function append(frames: readonly RawFrame[], dir: string): number {
  const bytes = frames.map(({ text }) => Buffer.from(String(text)))
  const fd = openSync(join(dir, 'bare'), 'wx')
  const started = performance.now()
  for (let at = 0; at < FRAMES; at += GROUP) {
    const count = Math.min(GROUP, FRAMES - at)
    writevSync(
      fd,
      Array.from({ length: count }, (_, index) => bytes[(at + index) % bytes.length] as Buffer),
    )
    fdatasyncSync(fd)
  }
  const time = seconds(started)
  closeSync(fd)
  return time
}

/** From the first frame until all are acknowledged, and until all stand in Parquet files of the catalog. */
async function pipeline(frames: readonly RawFrame[], dir: string): Promise<Pick<Round, 'acknowledged' | 'visible'>> {
  const store = await openEventStore({ dir })
  const source: Source = {
    name: 'replay',
    origin: null,
    async *items() {
      for (const frame of endless(frames, FRAMES)) yield { kind: 'frame', frame: { ...frame, at: clock.now() } }
    },
  }
  let acknowledged = 0
  const sink = {
    openSession: store.openSession.bind(store),
    append: store.append.bind(store),
    endSession: async (sessionId: string, summary?: unknown) => {
      acknowledged = seconds(started)
      await store.endSession(sessionId, summary)
    },
  }
  const started = performance.now()
  const { framesIn, stored } = await createPipeline({ source, sink, clock, random }).run()
  await store.flush()
  const visible = seconds(started)
  await store.close()
  if (framesIn !== FRAMES || stored !== FRAMES) throw new Error(`${framesIn} frames in, ${stored} stored, of ${FRAMES}`)
  await using query = await openQuery({ dir })
  const { rows } = await query.sql(`SELECT count(*)::INTEGER FROM events WHERE packet = '42'`)
  if (Number(rows[0]?.[0]) !== FRAMES) throw new Error(`${String(rows[0]?.[0])} of ${FRAMES} frames are in Parquet`)
  return { acknowledged, visible }
}

async function copy(dir: string): Promise<number> {
  const files = listFiles(dir).map(({ absolutePath }) => `'${absolutePath}'`)
  const instance = await DuckDBInstance.create(':memory:')
  const connection = await instance.connect()
  const started = performance.now()
  await connection.run(
    `COPY (SELECT * FROM read_parquet([${files.join(', ')}], hive_partitioning = false)) TO '${join(dir, 'copy.tmp')}' (FORMAT parquet, COMPRESSION zstd)`,
  )
  const time = seconds(started)
  connection.closeSync()
  instance.closeSync()
  return time
}

const frames = await realFrames()
const meanBytes = frames.reduce((sum, { text }) => sum + text.length, 0) / frames.length
const rounds: Round[] = []
for (let round = 0; round <= ROUNDS; round++) {
  const dir = benchDirectory()
  try {
    process.stderr.write(`round ${round}\n`)
    const limits = { parse: parse(frames), append: append(frames, dir) }
    const times = await pipeline(frames, join(dir, 'store'))
    // The first round warms up.
    if (round > 0) rounds.push({ ...limits, ...times, copy: await copy(join(dir, 'store')) })
  } finally {
    rmSync(dir, { recursive: true, force: true })
  }
}
const middle = (pick: (round: Round) => number): number => quantile(rounds.map(pick), 0.5)
const rate = (time: number): string => Math.round(FRAMES / time).toLocaleString('en')
const limit = ({ parse: parsing, append: appending, copy: copying }: Round): number => parsing + appending + copying
const ratios = rounds.map((round) => limit(round) / round.visible)
const perSecond = FRAMES / middle(({ visible }) => visible)
console.log(
  `## Sustained pipeline (${FRAMES.toLocaleString('en')} real frames of ${Math.round(meanBytes)} B on average; median of ${ROUNDS} rounds)\n`,
)
table(
  ['what', 'seconds', 'frames/s'],
  [
    ['JSON.parse', middle((round) => round.parse).toFixed(2), rate(middle((round) => round.parse))],
    ['bare append + fdatasync', middle((round) => round.append).toFixed(2), rate(middle((round) => round.append))],
    ['DuckDB, Parquet to Parquet', middle((round) => round.copy).toFixed(2), rate(middle((round) => round.copy))],
    ['limit: the three one after the other', middle(limit).toFixed(2), rate(middle(limit))],
    ['all frames acknowledged', middle((round) => round.acknowledged).toFixed(2), rate(middle((round) => round.acknowledged))],
    ['all frames in Parquet', middle((round) => round.visible).toFixed(2), rate(middle((round) => round.visible))],
  ],
)
const ratio = quantile(ratios, 0.5)
console.log(
  `${Math.round(perSecond).toLocaleString('en')} frames/s (target ${TARGET.framesPerSecond}), ${ratio.toFixed(2)} of the limit (target ${TARGET.ofLimit}; ${ratios.map((one) => one.toFixed(2)).join(' ')})`,
)
if (!QUICK && (perSecond < TARGET.framesPerSecond || ratio < TARGET.ofLimit)) process.exitCode = 1
