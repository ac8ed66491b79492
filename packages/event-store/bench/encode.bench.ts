import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { DuckDBInstance } from '@duckdb/node-api'
import { duckdbEncoder } from '../src/encoders/duckdb.ts'
import { parquetjsEncoder } from '../src/encoders/parquetjs.ts'
import { systemEnv } from '../src/env.ts'
import { JOURNAL_VERSION, LineBuffer } from '../src/line.ts'
import type { PartEncoder, PartPlan } from '../src/part-encoder.ts'
import { planParts } from '../src/part-plan.ts'
import { encodePieces } from '../src/row-codec.ts'
import { scanSegment } from '../src/segment.ts'
import { benchEvents, benchSession, FRAME_SOURCE, median, QUICK, table } from './frames.ts'

// Segment to parts: events per second and bytes on disk, beside one zstd file that DuckDB makes of the same rows.

const ROUNDS = QUICK ? 1 : 5
const SIZES = QUICK ? [100, 1_000] : [100, 2_000, 10_000]

interface Segment {
  readonly dir: string
  readonly source: string
  readonly bytes: Buffer
}

function makeSegment(count: number): Segment {
  const dir = mkdtempSync(path.join(process.env['VECTRA_BENCH_DIR'] ?? tmpdir(), 'vectra-bench-'))
  const session = benchSession(1)
  const lines = new LineBuffer(1 << 20)
  lines.add({
    vectra: 'journal',
    version: JOURNAL_VERSION,
    session,
    segment: 1,
    first_seq: 1,
    info: { source: 'replay', origin: null, meta: null },
  })
  for (const event of benchEvents(count, session)) lines.addRow(encodePieces(event))
  lines.add({ end: true, count, last_seq: count })
  const bytes = Buffer.from(lines.take())
  const source = path.join(dir, '00000001.ndjson')
  writeFileSync(source, bytes)
  return { dir, source, bytes }
}

async function encode(encoder: PartEncoder, segment: Segment): Promise<{ seconds: number; bytes: number; parts: PartPlan[] }> {
  const started = performance.now()
  const scan = scanSegment(segment.bytes)
  if (scan.header === undefined) throw new Error('no header')
  const parts = planParts(scan, scan.header, encoder.name, segment.dir)
  for (const part of parts) mkdirSync(path.dirname(part.target), { recursive: true })
  await encoder.encode({ path: segment.source, bytes: segment.bytes }, parts)
  const seconds = (performance.now() - started) / 1_000
  return { seconds, bytes: parts.reduce((sum, part) => sum + statSync(part.target).size, 0), parts }
}

/** One file of the canonical rows as DuckDB writes it by itself, all defaults but zstd. */
async function reference(parts: readonly PartPlan[], dir: string): Promise<number> {
  const instance = await DuckDBInstance.create(':memory:')
  const connection = await instance.connect()
  const target = path.join(dir, 'reference.parquet')
  const files = parts.map((part) => `'${part.target}'`).join(', ')
  await connection.run(
    `COPY (SELECT * FROM read_parquet([${files}], hive_partitioning = false)) TO '${target}' (FORMAT parquet, COMPRESSION zstd)`,
  )
  connection.closeSync()
  instance.closeSync()
  return statSync(target).size
}

const encoders = [duckdbEncoder(), parquetjsEncoder(systemEnv().fs)]
const rows: (string | number)[][] = []
for (const size of SIZES) {
  const segment = makeSegment(size)
  const seconds = new Map<string, number[]>()
  const bytes = new Map<string, number>()
  let own = 0
  for (let round = 0; round <= ROUNDS; round++) {
    for (const encoder of encoders) {
      const result = await encode(encoder, segment)
      // The first round warms up.
      if (round > 0) seconds.set(encoder.name, [...(seconds.get(encoder.name) ?? []), result.seconds])
      bytes.set(encoder.name, result.bytes)
      if (own === 0) own = await reference(result.parts, segment.dir)
    }
  }
  for (const encoder of encoders) {
    const time = median(seconds.get(encoder.name) ?? [])
    const size_ = bytes.get(encoder.name) ?? 0
    rows.push([
      encoder.name,
      size,
      Math.round(size / time).toLocaleString('en'),
      (time * 1_000).toFixed(1),
      Math.round(size_ / 1024),
      (size_ / own).toFixed(2),
      (size_ / segment.bytes.length).toFixed(3),
    ])
  }
  rmSync(segment.dir, { recursive: true })
}
for (const encoder of encoders) await encoder.close()
console.log(`## Segment to parts (${FRAME_SOURCE}; all doc types; median of ${ROUNDS})\n`)
table(
  ['encoder', 'events per segment', 'events/s', 'ms', 'KiB on disk', "x DuckDB's own single zstd file", 'x journal bytes'],
  rows,
)
