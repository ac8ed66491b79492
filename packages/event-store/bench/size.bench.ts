import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { DuckDBInstance } from '@duckdb/node-api'
import type { EventEnvelope } from '@vectra/schemas'
import { compactStore, listFiles, openEventStore } from '../src/index.ts'
import { benchEvents, benchSession, FRAME_SOURCE, QUICK, table } from './frames.ts'

/**
 * Bytes of a day after compaction, beside one sorted zstd file that DuckDB makes of the same rows with its own settings. Frames are
 * real; when they come again their numbers' last digits are drawn anew and they belong to another game, so that nothing
 * compresses because it was copied.
 */

const EVENTS = QUICK ? 3_000 : 40_000
const BATCH = 500
/** Frames of one game. */
const GAME = 500
const TARGET = 1.1

/** A generator of its own: the same bytes in each run. */
function digits(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 2 ** 32) * 10)
  }
}

const LONG_NUMBER = /(\d\.\d{4})(\d+)/g

function varied(events: readonly EventEnvelope[]): EventEnvelope[] {
  const digit = digits(20251212)
  return events.map((event, index) => {
    const game = Math.floor(index / GAME)
    const id = `20251212-${game.toString(16).padStart(16, '0')}`
    const drawn = event.raw_json.replaceAll(
      LONG_NUMBER,
      (_, kept: string, last: string) => kept + last.replaceAll(/\d/g, () => String(digit())),
    )
    const raw = event._game_id === null ? drawn : drawn.replaceAll(event._game_id, id)
    const args = JSON.parse(raw) as unknown[]
    return { ...event, _game_id: event._game_id === null ? null : id, raw_json: raw, payload: args.at(-1) ?? null }
  })
}

function bytesBelow(dir: string): number {
  return readdirSync(dir, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, entry) => sum + statSync(path.join(entry.parentPath, entry.name)).size, 0)
}

const root = mkdtempSync(path.join(process.env['VECTRA_BENCH_DIR'] ?? tmpdir(), 'vectra-bench-'))
const instance = await DuckDBInstance.create(':memory:', { threads: '2' })
const connection = await instance.connect()
try {
  const dir = path.join(root, 'store')
  const sessionId = benchSession(1)
  const store = await openEventStore({ dir })
  await store.openSession({ sessionId, source: 'replay' })
  const events = benchEvents(EVENTS, sessionId)
  let raw = 0
  const all = varied(events)
  for (let at = 0; at < EVENTS; at += BATCH) {
    const batch = all.slice(at, at + BATCH)
    raw += batch.reduce((sum, event) => sum + event.raw_json.length, 0)
    await store.append(batch)
  }
  await store.endSession(sessionId)
  await store.close()
  const before = listFiles(dir)
  const report = await compactStore({ dir, graceMs: 0 })
  const swept = await compactStore({ dir, graceMs: 0 })
  if (report.failures.length + swept.failures.length > 0) throw new Error(JSON.stringify(report.failures))
  const parts = listFiles(dir)
  const one = async (chosen: typeof parts, options: string): Promise<number> => {
    const target = path.join(root, 'one.parquet')
    const files = chosen.map((file) => `'${file.absolutePath}'`).join(', ')
    await connection.run(
      `COPY (SELECT * FROM read_parquet([${files}], hive_partitioning = false) ORDER BY game_id, session_id, seq) TO '${target}' (FORMAT parquet, COMPRESSION zstd${options})`,
    )
    return statSync(target).size
  }
  const row = async (name: string, chosen: typeof parts): Promise<{ cells: (string | number)[]; ratio: number }> => {
    const bytes = chosen.reduce((sum, file) => sum + file.bytes, 0)
    const own = await one(chosen, '')
    const small = await one(chosen, ', ROW_GROUP_SIZE 10240')
    const rows = chosen.reduce((sum, file) => sum + file.rows, 0)
    const mb = (value: number): string => (value / 1e6).toFixed(2)
    const cells = [
      name,
      chosen.length,
      rows.toLocaleString('en'),
      mb(bytes),
      mb(own),
      (bytes / own).toFixed(3),
      (bytes / small).toFixed(3),
    ]
    return { cells, ratio: bytes / own }
  }
  const canonical = parts.filter(({ docType }) => docType === 'ws_event' || docType === 'system_event')
  const projections = parts.filter((part) => !canonical.includes(part))
  const frames = await row('frames', canonical)
  const copies = await row('projections (narrow rows of the same events)', projections)
  const whole = await row('both', parts)
  const sum = (list: readonly { readonly bytes: number }[]): number => list.reduce((total, { bytes }) => total + bytes, 0)
  console.log(
    `## Bytes after compaction (${EVENTS.toLocaleString('en')} events, ${(raw / 1e6).toFixed(0)} MB of frames, ${FRAME_SOURCE})\n`,
  )
  table(
    ['rows of', 'files', 'rows', 'MB', "MB of DuckDB's one file", `ratio (target ${TARGET})`, 'ratio with our row groups'],
    [frames.cells, copies.cells, whole.cells],
  )
  console.log(
    `before: ${before.length} files, ${(sum(before) / 1e6).toFixed(2)} MB; catalog, receipts and the rest: ${((bytesBelow(dir) - sum(parts)) / 1e6).toFixed(2)} MB`,
  )
  if (!QUICK && frames.ratio > TARGET) process.exitCode = 1
} finally {
  connection.closeSync()
  instance.closeSync()
  rmSync(root, { recursive: true, force: true })
}
