import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api'
import { JOURNAL_VERSION, LineBuffer } from '../src/line.ts'
import { COLUMN_NAMES } from '../src/narrow-columns.ts'
import { encodePieces } from '../src/row-codec.ts'
import type { EncodeRun } from './encoders/encode-process.ts'
import { benchEvents, benchSession, FRAME_SOURCE, median, QUICK, table } from './frames.ts'

/**
 * Segment to parts by four writers, each in a process of its own: time, CPU, memory, bytes. DuckDB says whether their rows are equal.
 */

const ENCODERS = ['duckdb', 'parquetjs', 'hyparquet-writer', 'parquet-wasm']
/** Events of a segment, rounds in one process, and how often the processes take turns. */
const SIZES = QUICK
  ? [
      { events: 100, rounds: 5, turns: 1 },
      { events: 2_000, rounds: 1, turns: 1 },
    ]
  : [
      { events: 100, rounds: 40, turns: 3 },
      { events: 10_000, rounds: 3, turns: 1 },
      { events: 100_000, rounds: 1, turns: 2 },
    ]
/** Lines made at once: frames are kept once, lines are written as they come. */
const SLICE = 5_000
/** A flush of 100 events may take this many times one write, sync and rename. */
const FLUSH_TARGET = 10
const PROCESS = path.join(import.meta.dirname, 'encoders', 'encode-process.ts')

function makeSegment(dir: string, count: number): string {
  const session = benchSession(1)
  const source = path.join(dir, '00000001.ndjson')
  const info = { source: 'replay', origin: null, meta: null }
  const put = (fill: (lines: LineBuffer) => void): void => {
    const lines = new LineBuffer(1 << 20)
    fill(lines)
    writeFileSync(source, lines.take(), { flag: 'a' })
  }
  put((lines) => lines.add({ vectra: 'journal', version: JOURNAL_VERSION, session, segment: 1, first_seq: 1, info }))
  const events = benchEvents(count, session)
  for (let at = 0; at < count; at += SLICE) {
    put((lines) => {
      for (const event of events.slice(at, at + SLICE)) lines.addRow(encodePieces(event))
    })
  }
  put((lines) => lines.add({ end: true, count, last_seq: count }))
  return source
}

function encode(name: string, dir: string, source: string, rounds: number): EncodeRun {
  const args = [
    '--conditions=@vectra/source',
    '--disable-warning=ExperimentalWarning',
    PROCESS,
    name,
    dir,
    source,
    String(rounds),
  ]
  return JSON.parse(execFileSync(process.execPath, args, { encoding: 'utf8', maxBuffer: 1 << 26 })) as EncodeRun
}

async function rowsOf(connection: DuckDBConnection, sql: string): Promise<string> {
  return JSON.stringify((await connection.runAndReadAll(sql)).getRowsJson())
}

/** Types, row counts and a hash over every value, by doc_type: equal for equal rows, whoever wrote them. */
async function contentOf(connection: DuckDBConnection, parts: EncodeRun['parts']): Promise<string> {
  const files = (docType?: string): string => {
    const chosen = parts.filter((part) => docType === undefined || part.docType === docType)
    return `read_parquet([${chosen.map(({ file }) => `'${file}'`).join(', ')}], hive_partitioning = false)`
  }
  const types = await rowsOf(connection, `SELECT column_name, column_type FROM (DESCRIBE SELECT * FROM ${files()})`)
  const docTypes = [...new Set(parts.map(({ docType }) => docType))].sort()
  const hash = `SELECT count(*), sum(seq), sum(hash(${COLUMN_NAMES.join(', ')})::HUGEINT)::VARCHAR FROM `
  const rows = await Promise.all(docTypes.map((docType) => rowsOf(connection, `${hash}${files(docType)}`)))
  return [types, ...docTypes, ...rows].join('\n')
}

/** One file of the same rows, canonical and projected, as DuckDB writes it by itself: all defaults but zstd. */
async function ownFile(connection: DuckDBConnection, parts: EncodeRun['parts'], dir: string): Promise<number> {
  const target = path.join(dir, 'reference.parquet')
  const files = parts.map(({ file }) => `'${file}'`).join(', ')
  await connection.run(
    `COPY (SELECT * FROM read_parquet([${files}], hive_partitioning = false)) TO '${target}' (FORMAT parquet, COMPRESSION zstd)`,
  )
  return statSync(target).size
}

const instance = await DuckDBInstance.create(':memory:', { threads: '2', memory_limit: '2GB' })
const connection = await instance.connect()
const rows: (string | number)[][] = []
const flushes: (string | number)[][] = []
let failed = false
for (const { events, rounds, turns } of SIZES) {
  const dir = mkdtempSync(path.join(process.env['VECTRA_BENCH_DIR'] ?? tmpdir(), 'vectra-bench-'))
  try {
    const source = makeSegment(dir, events)
    const runs = new Map<string, EncodeRun[]>()
    for (let turn = 0; turn < turns; turn++) {
      for (const name of ENCODERS) {
        process.stderr.write(`${events} events: ${name}\n`)
        runs.set(name, [...(runs.get(name) ?? []), encode(name, dir, source, rounds)])
      }
    }
    const all = (name: string, pick: (run: EncodeRun) => readonly number[]): number[] => (runs.get(name) ?? []).flatMap(pick)
    const parts = (name: string): EncodeRun['parts'] => runs.get(name)?.[0]?.parts ?? []
    const content = await contentOf(connection, parts('duckdb'))
    const own = await ownFile(connection, parts('duckdb'), dir)
    const fastest = median(all('duckdb', (run) => run.encodeMs))
    for (const name of ENCODERS) {
      const time = median(all(name, (run) => run.encodeMs))
      const bytes = parts(name).reduce((sum, part) => sum + part.bytes, 0)
      const equal = (await contentOf(connection, parts(name))) === content
      failed ||= !equal
      const run = runs.get(name) ?? []
      rows.push([
        name,
        events.toLocaleString('en'),
        Math.round((events / time) * 1_000).toLocaleString('en'),
        (fastest / time).toFixed(2),
        ((median(all(name, ({ cpuMs }) => cpuMs)) * 1_000) / events).toFixed(0),
        Math.max(...run.map(({ peakMib }) => peakMib)).toFixed(0),
        Math.max(...run.map(({ baseMib }) => baseMib)).toFixed(0),
        Math.round(bytes / 1024).toLocaleString('en'),
        (bytes / own).toFixed(2),
        (bytes / statSync(source).size).toFixed(3),
        equal ? 'equal' : 'DIFFERENT',
      ])
      if (events !== 100) continue
      const whole = all(name, (one) => one.encodeMs.map((ms, index) => ms + (one.publishMs[index] ?? 0)))
      const floor = median(all(name, ({ floorMs }) => floorMs))
      flushes.push([
        name,
        parts(name).length,
        floor.toFixed(2),
        time.toFixed(2),
        median(all(name, ({ publishMs }) => publishMs)).toFixed(2),
        median(whole).toFixed(2),
        (median(whole) / floor).toFixed(1),
      ])
    }
  } finally {
    rmSync(dir, { recursive: true, force: true })
  }
}
connection.closeSync()
instance.closeSync()
console.log(
  `## Segment to parts (${FRAME_SOURCE}, its frames in turn, so that bytes tell of dictionaries; all doc types; one process each)\n`,
)
table(
  [
    'encoder',
    'events',
    'events/s',
    'x DuckDB',
    'CPU µs/event',
    'peak RSS MiB',
    'of it before encoding',
    'KiB',
    "x DuckDB's own single zstd file",
    'x journal bytes',
    'rows',
  ],
  rows,
)
console.log(
  `## A flush of 100 events (ms; floor: the same bytes in one file, written, synced, renamed; target ${FLUSH_TARGET} floors)\n`,
)
table(['encoder', 'files', 'floor', 'encode', 'publish', 'whole', 'x floor'], flushes)
if (failed) process.exitCode = 1
