import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { DuckDBInstance } from '@duckdb/node-api'
import { duckdbEncoder } from '../src/encoders/duckdb.ts'
import { listFiles, recoverStore } from '../src/index.ts'
import { benchEvents, benchSession, FRAME_SOURCE, median, QUICK, table } from './frames.ts'

/**
 * Beside the Python system's writer (pyarrow, a buffer of 100 events, no fsync) on the same frames: events per second until all are
 * in Parquet, and what a kill -9 costs at 100 events/s of what the writer had taken.
 */

const PYTHON = path.join(import.meta.dirname, '../../../.tools/python/bin/python')
const EVENTS = QUICK ? 2_000 : 30_000
const ROUNDS = QUICK ? 1 : 3
const KILLS = QUICK ? 2 : 20
const PACE = 100
/** Frames that both sides take in turn. */
const FRAMES = 500
const LONGEST_MS = 3_000

interface Run {
  readonly seconds: number
  readonly cpuSeconds: number
  readonly peakMib: number
  /** Ours alone: until all are fsynced. */
  readonly acknowledged?: number
}

type Side = (dir: string, count: number, pace: number) => ChildProcess

function frameFile(dir: string): string {
  const file = path.join(dir, 'frames.ndjson')
  const lines = benchEvents(FRAMES, benchSession(1)).map(({ event_name, payload }) =>
    JSON.stringify({ event: event_name, data: payload }),
  )
  writeFileSync(file, `${lines.join('\n')}\n`)
  return file
}

function ours(dir: string, count: number, pace: number): ChildProcess {
  const script = path.join(import.meta.dirname, 'upstream', 'store-process.ts')
  const flags = ['--conditions=@vectra/source', '--disable-warning=ExperimentalWarning']
  return spawn(process.execPath, [...flags, script, dir, String(count), String(pace)], { stdio: ['ignore', 'pipe', 'inherit'] })
}

function theirs(frames: string): Side {
  const script = path.join(import.meta.dirname, 'upstream', 'writer.py')
  return (dir, count, pace) =>
    spawn(PYTHON, [script, dir, frames, String(count), String(pace)], { stdio: ['ignore', 'pipe', 'inherit'] })
}

/** Lines that a process prints until it ends; a pipe keeps them when it is killed. */
async function printed(child: ChildProcess, onLine: (line: string) => void = () => {}): Promise<string> {
  let text = ''
  let last = ''
  child.stdout?.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk
    const lines = text.split('\n')
    text = lines.pop() ?? ''
    for (const line of lines) {
      last = line
      onLine(line)
    }
  })
  const { promise, resolve } = Promise.withResolvers<void>()
  child.once('close', () => resolve())
  await promise
  return last
}

async function distinctSeqs(files: string): Promise<number> {
  const instance = await DuckDBInstance.create(':memory:', { threads: '1' })
  const connection = await instance.connect()
  try {
    const reader = await connection.runAndReadAll(
      `SELECT count(DISTINCT seq) FROM read_parquet(${files}, hive_partitioning = false)`,
    )
    return Number(reader.getRows()[0]?.[0] ?? 0)
  } finally {
    connection.closeSync()
    instance.closeSync()
  }
}

/** Events taken and not readable after a kill at a random moment. */
async function lost(side: Side, dir: string, readable: () => Promise<number>): Promise<{ taken: number; lost: number }> {
  const child = side(dir, PACE * 60, PACE)
  let taken = 0
  const { promise: first, resolve } = Promise.withResolvers<void>()
  const ended = printed(child, (line) => {
    taken = Number(line)
    resolve()
  })
  await Promise.race([first, ended])
  await delay(Math.random() * LONGEST_MS)
  child.kill('SIGKILL')
  await ended
  return { taken, lost: Math.max(0, taken - (await readable())) }
}

async function storeSeqs(dir: string): Promise<number> {
  await recoverStore({ dir, encoder: duckdbEncoder() })
  const files = listFiles(dir).filter(({ docType }) => docType === 'ws_event')
  return files.length === 0 ? 0 : await distinctSeqs(`[${files.map(({ absolutePath }) => `'${absolutePath}'`).join(', ')}]`)
}

async function upstreamSeqs(dir: string): Promise<number> {
  return existsSync(path.join(dir, 'doc_type=ws_event')) ? await distinctSeqs(`'${dir}/doc_type=ws_event/*/*.parquet'`) : 0
}

if (!existsSync(PYTHON)) {
  console.error('\n!!! SKIPPED: no .tools/python; run scripts/setup-python.sh to measure beside the Python writer\n')
  console.log('skipped: no Python with pyarrow (scripts/setup-python.sh)')
  process.exit(0)
}
const root = mkdtempSync(path.join(process.env['VECTRA_BENCH_DIR'] ?? tmpdir(), 'vectra-bench-'))
let number = 0
const fresh = (): string => {
  const dir = path.join(root, String(++number))
  mkdirSync(dir)
  return dir
}
try {
  const upstream = theirs(frameFile(root))
  const runs: { ours: Run[]; theirs: Run[] } = { ours: [], theirs: [] }
  for (let round = 0; round < ROUNDS; round++) {
    process.stderr.write(`round ${round + 1}\n`)
    runs.theirs.push(JSON.parse(await printed(upstream(fresh(), EVENTS, 0))) as Run)
    runs.ours.push(JSON.parse(await printed(ours(fresh(), EVENTS, 0))) as Run)
  }
  const kills = { ours: [] as { taken: number; lost: number }[], theirs: [] as { taken: number; lost: number }[] }
  for (let kill = 0; kill < KILLS; kill++) {
    process.stderr.write(`kill ${kill + 1}\n`)
    const [our, their] = [fresh(), fresh()]
    const [mine, other] = await Promise.all([
      lost(ours, our, () => storeSeqs(our)),
      lost(upstream, their, () => upstreamSeqs(their)),
    ])
    kills.ours.push(mine)
    kills.theirs.push(other)
  }
  const row = (
    name: string,
    side: readonly Run[],
    killed: readonly { taken: number; lost: number }[],
    pick: (run: Run) => number,
  ) => {
    const sum = (what: 'taken' | 'lost'): number => killed.reduce((total, one) => total + one[what], 0)
    const seconds = median(side.map(pick))
    const against = median(runs.theirs.map((run) => run.seconds))
    return [
      name,
      Math.round(EVENTS / seconds).toLocaleString('en'),
      (against / seconds).toFixed(2),
      ((median(side.map((run) => run.cpuSeconds)) / EVENTS) * 1e6).toFixed(0),
      Math.max(...side.map((run) => run.peakMib)).toFixed(0),
      `${sum('lost')} of ${sum('taken')}`,
      Math.max(...killed.map((one) => one.lost)),
    ]
  }
  console.log(
    `## Beside the Python writer (${EVENTS.toLocaleString('en')} events, ${FRAME_SOURCE}; median of ${ROUNDS}; ${KILLS} kills at ${PACE}/s)\n`,
  )
  table(
    ['writer', 'events/s', 'x Python', 'CPU µs/event', 'peak RSS MiB', 'lost by kill -9, of those taken', 'most by one kill'],
    [
      row('Python: in Parquet, not synced', runs.theirs, kills.theirs, (run) => run.seconds),
      row('store: fsynced', runs.ours, kills.ours, (run) => run.acknowledged ?? run.seconds),
      row('store: in Parquet and catalog', runs.ours, kills.ours, (run) => run.seconds),
    ],
  )
  if (kills.ours.some((one) => one.lost > 0)) {
    console.log('events that were acknowledged are gone')
    process.exitCode = 1
  }
} finally {
  rmSync(root, { recursive: true, force: true })
}
