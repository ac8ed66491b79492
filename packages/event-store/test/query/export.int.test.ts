import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { DuckDBInstance } from '@duckdb/node-api'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { openQuery, type QueryEngine } from '../../src/query/engine.ts'
import { formatResult } from '../../src/query/format.ts'
import { type Fixture, fixture, stateFrame, T0 } from './fixture.ts'

let data: Fixture
let query: QueryEngine
let out: string

beforeEach(async () => {
  data = await fixture()
  await data.write(
    [0, 1, 2].flatMap((tick) =>
      stateFrame({ ts: T0 + tick, seq: tick + 1, tick, price: `1.${tick}2345678901234567891` }, { n: 1 }),
    ),
  )
  query = await openQuery({ dir: data.dir, source: data.source, maxRows: 1 })
  out = mkdtempSync(path.join(os.tmpdir(), "vectra-export o'q-"))
})

afterEach(async () => {
  await query.close()
  await data[Symbol.asyncDispose]()
  rmSync(out, { recursive: true, force: true })
})

async function read(file: string): Promise<unknown[][]> {
  const connection = await (await DuckDBInstance.create(':memory:')).connect()
  const reader = await connection.runAndReadAll(`SELECT COLUMNS(*)::VARCHAR FROM read_parquet($1)`, [file])
  connection.closeSync()
  return reader.getRows()
}

it('writes every row with its types, whatever the row cap', async () => {
  const file = path.join(out, 'ticks.parquet')
  const result = await query.toParquet('SELECT tick, price, ts FROM game_tick WHERE tick >= $1 ORDER BY tick; -- all', file, {
    params: [1],
  })
  expect(result).toMatchObject({ path: file, rows: 2, bytes: readFileSync(file).length })
  expect(await read(file)).toEqual([
    ['1', '1.12345678901234567891', '2025-12-12 10:00:00.000001'],
    ['2', '1.22345678901234567891', '2025-12-12 10:00:00.000002'],
  ])
  expect(readdirSync(out)).toEqual(['ticks.parquet'])
})

it('writes no rows as a file with columns', async () => {
  const file = path.join(out, 'none.parquet')
  expect(await query.toParquet('SELECT * FROM debug_note', file)).toMatchObject({ rows: 0 })
  expect(await read(file)).toEqual([])
})

it('replaces a file only when told to', async () => {
  const file = path.join(out, 'a.parquet')
  writeFileSync(file, 'mine')
  await expect(query.toParquet('SELECT 1 AS a', file)).rejects.toMatchObject({ code: 'QUERY_EXPORT', context: { path: file } })
  expect(readFileSync(file, 'utf8')).toBe('mine')
  await query.toParquet('SELECT 1 AS a', file, { overwrite: true })
  expect(await read(file)).toEqual([['1']])
})

it('writes nowhere but where it was told, and never into the data directory', async () => {
  const inside = path.join(data.dir, 'events_parquet', 'x.parquet')
  for (const file of [inside, data.dir, path.join(data.dir, 'x.parquet'), out, path.join(out, 'no-such', 'x.parquet')]) {
    await expect(query.toParquet('SELECT 1 AS a', file)).rejects.toMatchObject({ code: 'QUERY_EXPORT' })
  }
  expect(existsSync(inside)).toBe(false)
})

it.each([
  [`SELECT * FROM read_csv('/etc/passwd')`, 'QUERY_FORBIDDEN'],
  [`SELECT * FROM '/etc/passwd'`, 'QUERY_FORBIDDEN'],
  [`SELECT * FROM "/etc/hostname.csv"`, 'QUERY_FORBIDDEN'],
  [`SELECT 1) TO '/tmp/vectra-escape.parquet'; COPY (SELECT 1`, 'QUERY_FORBIDDEN'],
  [`COPY (SELECT 1) TO '/tmp/vectra-escape.parquet'`, 'QUERY_FORBIDDEN'],
  ['EXPLAIN SELECT 1', 'QUERY_FORBIDDEN'],
  ['SELECT nope FROM events', 'QUERY_SQL'],
  ['SELECT event_name::INTEGER FROM events', 'QUERY_SQL'],
])('what the sandbox refuses, an export refuses too: %s', async (sql, code) => {
  await expect(query.toParquet(sql, path.join(out, 'a.parquet'))).rejects.toMatchObject({ code })
  expect(readdirSync(out)).toEqual([])
  expect(existsSync('/tmp/vectra-escape.parquet')).toBe(false)
})

it('leaves nothing behind when it is stopped', async () => {
  const controller = new AbortController()
  const sql = 'SELECT a.range + b.range AS n FROM range(100000000) a, range(100000000) b'
  const running = query.toParquet(sql, path.join(out, 'a.parquet'), { signal: controller.signal, timeoutMs: 60_000 })
  setTimeout(() => controller.abort(new Error('enough')), 300)
  await expect(running).rejects.toThrow('enough')
  expect(readdirSync(out)).toEqual([])
  await expect(query.toParquet(sql, path.join(out, 'a.parquet'), { timeoutMs: 300 })).rejects.toMatchObject({
    code: 'QUERY_TIMEOUT',
  })
  expect(readdirSync(out)).toEqual([])
})

it('says so when the target cannot be written', async () => {
  const locked = path.join(out, 'locked')
  mkdirSync(path.join(locked, 'a.parquet'), { recursive: true })
  await expect(query.toParquet('SELECT 1 AS a', path.join(locked, 'a.parquet'), { overwrite: true })).rejects.toMatchObject({
    code: 'QUERY_EXPORT',
  })
})

const EVERY_TYPE = `SELECT tick, price, ts, i, sum(seq) OVER () AS huge, 18446744073709551616::UHUGEINT AS more, INTERVAL 90 MINUTE AS span,
  tick AS tick, ['a', NULL] AS list, {'money': price} AS struct, MAP {'k': 1.10::DECIMAL(4,2)} AS map, 'x,"y"' AS text, '' AS empty, NULL AS none,
  payload, DATE '2025-12-12' AS day, TIME '12:00:00.5' AS noon, uuid() IS NULL AS known, '\\xAA'::BLOB AS blob, 0.1::DOUBLE AS double, 'nan'::DOUBLE AS nan
  FROM events, range(500) t(i) ORDER BY i, seq, doc_type`

it.each(['csv', 'ndjson'] as const)('%s is what the formatter makes of the whole answer, digit for digit', async (format) => {
  const file = path.join(out, `all.${format}`)
  const whole = await query.sql(EVERY_TYPE, { maxRows: 1_000_000 })
  expect(whole.rows.length).toBe(3_000)
  const result = await query.toFile(EVERY_TYPE, file, { format })
  const text = readFileSync(file, 'utf8')
  expect(result).toMatchObject({ rows: 3_000, bytes: Buffer.byteLength(text) })
  expect(text).toBe(formatResult(whole, format))
  expect(readdirSync(out)).toEqual([`all.${format}`])
})

it('Parquet keeps sums: a HUGEINT is no DOUBLE', async () => {
  const file = path.join(out, 'sum.parquet')
  await query.toParquet(
    'SELECT sum(i)::HUGEINT AS total, 1 AS a, 2 AS a FROM (VALUES (9007199254740993), (9007199254740992)) t(i)',
    file,
  )
  expect(await read(file)).toEqual([['18014398509481985', '1', '2']])
})

it.each(['csv', 'ndjson'] as const)('%s without rows has its header, or nothing', async (format) => {
  const file = path.join(out, 'none')
  expect(await query.toFile('SELECT tick, price FROM ticks WHERE tick > 99', file, { format })).toMatchObject({ rows: 0 })
  expect(readFileSync(file, 'utf8')).toBe(format === 'csv' ? 'tick,price\r\n' : '')
})

it.each(['csv', 'ndjson'] as const)('%s leaves nothing behind when it is stopped', async (format) => {
  const controller = new AbortController()
  const sql = `SELECT i, repeat('x', 1000) AS text FROM range(400000) t(i)`
  const running = query.toFile(sql, path.join(out, 'a'), { format, signal: controller.signal, timeoutMs: 60_000 })
  const watch = setInterval(() => {
    // Once text is being written.
    if (readdirSync(out).some((name) => name.endsWith('.tmp'))) controller.abort(new Error('enough'))
  }, 5)
  await expect(running).rejects.toThrow('enough')
  clearInterval(watch)
  expect(readdirSync(out)).toEqual([])
})

it('toPieces: the bytes of the same file, which is gone afterwards, also for who stops early', async () => {
  const tempDir = path.join(out, 'temp')
  await using engine = await openQuery({ dir: data.dir, source: data.source, tempDir })
  const text = 'SELECT tick, price FROM game_tick ORDER BY tick'
  const file = path.join(out, 'ticks.csv')
  await engine.toFile(text, file, { format: 'csv' })
  const { pieces, rows } = await engine.toPieces(text, { format: 'csv' })
  const content: Uint8Array[] = []
  for await (const piece of pieces) content.push(piece)
  expect(rows).toBe(3)
  expect(Buffer.concat(content)).toEqual(readFileSync(file))
  expect(readdirSync(tempDir)).toEqual([])
  const again = await engine.toPieces(text, { format: 'ndjson' })
  for await (const _piece of again.pieces) break
  expect(readdirSync(tempDir)).toEqual([])
  await expect(engine.toPieces('COPY x TO y', { format: 'csv' })).rejects.toMatchObject({ code: 'QUERY_FORBIDDEN' })
})
