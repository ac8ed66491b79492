import { createHash } from 'node:crypto'
import { mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { DuckDBInstance } from '@duckdb/node-api'
import type { NewFile } from '../src/catalog-records.ts'
import { openCatalogWriter, prepareDirectory } from '../src/data-directory.ts'
import { duckdbEncoder } from '../src/encoders/duckdb.ts'
import { systemEnv } from '../src/env.ts'
import { compactStore, listFiles, verifyStore } from '../src/index.ts'
import { JOURNAL_VERSION, LineBuffer } from '../src/line.ts'
import { planParts } from '../src/part-plan.ts'
import { partPath, session8 } from '../src/paths.ts'
import { encodePieces } from '../src/row-codec.ts'
import { scanSegment } from '../src/segment.ts'
import { benchEvents, benchSession, FRAME_SOURCE, QUICK, table } from './frames.ts'

/**
 * A day of small parts becomes one file: seconds, events per second, and the same query before and after.
 */

const PARTS = Number(process.env['VECTRA_BENCH_PARTS'] ?? (QUICK ? 200 : 17_000))
/** Five seconds of the public feed. */
const EVENTS = Number(process.env['VECTRA_BENCH_EVENTS'] ?? 20)
const DATE = '2025-12-12'

/** Different frames that parts are made of, in turn: as many as a capture has. */
const FRAMES = 500

/** One encoded segment's canonical rows: what all parts are made of. */
async function pattern(dir: string, session: string): Promise<string> {
  const lines = new LineBuffer(1 << 20)
  lines.add({
    vectra: 'journal',
    version: JOURNAL_VERSION,
    session,
    segment: 1,
    first_seq: 1,
    info: { source: 'replay', origin: null, meta: null },
  })
  for (const event of benchEvents(FRAMES, session)) lines.addRow(encodePieces(event))
  lines.add({ end: true, count: FRAMES, last_seq: FRAMES })
  const bytes = Buffer.from(lines.take())
  const source = path.join(dir, '00000001.ndjson')
  writeFileSync(source, bytes)
  const scan = scanSegment(bytes)
  if (scan.header === undefined) throw new Error('no header')
  const parts = planParts(scan, scan.header, 'duckdb', dir).filter((part) => part.docType === 'ws_event')
  for (const part of parts) mkdirSync(path.dirname(part.target), { recursive: true })
  const encoder = duckdbEncoder()
  await encoder.encode({ path: source, bytes }, parts)
  await encoder.close()
  return parts.map((part) => `'${part.target}'`).join(', ')
}

async function fill(dir: string): Promise<void> {
  const session = benchSession(1)
  const scratch = mkdtempSync(path.join(tmpdir(), 'vectra-bench-'))
  const source = await pattern(scratch, session)
  const env = systemEnv()
  const paths = prepareDirectory(env, dir)
  const catalog = openCatalogWriter(env, paths)
  const instance = await DuckDBInstance.create(':memory:', { threads: '1' })
  const connection = await instance.connect()
  await connection.run(
    `CREATE TABLE pattern AS SELECT * EXCLUDE (seq), row_number() OVER (ORDER BY seq) AS seq FROM read_parquet([${source}], hive_partitioning = false)`,
  )
  const columns = (await connection.runAndReadAll('DESCRIBE pattern')).getRows().map(([name]) => String(name))
  const ordered = (await connection.runAndReadAll(`DESCRIBE SELECT * FROM read_parquet([${source}], hive_partitioning = false)`))
    .getRows()
    .map(([name]) => String(name))
  const frames = Number((await connection.runAndReadAll('SELECT count(*) FROM pattern')).getRows()[0]?.[0] ?? 0)
  const rows = EVENTS
  if (columns.length !== ordered.length) throw new Error('columns')
  const select = ordered
    .map((name) => {
      if (name === 'seq') return 'CAST(row + 1 AS BIGINT) AS seq'
      return name === 'game_id' ? `'20251212-' || lpad((row // ${rows * 20})::VARCHAR, 16, '0') AS game_id` : name
    })
    .join(', ')
  // One statement writes all parts; renaming gives them the store's names. A hundred commits, not one for each part.
  const staging = path.join(dir, 'staging')
  await connection.run(
    `COPY (SELECT ${select}, row // ${rows} AS part FROM range(${PARTS * rows}) numbers(row) JOIN pattern ON pattern.seq = row % ${frames} + 1 ORDER BY part, row) TO '${staging}' (FORMAT parquet, COMPRESSION zstd, PARTITION_BY (part))`,
  )
  let files: NewFile[] = []
  for (let part = 0; part < PARTS; part++) {
    const relative = partPath({ docType: 'ws_event', date: DATE, session8: session8(session), segment: part + 1 })
    const file = path.join(dir, ...relative.split('/'))
    mkdirSync(path.dirname(file), { recursive: true })
    renameSync(path.join(staging, `part=${part}`, 'data_0.parquet'), file)
    const content = readFileSync(file)
    files.push({
      path: relative,
      docType: 'ws_event',
      date: DATE,
      sessionId: session,
      segment: part + 1,
      rows,
      bytes: content.length,
      sha256: createHash('sha256').update(content).digest('hex'),
      seqFirst: part * rows + 1,
      seqLast: (part + 1) * rows,
      tsMin: 0,
      tsMax: 0,
      schemaVersion: 1,
      writer: 'duckdb',
    })
    if (files.length < Math.ceil(PARTS / 100) && part + 1 < PARTS) continue
    catalog.commitSegment(
      {
        session: { sessionId: session, source: 'replay', origin: null, meta: null },
        segment: part + 1,
        seqFirst: files[0]?.seqFirst ?? 0,
        seqLast: (part + 1) * rows,
        rows: rows * files.length,
        gaps: [],
        files,
      },
      0,
    )
    files = []
  }
  rmSync(staging, { recursive: true })
  connection.closeSync()
  instance.closeSync()
  catalog.close()
  rmSync(scratch, { recursive: true })
}

/** Fastest of some rounds, in milliseconds, over an explicit list in a database of its own. */
async function query(files: readonly string[], sql: (source: string) => string, rounds = 3): Promise<number> {
  const instance = await DuckDBInstance.create(':memory:', { threads: '2' })
  const connection = await instance.connect()
  let best = Number.POSITIVE_INFINITY
  for (let round = 0; round < rounds; round++) {
    const started = performance.now()
    await connection.runAndReadAll(
      sql(`read_parquet([${files.map((file) => `'${file}'`).join(', ')}], hive_partitioning = false)`),
    )
    best = Math.min(best, performance.now() - started)
  }
  connection.closeSync()
  instance.closeSync()
  return best
}

const dir = mkdtempSync(path.join(process.env['VECTRA_BENCH_DIR'] ?? tmpdir(), 'vectra-bench-compact-'))
try {
  await fill(dir)
  const before = listFiles(dir)
  const paths = before.map((file) => file.absolutePath)
  const byType = (source: string): string => `SELECT event_name, count(*) FROM ${source} GROUP BY 1`
  const oneGame = (source: string): string =>
    `SELECT seq, raw_json FROM ${source} WHERE game_id = '20251212-${String(Math.floor(PARTS / 40)).padStart(16, '0')}' ORDER BY seq`
  const slow = [await query(paths, byType), await query(paths, oneGame)] as const
  // What DuckDB needs for the same sorted file without any proof.
  const bare = await query(
    paths,
    (source) =>
      `COPY (SELECT * FROM ${source} ORDER BY game_id, seq) TO '${path.join(dir, 'bare.tmp')}' (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE 10240)`,
    1,
  )
  rmSync(path.join(dir, 'bare.tmp'), { force: true })
  const started = performance.now()
  const report = await compactStore({ dir, threads: 2, memoryLimit: '512MB' })
  const seconds = (performance.now() - started) / 1_000
  const rows = report.merges.reduce((sum, merge) => sum + merge.rows, 0)
  const after = listFiles(dir)
  const fast = [
    await query(
      after.map((file) => file.absolutePath),
      byType,
    ),
    await query(
      after.map((file) => file.absolutePath),
      oneGame,
    ),
  ] as const
  const findings = (await verifyStore({ dir })).findings.length
  const mb = (list: readonly { readonly bytes: number }[]): string =>
    (list.reduce((sum, file) => sum + file.bytes, 0) / 1e6).toFixed(1)
  process.stdout.write(`frames: ${FRAME_SOURCE}; failures ${report.failures.length}, findings of verify afterwards ${findings}\n`)
  table(
    ['parts', 'rows', 'MB before', 'MB after', 'seconds', 'events/s', 'time x bare COPY', 'count by name', 'one game'],
    [
      [
        PARTS,
        rows,
        mb(before),
        mb(after),
        seconds.toFixed(1),
        Math.round(rows / seconds),
        (seconds / (bare / 1_000)).toFixed(2),
        `${(slow[0] / fast[0]).toFixed(0)}x faster (${slow[0].toFixed(0)} -> ${fast[0].toFixed(1)} ms)`,
        `${(slow[1] / fast[1]).toFixed(0)}x faster`,
      ],
    ],
  )
} finally {
  rmSync(dir, { recursive: true, force: true })
}
