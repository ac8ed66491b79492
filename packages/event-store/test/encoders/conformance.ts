import { stat } from 'node:fs/promises'
import { DuckDBInstance } from '@duckdb/node-api'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { COLUMNS, SCHEMA_VERSION } from '../../src/columns.ts'
import type { PartEncoder } from '../../src/part-encoder.ts'
import { PART_KEY } from '../../src/part-plan.ts'
import type { JournalRow } from '../../src/row-codec.ts'
import { START, sessionId } from '../sample-events.ts'
import { footer, readWithDuckDb, readWithHyparquet, readWithParquetjs, type TextRow } from './readers.ts'
import { encodeRows, expectedRow, row } from './segment-fixture.ts'

/** Values at the edges of every column type. */
export const HARD_ROWS: readonly JournalRow[] = [
  row(1),
  row(2, { price: '0.29', amount: '1.15', qty: '19.99', cash: '0.000000001', pnl: '-5', avg_cost: '-3.5' }),
  row(3, { price: '123456789012345678.12345678901234567891', amount: '999999999.999999999', pnl: '-999999999.999999999' }),
  row(4, { price: '0.00000000000000000001', amount: '0', qty: '-0.000000001', pnl: '3' }),
  row(5, { username: 'naïve 名前 🎲 \' " \\ \n \t  x', player_id: '', game_id: '__proto__', trace_id: 'null', action: '-0' }),
  row(6, {
    raw_json: `["newChatMessage",${JSON.stringify({ message: '\u0000\u0001 nul and "quotes" \\ud800 \u2028' })}]`,
    packet: '42/feed,',
  }),
  row(7, { raw_json: `["gameStateUpdate",{"price": 1.10, "big": 123456789012345678901234567890, "e": 1E-7}]\n`, packet: '' }),
  row(8, { raw_json: JSON.stringify(['x', 'y'.repeat(400_000)]) }),
  row(9, { tick: 0, cooldown_ms: 2147483647, trade_count: -2147483648, ack_id: 9007199254740991, request_seq: 1, latency_us: 0 }),
  row(10, {
    active: true,
    rugged: false,
    success: true,
    phase: 'active',
    issues: '[{"path":"a","code":"c","message":"m"}]',
    payload_index: 1,
    inexact: 'price',
  }),
  row(11, { active: false, success: false, origin: 'import:recorded_game' }),
  row(12, {
    proj: 'game_tick',
    tick: 5,
    price: '1.0211779393570963',
    phase: 'active',
    active: true,
    issues: '[]',
    payload_index: 1,
  }),
  row(13, { doc: 'game_tick', tick: 6, price: '1.5', packet: '', raw_json: '{"type":"tick"}' }),
  row(14, { doc: 'system_event', event_name: 'gap', direction: 'internal', packet: '', raw_json: '{"cause":"stale"}' }),
  row(15, {
    date: '2025-12-13',
    ts: START + 86_400_000_000,
    proj: 'player_action',
    event_name: 'buyOrder',
    direction: 'sent',
    amount: '0.002',
  }),
  row(16, { date: '1970-01-01', ts: 0, proj: 'server_state', event_name: 'playerUpdate', cash: '0.017619831' }),
]

/** As exact as the parquetjs reader gets: DECIMAL(18,9) through a double, TIMESTAMP in milliseconds. */
function rounded(rows: readonly TextRow[]): TextRow[] {
  const scales = Object.entries(COLUMNS).filter(([, type]) => type === 'DECIMAL(18,9)')
  return rows.map((entry) => {
    const copy = { ...entry, ts: String(Math.floor(Number(entry.ts) / 1000)) }
    for (const [column] of scales) {
      const value = copy[column as keyof TextRow]
      if (value !== null) copy[column as keyof TextRow] = Number(value).toFixed(9)
    }
    return copy
  })
}

/** What every encoder must do; each file is read back by three readers that share no code. */
export function encoderSuite(name: string, make: () => PartEncoder): void {
  describe(`PartEncoder ${name}`, () => {
    let encoder: PartEncoder
    let made: Awaited<ReturnType<typeof encodeRows>>
    beforeAll(async () => {
      encoder = make()
      made = await encodeRows(encoder, HARD_ROWS)
    })
    afterAll(async () => {
      await encoder.close()
      await made[Symbol.asyncDispose]()
    })

    it('writes one file per doc type and date, under names that follow from session and segment', () => {
      expect(made.parts.map((part) => part.plan.path)).toEqual([
        'events_parquet/doc_type=game_tick/date=2025-12-12/part-00000001-00000001.parquet',
        'events_parquet/doc_type=player_action/date=2025-12-13/part-00000001-00000001.parquet',
        'events_parquet/doc_type=server_state/date=1970-01-01/part-00000001-00000001.parquet',
        'events_parquet/doc_type=system_event/date=2025-12-12/part-00000001-00000001.parquet',
        'events_parquet/doc_type=ws_event/date=1970-01-01/part-00000001-00000001.parquet',
        'events_parquet/doc_type=ws_event/date=2025-12-12/part-00000001-00000001.parquet',
        'events_parquet/doc_type=ws_event/date=2025-12-13/part-00000001-00000001.parquet',
      ])
    })

    const expected = (index: number): TextRow[] =>
      (made.parts[index]?.plan.lines ?? []).map((line) =>
        expectedRow(HARD_ROWS.find((entry) => entry.seq === line.row.seq) ?? row(0), line.narrow),
      )

    it('P3: DuckDB reads every value exactly', async () => {
      for (const [index, part] of made.parts.entries()) expect(await readWithDuckDb(part.file)).toEqual(expected(index))
    })

    it('P3: hyparquet reads every value exactly', async () => {
      for (const [index, part] of made.parts.entries()) expect(await readWithHyparquet(part.file)).toEqual(expected(index))
    })

    it('parquetjs reads every value, as exactly as it can (doubles, milliseconds)', async () => {
      for (const [index, part] of made.parts.entries())
        expect(rounded(await readWithParquetjs(part.file))).toEqual(rounded(expected(index)))
    })

    it('gives the binding types in the binding order', async () => {
      const instance = await DuckDBInstance.create(':memory:')
      const connection = await instance.connect()
      for (const { file } of made.parts) {
        const reader = await connection.runAndReadAll(`DESCRIBE SELECT * FROM read_parquet('${file}', hive_partitioning = false)`)
        expect(Object.fromEntries(reader.getRows().map(([column, type]) => [column, type]))).toEqual(COLUMNS)
      }
      connection.closeSync()
      instance.closeSync()
    })

    it('says in its metadata what it is, and finds it again', async () => {
      for (const { plan, file } of made.parts) {
        const { rows, metadata } = await encoder.inspect(file)
        expect(rows).toBe(plan.lines.length)
        expect(metadata).toMatchObject({
          'vectra.schema_version': String(SCHEMA_VERSION),
          'vectra.doc_type': plan.docType,
          'vectra.session': sessionId(),
          'vectra.segment': '1',
          'vectra.writer': encoder.name,
        })
        expect(JSON.parse(metadata[PART_KEY] ?? '')).toMatchObject({
          rows,
          session: { sessionId: sessionId(), meta: { note: "it's" } },
        })
        expect((await footer(file)).key_value_metadata?.find((pair) => pair.key === PART_KEY)?.value).toBe(metadata[PART_KEY])
      }
    })

    it('scans canonical rows apart from projections', async () => {
      const scans = await Promise.all(made.parts.map((part) => encoder.scan(part.file)))
      expect(scans[0]).toEqual({ rows: 2, sessionIds: [sessionId()], canonical: [{ sessionId: sessionId(), from: 13, to: 13 }] })
      expect(scans[5]?.canonical).toEqual([{ sessionId: sessionId(), from: 1, to: 12 }])
    })

    it('writes many rows in row groups of about ten thousand, none twice, half of a column null', async () => {
      const rows = Array.from({ length: 25_003 }, (_, index) =>
        row(index + 1, index % 2 === 0 ? { tick: index, price: `${index}.5`, pnl: `-${index}.25` } : {}),
      )
      await using many = await encodeRows(encoder, rows)
      const file = many.parts[0]?.file ?? ''
      const instance = await DuckDBInstance.create(':memory:')
      const connection = await instance.connect()
      const reader = await connection.runAndReadAll(
        `SELECT count(*), count(DISTINCT seq), count(tick), count(price), min(pnl)::VARCHAR, sum(price)::VARCHAR, count(*) FILTER (pnl < -20000) FROM read_parquet('${file}')`,
      )
      const sum = rows.reduce((total, entry) => total + Number(entry.price ?? 0), 0)
      expect(reader.getRows()[0]?.map(String)).toEqual([
        '25003',
        '25003',
        '12502',
        '12502',
        '-25002.250000000',
        `${sum}.00000000000000000000`,
        '2502',
      ])
      connection.closeSync()
      instance.closeSync()
      expect(await readWithHyparquet(file)).toHaveLength(25_003)
      expect((await footer(file)).row_groups.length).toBeGreaterThanOrEqual(3)
      expect((await stat(file)).size).toBeLessThan(2_000_000)
    })

    it('replaces what an earlier attempt left under the temporary name', async () => {
      await using once = await encodeRows(encoder, HARD_ROWS.slice(0, 2))
      expect(await readWithDuckDb(once.parts[0]?.file ?? '')).toHaveLength(2)
    })

    it('rejects a file that is no Parquet file', async () => {
      await expect(encoder.inspect(import.meta.filename)).rejects.toThrow()
    })
  })
}
