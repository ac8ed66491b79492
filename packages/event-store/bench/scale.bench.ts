import { createHash } from 'node:crypto'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api'
import { openCatalogWriter, prepareDirectory } from '../src/data-directory.ts'
import { duckdbEncoder } from '../src/encoders/duckdb.ts'
import { systemEnv } from '../src/env.ts'
import { openQuery } from '../src/index.ts'
import { JOURNAL_VERSION, LineBuffer } from '../src/line.ts'
import { planParts } from '../src/part-plan.ts'
import { partPath, session8 } from '../src/paths.ts'
import { encodePieces } from '../src/row-codec.ts'
import { scanSegment } from '../src/segment.ts'
import { benchEvents, benchSession, FRAME_SOURCE, median, QUICK, table } from './frames.ts'

/**
 * One game out of many days: the store's answer beside the same rows in one file sorted by hand, and at ten and a hundred times the days.
 */

const ROWS_PER_DAY = QUICK ? 2_000 : 50_000
const DAYS = QUICK ? [1, 4] : [1, 10, 100]
const GAMES_PER_DAY = QUICK ? 10 : 250
const ROUNDS = QUICK ? 3 : 21
/** Frames up to this size only: five million of the largest would be 20 GB. */
const MAX_FRAME = 2_500

interface Day {
  readonly date: string
  readonly file: string
}

function dateOf(day: number): string {
  return new Date(Date.UTC(2025, 5, 1) + day * 86_400_000).toISOString().slice(0, 10)
}

function gameOf(day: number, game: number): string {
  const hash = createHash('sha256').update(`${day}/${game}`).digest('hex').slice(0, 16)
  return `${dateOf(day).replaceAll('-', '')}-${hash}`
}

/** One encoded segment of real frames: what all days are made of. */
async function pattern(connection: DuckDBConnection, scratch: string, session: string): Promise<number> {
  const lines = new LineBuffer(1 << 20)
  const events = benchEvents(600, session)
    .filter((event) => event.raw_json.length <= MAX_FRAME)
    .map((event, index) => ({ ...event, _seq: index + 1 }))
  lines.add({
    vectra: 'journal',
    version: JOURNAL_VERSION,
    session,
    segment: 1,
    first_seq: 1,
    info: { source: 'replay', origin: null, meta: null },
  })
  for (const event of events) lines.addRow(encodePieces(event))
  lines.add({ end: true, count: events.length, last_seq: events.length })
  const bytes = Buffer.from(lines.take())
  const scan = scanSegment(bytes)
  if (scan.header === undefined) throw new Error('no header')
  const parts = planParts(scan, scan.header, 'duckdb', scratch).filter((part) => part.docType === 'ws_event')
  for (const part of parts) mkdirSync(path.dirname(part.target), { recursive: true })
  const encoder = duckdbEncoder()
  const source = path.join(scratch, 'pattern.ndjson')
  writeFileSync(source, bytes)
  await encoder.encode({ path: source, bytes }, parts)
  await encoder.close()
  const files = parts.map((part) => `'${part.target}'`).join(', ')
  await connection.run(`CREATE TABLE pattern AS SELECT * FROM read_parquet([${files}], hive_partitioning = false)`)
  return events.length
}

/** Days as compaction leaves them: one sorted file each, listed in a catalog. */
async function fill(connection: DuckDBConnection, dir: string, days: number, frames: number): Promise<Day[]> {
  const session = benchSession(1)
  const env = systemEnv()
  const catalog = openCatalogWriter(env, prepareDirectory(env, dir))
  const columns = (await connection.runAndReadAll('DESCRIBE pattern')).getRows().map(([name]) => String(name))
  const made: Day[] = []
  for (let day = 0; day < days; day++) {
    const date = dateOf(day)
    const names = Array.from({ length: GAMES_PER_DAY }, (_, game) => gameOf(day, game))
    const games = names.map((name) => `'${name}'`).join(', ')
    const sortedGames = names.toSorted()
    const select = columns.map((name) => {
      if (name === 'seq') return `CAST(${day * ROWS_PER_DAY} + row + 1 AS BIGINT) AS seq`
      if (name === 'ts') return `TIMESTAMP '${date}' + to_microseconds(row * ${Math.floor(86_400_000_000 / ROWS_PER_DAY)}) AS ts`
      return name === 'game_id' ? `([${games}])[1 + row * ${GAMES_PER_DAY} // ${ROWS_PER_DAY}] AS game_id` : name
    })
    const relative = partPath({ docType: 'ws_event', date, session8: session8(session), segment: day + 1 })
    const file = path.join(dir, ...relative.split('/'))
    mkdirSync(path.dirname(file), { recursive: true })
    await connection.run(
      `COPY (SELECT ${select.join(', ')} FROM range(${ROWS_PER_DAY}) numbers(row) JOIN pattern ON pattern.seq = row % ${frames} + 1 ORDER BY game_id, session_id, seq) TO '${file}' (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE 10240)`,
    )
    const content = readFileSync(file)
    const seqs = { seqFirst: day * ROWS_PER_DAY + 1, seqLast: (day + 1) * ROWS_PER_DAY }
    const start = Date.parse(date) * 1_000
    catalog.commitSegment(
      {
        session: { sessionId: session, source: 'replay', origin: null, meta: null },
        segment: day + 1,
        ...seqs,
        rows: ROWS_PER_DAY,
        gaps: [],
        files: [
          {
            path: relative,
            docType: 'ws_event',
            date,
            sessionId: session,
            segment: day + 1,
            rows: ROWS_PER_DAY,
            bytes: content.length,
            sha256: createHash('sha256').update(content).digest('hex'),
            ...seqs,
            tsMin: start,
            tsMax: start + 86_400_000_000 - 1,
            schemaVersion: 1,
            writer: 'duckdb',
            games: { first: sortedGames[0] ?? '', last: sortedGames.at(-1) ?? '' },
          },
        ],
      },
      0,
    )
    made.push({ date, file })
  }
  catalog.close()
  return made
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const started = performance.now()
  await work()
  return performance.now() - started
}

const root = mkdtempSync(path.join(process.env['VECTRA_BENCH_DIR'] ?? tmpdir(), 'vectra-bench-scale-'))
const instance = await DuckDBInstance.create(':memory:', { threads: '2' })
const connection = await instance.connect()
try {
  const frames = await pattern(connection, root, benchSession(1))
  const rows: (string | number)[][] = []
  let first = 0
  for (const days of DAYS) {
    const dir = path.join(root, `store-${days}`)
    const made = await fill(connection, dir, days, frames)
    const sorted = path.join(root, `sorted-${days}.parquet`)
    await connection.run(
      `COPY (SELECT * FROM read_parquet([${made.map(({ file }) => `'${file}'`).join(', ')}], hive_partitioning = false) ORDER BY game_id, session_id, seq) TO '${sorted}' (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE 10240)`,
    )
    const query = await openQuery({ dir })
    const hand: number[] = []
    const ours: number[] = []
    const typed: number[] = []
    let cold = 0
    for (let round = 0; round < ROUNDS; round++) {
      const game = gameOf((round * 7) % days, (round * 31) % GAMES_PER_DAY)
      const sql = (source: string): string =>
        `SELECT seq, event_name, raw_json FROM ${source} WHERE game_id = '${game}' ORDER BY seq`
      let expected = 0
      hand.push(
        await timed(async () => {
          expected = (await connection.runAndReadAll(sql(`'${sorted}'`))).getRows().length
        }),
      )
      let found = 0
      const once = await timed(async () => {
        found = (await query.sql(sql('ws_event'))).rows.length
      })
      if (found !== expected || found === 0) throw new Error(`${found} rows of ${game}, ${expected} in the sorted file`)
      if (round === 0) cold = once
      else ours.push(once)
      typed.push(
        await timed(async () => {
          let count = 0
          for await (const event of query.eventsOfGame(game)) count += event.seq > 0 ? 1 : 0
          if (count !== expected) throw new Error(`${count} events of ${game}, expected ${expected}`)
        }),
      )
    }
    await query.close()
    const stored = made.reduce((sum, { file }) => sum + statSync(file).size, 0)
    if (first === 0) first = median(typed)
    rows.push([
      days,
      (days * ROWS_PER_DAY).toLocaleString('en'),
      median(hand).toFixed(1),
      median(ours).toFixed(1),
      (median(ours) / median(hand)).toFixed(2),
      median(typed).toFixed(1),
      (median(typed) / first).toFixed(2),
      cold.toFixed(0),
      (stored / statSync(sorted).size).toFixed(3),
    ])
    rmSync(dir, { recursive: true })
    rmSync(sorted)
  }
  console.log(`## One game with its frames, by days in the store (${FRAME_SOURCE}; median of ${ROUNDS} games)\n`)
  table(
    [
      'days',
      'rows',
      'one sorted file ms',
      'store ms',
      'ratio (target 2)',
      'eventsOfGame ms',
      'to the fewest days (target 1.5)',
      'first query ms',
      'bytes x sorted file (target 1.1)',
    ],
    rows,
  )
} finally {
  connection.closeSync()
  instance.closeSync()
  rmSync(root, { recursive: true, force: true })
}
