import { closeSync, fdatasyncSync, mkdtempSync, openSync, rmSync, writevSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { openEventStore } from '../src/index.ts'
import { LineBuffer } from '../src/line.ts'
import { encodePieces } from '../src/row-codec.ts'
import { benchEvents, benchSession, FRAME_SOURCE, median, QUICK, quantile, table } from './frames.ts'

/**
 * Durable append against its physical limit: a bare loop that writes the same bytes and syncs once per group.
 * Both sides take turns in each round; what counts is the ratio.
 */

const ROUNDS = QUICK ? 2 : 5
const EVENTS = QUICK ? 4_000 : 30_000
/** Events under way at once, on both sides. */
const OUTSTANDING = 1_000
const BATCH = 10
const WARM_UP = QUICK ? 2_000 : 10_000

function temporary(): string {
  return mkdtempSync(path.join(process.env['VECTRA_BENCH_DIR'] ?? tmpdir(), 'vectra-bench-'))
}

function encodedLines(sessionId: string): Uint8Array[] {
  return benchEvents(EVENTS, sessionId).map((event) => {
    const line = new LineBuffer(event.raw_json.length * 2)
    line.addRow(encodePieces(event))
    return line.take()
  })
}

/** Events per second of writev + fdatasync over groups of the same lines. */
function bare(lines: readonly Uint8Array[], group: number): number {
  const dir = temporary()
  const fd = openSync(path.join(dir, 'journal'), 'wx')
  const started = performance.now()
  for (let at = 0; at < lines.length; at += group) {
    writevSync(fd, lines.slice(at, at + group))
    fdatasyncSync(fd)
  }
  const seconds = (performance.now() - started) / 1_000
  closeSync(fd)
  rmSync(dir, { recursive: true })
  return lines.length / seconds
}

interface StoreRun {
  readonly acked: number
  readonly parts: number
}

/** Events per second until all are acknowledged, and until all are in parts. */
async function store(run: number, encoder: 'duckdb' | 'parquetjs'): Promise<StoreRun> {
  const dir = temporary()
  const sessionId = benchSession(run)
  const events = benchEvents(WARM_UP + EVENTS, sessionId)
  const target = await openEventStore({ dir, encoder })
  await target.openSession({ sessionId, source: 'replay' })
  let next = 0
  const appendUpTo = async (end: number): Promise<void> => {
    const lane = async (): Promise<void> => {
      while (next < end) {
        const from = next
        next += BATCH
        await target.append(events.slice(from, from + BATCH))
      }
    }
    await Promise.all(Array.from({ length: OUTSTANDING / BATCH }, lane))
  }
  // Every store has new threads: their code is compiled first, and parts of it are made.
  await appendUpTo(WARM_UP)
  await target.flush()
  const started = performance.now()
  await appendUpTo(WARM_UP + EVENTS)
  const acked = performance.now() - started
  await target.flush()
  const parts = performance.now() - started
  await target.close()
  rmSync(dir, { recursive: true })
  return { acked: (EVENTS / acked) * 1_000, parts: (EVENTS / parts) * 1_000 }
}

/** Only the caller's thread: envelope to journal line, without any disk. */
function encodeOnly(): number {
  const events = benchEvents(EVENTS, benchSession(1))
  const started = performance.now()
  for (let at = 0; at < events.length; at += BATCH) {
    const lines = new LineBuffer(64 * 1024)
    for (const event of events.slice(at, at + BATCH)) lines.addRow(encodePieces(event))
  }
  return EVENTS / ((performance.now() - started) / 1_000)
}

const lines = encodedLines(benchSession(1))
const bytes = lines.reduce((sum, line) => sum + line.byteLength, 0)
const bareRates: number[] = []
const ackRates: number[] = []
const partRates: number[] = []
const ratios: number[] = []
bare(lines, OUTSTANDING)
await store(1, 'duckdb')
for (let round = 0; round < ROUNDS; round++) {
  const limit = bare(lines, OUTSTANDING)
  const result = await store(2 + round, 'duckdb')
  bareRates.push(limit)
  ackRates.push(result.acked)
  partRates.push(result.parts)
  ratios.push(result.acked / limit)
}
console.log(
  `## Durable append (${EVENTS} events of ${Math.round(bytes / EVENTS)} B lines, ${FRAME_SOURCE}; ${OUTSTANDING} under way; median of ${ROUNDS} rounds)\n`,
)
const bareRate = median(bareRates)
const rate = (value: number): string => Math.round(value).toLocaleString('en')
table(
  ['what', 'events/s', 'MB/s', 'ratio to bare'],
  [
    ['bare append + group-commit fsync', rate(bareRate), rate((bareRate * bytes) / EVENTS / 1e6), '1'],
    [
      'store.append, acknowledged',
      rate(median(ackRates)),
      rate((median(ackRates) * bytes) / EVENTS / 1e6),
      `${median(ratios).toFixed(2)} (${ratios.map((ratio) => ratio.toFixed(2)).join(' ')})`,
    ],
    [
      'store.append until in parts (DuckDB)',
      rate(median(partRates)),
      rate((median(partRates) * bytes) / EVENTS / 1e6),
      (median(partRates) / bareRate).toFixed(2),
    ],
    ['envelope to line, caller thread only', rate(encodeOnly()), '', ''],
  ],
)

/** Acknowledgement latency at a steady pace, in milliseconds. */
async function paced(perSecond: number, seconds: number, append: (index: number) => Promise<void>): Promise<number[]> {
  const latencies: number[] = []
  const pending: Promise<void>[] = []
  const started = performance.now()
  for (let index = 0; index < perSecond * seconds; ) {
    const due = Math.min(perSecond * seconds, Math.floor(((performance.now() - started) / 1_000) * perSecond) + 1)
    for (; index < due; index++) {
      const sent = performance.now()
      pending.push(append(index).then(() => void latencies.push(performance.now() - sent)))
    }
    await delay(1)
  }
  await Promise.all(pending)
  return latencies
}

const latencyRows: (string | number)[][] = []
for (const perSecond of [100, 2_000]) {
  const seconds = QUICK ? 1 : 5
  const dir = temporary()
  const fd = openSync(path.join(dir, 'journal'), 'wx')
  const bareTimes = await paced(perSecond, seconds, async (index) => {
    writevSync(fd, [lines[index % lines.length] as Uint8Array])
    fdatasyncSync(fd)
  })
  closeSync(fd)
  const sessionId = benchSession(100 + perSecond)
  const events = benchEvents(perSecond * seconds, sessionId)
  const target = await openEventStore({ dir: path.join(dir, 'store') })
  await target.openSession({ sessionId, source: 'replay' })
  const times = await paced(perSecond, seconds, (index) => target.append([events[index] as (typeof events)[number]]))
  await target.close()
  rmSync(dir, { recursive: true })
  const cell = (values: readonly number[], share: number): string => quantile(values, share).toFixed(2)
  latencyRows.push([`${perSecond}/s`, cell(bareTimes, 0.5), cell(bareTimes, 0.99), cell(times, 0.5), cell(times, 0.99)])
}
console.log('## Acknowledgement latency (ms; bare = write + fdatasync per event on the same thread)\n')
table(['pace', 'bare p50', 'bare p99', 'store p50', 'store p99'], latencyRows)
