import { rmSync } from 'node:fs'
import path from 'node:path'
import { DuckDBInstance } from '@duckdb/node-api'
import { DOC_TYPES } from '@vectra/schemas'
import { Decimal } from 'decimal.js'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { openQuery } from '../../src/query/engine.ts'
import { VIEW_COLUMNS, VIEWS } from '../../src/query/views.ts'
import { collect, type Fixture, fixture, GAME, SESSION, stateFrame, T0 } from './fixture.ts'

const DAY = 86_400_000_000

async function ticks(data: Fixture, days: number, perDay: number): Promise<void> {
  for (let day = 0; day < days; day++) {
    const rows = Array.from({ length: perDay }, (_, i) =>
      stateFrame({ ts: T0 + day * DAY + i * 250_000, seq: day * perDay + i + 1, tick: i, price: '1.5' }),
    )
    await data.write(rows.flat())
  }
}

describe('the same columns whatever there is', () => {
  const expected = Object.entries(VIEW_COLUMNS).map(([name, type]) => ({ name, type }))

  it.each(VIEWS.map((view) => [view]))('%s without any file', async (view) => {
    await using data = await fixture()
    await using query = await openQuery({ dir: data.dir, source: data.source })
    expect(await query.sql(`SELECT * FROM ${view}`)).toMatchObject({
      columns: expected,
      rows: [],
      truncated: false,
      truncatedBy: null,
    })
  })

  it('with one file, and with many', async () => {
    await using data = await fixture()
    await using query = await openQuery({ dir: data.dir, source: data.source })
    await data.write(stateFrame({ ts: T0, seq: 1, tick: 0, price: '1' }))
    for (const view of VIEWS) expect((await query.sql(`SELECT * FROM ${view}`)).columns).toEqual(expected)
    await ticks(data, 3, 2)
    for (const view of VIEWS) expect((await query.sql(`SELECT * FROM ${view}`)).columns).toEqual(expected)
    const counts = await query.sql('SELECT doc_type, date, count(*) FROM events GROUP BY ALL ORDER BY ALL')
    expect(counts.rows).toEqual(
      ['game_tick', 'ws_event'].flatMap((docType) => [
        [docType, '2025-12-12', 3n],
        [docType, '2025-12-13', 2n],
        [docType, '2025-12-14', 2n],
      ]),
    )
    for (const docType of DOC_TYPES) {
      const { rows } = await query.sql(`SELECT count(*) FROM ${docType}`)
      expect(rows).toEqual([[docType === 'game_tick' || docType === 'ws_event' ? 7n : 0n]])
    }
  })

  it('without a data directory at all, from the catalog', async () => {
    await using data = await fixture()
    rmSync(data.dir, { recursive: true })
    await using query = await openQuery({ dir: data.dir })
    expect((await query.sql('SELECT count(*) FROM events')).rows).toEqual([[0n]])
    expect(await collect(query.games())).toEqual([])
    expect(await collect(query.sessions())).toEqual([])
    expect(await collect(query.events())).toEqual([])
    expect(await collect(query.trades())).toEqual([])
    expect(await collect(query.ticks({ gameId: GAME }))).toEqual([])
    expect(await query.cursor()).toEqual({})
  })
})

describe('P5: a query sees the list of its moment', () => {
  it('rows show as soon as the list has their file, and go with it', async () => {
    await using data = await fixture()
    await using query = await openQuery({ dir: data.dir, source: data.source })
    const count = async () => (await query.sql('SELECT count(*) FROM ws_event')).rows[0]?.[0]
    expect(await count()).toBe(0n)
    await ticks(data, 1, 5)
    expect(await count()).toBe(5n)
    data.source.files = []
    data.source.bump()
    expect(await count()).toBe(0n)
  })

  it('a file on disk that is not in the list is not read', async () => {
    await using data = await fixture()
    await ticks(data, 2, 3)
    data.source.files = data.source.files.slice(0, 2)
    data.source.bump()
    await using query = await openQuery({ dir: data.dir, source: data.source })
    expect((await query.sql('SELECT count(*) FROM events')).rows).toEqual([[6n]])
  })

  it('concurrent queries while the list changes each see one whole list', async () => {
    await using data = await fixture()
    await using query = await openQuery({ dir: data.dir, source: data.source, concurrency: 2 })
    const sums: Promise<unknown>[] = []
    for (let day = 0; day < 8; day++) {
      sums.push(
        ...Array.from(
          { length: 4 },
          async () => (await query.sql('SELECT (SELECT count(*) FROM ws_event) - (SELECT count(*) FROM game_tick)')).rows[0]?.[0],
        ),
      )
      await data.write([0, 1].flatMap((i) => stateFrame({ ts: T0 + day * DAY + i, seq: day * 2 + i + 1, tick: i, price: '1' })))
    }
    expect(new Set(await Promise.all(sums))).toEqual(new Set([0n]))
    expect(data.source.open).toBe(0)
  })
})

describe('payload', () => {
  const raw = (packet: string, index: number | null, text: string | null, seq: number) => ({
    ts: T0 + seq,
    seq,
    packet: text === null ? null : packet,
    payload_index: index,
    raw_json: text,
  })

  it.each([
    ['an untraced event', '42', 1, '["gameStateUpdate",{"price":1.10,"a":[1e-7]}]', '{"price":1.10,"a":[1e-7]}'],
    [
      'a traced event',
      '42',
      2,
      '["standard/newTrade",{"__trace":true,"traceparent":"00-a-b-01"},{"amount":0.012000000000000002}]',
      '{"amount":0.012000000000000002}',
    ],
    ['65 digits', '42', 1, `["x",${'1234567890'.repeat(6)}.12345]`, `${'1234567890'.repeat(6)}.12345`],
    ['blanks as a re-serialiser sets them', '42', 2, '["x", {"__trace": true}, {"a": 1.0}]', '{"a": 1.0}'],
    ['an ack', '4329', 0, '[{"success":true,"n":1.10}]', '{"success":true,"n":1.10}'],
    ['an empty ack', '4358', null, '[]', null],
    ['no payload', '42', null, '["ping"]', null],
    ['never a frame', '', null, '{"tick":1,"price":1.10}', '{"tick":1,"price":1.10}'],
    [
      'brackets and quotes in strings',
      '42',
      2,
      String.raw`["a\"],",{"t":"},\"]"},{"m":"]}\"😀","n":1.10}]`,
      String.raw`{"m":"]}\"😀","n":1.10}`,
    ],
    ['a null payload', '42', 1, '["x",null]', 'null'],
    ['a string payload', '42', 1, '["x","a,b"]', '"a,b"'],
    ['an argument behind it', '42', 1, '["x",{"n":[1,2]},"offset-1"]', '{"n":[1,2]}'],
    ['a nested object before it', '42', 2, '["x",{"t":{"u":1}},{"n":1}]', '{"n":1}'],
    ['more arguments before it', '42', 4, '["x",1,2,3,{"n":1}]', '{"n":1}'],
    ['text that is no JSON', '42', 1, '["x",{', null],
    ['a projection', '', null, null, null],
  ])('%s', async (_name, packet, index, text, expected) => {
    await using data = await fixture()
    await data.write([raw(packet, index, text, 1)])
    await using query = await openQuery({ dir: data.dir, source: data.source })
    const result = await query.sql('SELECT payload FROM events')
    expect(result.columns).toEqual([{ name: 'payload', type: 'JSON' }])
    expect(result.rows).toEqual([[expected]])
  })

  it('is the text of the last argument, byte for byte, for any JSON', async () => {
    await using data = await fixture()
    const payloads = fc
      .sample(fc.json(), { numRuns: 150, seed: 7 })
      .filter((text) => text.isWellFormed() && !text.includes('\\u0000') && !text.includes('\u0000'))
    await data.write(
      payloads.map((text, i) =>
        i % 2 === 0
          ? raw('42', 1, `["event,[\\"${i}",${text}]`, i + 1)
          : raw('42', 2, `["e",{"__trace":true,"traceparent":"00-${i}-01"},${text}]`, i + 1),
      ),
    )
    await using query = await openQuery({ dir: data.dir, source: data.source })
    const { rows } = await query.sql('SELECT payload FROM events ORDER BY seq')
    expect(rows.map((row) => row[0])).toEqual(payloads)
  })

  it('is computed only when selected: raw_json is not read otherwise', async () => {
    await using data = await fixture()
    await data.write(stateFrame({ ts: T0, seq: 1, tick: 0, price: '1' }))
    await using query = await openQuery({ dir: data.dir, source: data.source })
    const plan = async (sql: string) => String((await query.sql(`EXPLAIN ${sql}`)).rows[0]?.[1])
    expect(await plan('SELECT event_name, count(*) FROM ws_event GROUP BY ALL')).not.toContain('raw_json')
    expect(await plan('SELECT payload FROM ws_event')).toContain('raw_json')
  })

  it('answers JSON paths', async () => {
    await using data = await fixture()
    await data.write(stateFrame({ ts: T0, seq: 1, tick: 0, price: '1' }, { leaderboard: [{ username: 'ünï' }] }))
    await using query = await openQuery({ dir: data.dir, source: data.source })
    expect((await query.sql(`SELECT payload->>'$.leaderboard[0].username' FROM ws_event`)).rows).toEqual([['ünï']])
  })
})

describe('typed values', () => {
  it('are exact', async () => {
    await using data = await fixture()
    await data.write([
      {
        ts: T0 + 123_456,
        seq: 2 ** 53 - 1,
        price: '999999999999999999.12345678901234567891',
        amount: '-0.000000001',
        tick: 7,
        active: true,
      },
    ])
    await using query = await openQuery({ dir: data.dir, source: data.source })
    const { rows, columns } = await query.sql('SELECT ts, seq, price, amount, tick, active, date, session_id FROM events')
    expect(columns.map((column) => column.type)).toEqual([
      'TIMESTAMP',
      'BIGINT',
      'DECIMAL(38,20)',
      'DECIMAL(18,9)',
      'INTEGER',
      'BOOLEAN',
      'DATE',
      'VARCHAR',
    ])
    const price = new Decimal('999999999999999999.12345678901234567891')
    expect(rows).toEqual([
      [T0 + 123_456, 9_007_199_254_740_991n, price, new Decimal('-0.000000001'), 7, true, '2025-12-12', SESSION],
    ])
    expect((rows[0]?.[2] as Decimal | undefined)?.toFixed()).toBe('999999999999999999.12345678901234567891')
  })

  it('cover the other types of SQL', async () => {
    await using data = await fixture()
    await using query = await openQuery({ dir: data.dir, source: data.source })
    const { rows } = await query.sql(
      `SELECT 1::TINYINT, 1.5::DOUBLE, 170141183460469231731687303715884105727::HUGEINT, [1.10::DECIMAL(4,2), NULL], {'a': 1::BIGINT, 'b': 'x'},
        MAP {'k': 1}, 'a\\x00'::BLOB, INTERVAL 1 DAY, '019b1b2c-0000-7000-8000-0000000000a1'::UUID, 'NaN'::DOUBLE, TIME '10:00:00.000001',
        [TIMESTAMP '2025-12-12 10:00:00'], 'infinity'::TIMESTAMP, TIMESTAMP '9999-12-31 00:00:00', NULL`,
    )
    const far = 253_402_214_400_000_000n
    expect(rows[0]).toEqual([
      1,
      1.5,
      2n ** 127n - 1n,
      [new Decimal('1.10'), null],
      { a: 1n, b: 'x' },
      [['k', 1]],
      new Uint8Array([97, 0]),
      '1 day',
      '019b1b2c-0000-7000-8000-0000000000a1',
      Number.NaN,
      '10:00:00.000001',
      ['2025-12-12T10:00:00.000000Z'],
      Number.POSITIVE_INFINITY,
      far,
      null,
    ])
  })

  it('take parameters by position and by name', async () => {
    await using data = await fixture()
    await using query = await openQuery({ dir: data.dir, source: data.source })
    expect((await query.sql('SELECT $1 AS a, $2::BIGINT AS b, $3 AS c', { params: ['x', 2n ** 60n, null] })).rows).toEqual([
      ['x', 2n ** 60n, null],
    ])
    expect((await query.sql('SELECT $game AS a, $n::DECIMAL(38,20) AS b', { params: { game: GAME, n: '0.1' } })).rows).toEqual([
      [GAME, new Decimal('0.1')],
    ])
    await expect(query.sql('SELECT $1 AS a')).rejects.toMatchObject({ code: 'QUERY_SQL' })
  })

  it('name columns that share a name apart', async () => {
    await using data = await fixture()
    await using query = await openQuery({ dir: data.dir, source: data.source })
    const { columns } = await query.sql('SELECT 1 AS a, 2 AS a')
    expect(new Set(columns.map((column) => column.name)).size).toBe(2)
  })
})

describe('the SQL of the design runs verbatim in any DuckDB', () => {
  it.each([
    [
      'every event of a game',
      (dir: string) =>
        `SELECT * FROM '${dir}/events_parquet/doc_type=ws_event/**/*.parquet' WHERE game_id = '${GAME}' ORDER BY ts, seq`,
      6,
    ],
    ['one day', (dir: string) => `SELECT * FROM '${dir}/events_parquet/doc_type=ws_event/date=2025-12-13/*.parquet'`, 2],
    [
      'the count by type',
      (dir: string) => `SELECT doc_type, count(*) FROM '${dir}/events_parquet/**/*.parquet' GROUP BY doc_type`,
      2,
    ],
  ])('%s', async (_name, sql, rows) => {
    await using data = await fixture()
    await ticks(data, 3, 2)
    const connection = await (await DuckDBInstance.create(':memory:')).connect()
    const reader = await connection.runAndReadAll(sql(data.dir))
    expect(reader.currentRowCount).toBe(rows)
    connection.closeSync()
  })
})

it('works in a directory whose name is full of SQL and glob characters', async () => {
  await using data = await fixture("vectra o'q [x] {a} *? x=1 ")
  await ticks(data, 2, 2)
  expect(path.basename(data.dir)).toContain("o'q [x]")
  await using query = await openQuery({ dir: data.dir, source: data.source })
  expect((await query.sql('SELECT doc_type, count(*) FROM events GROUP BY ALL ORDER BY ALL')).rows).toEqual([
    ['game_tick', 4n],
    ['ws_event', 4n],
  ])
  expect(await collect(query.ticks({ gameId: GAME }))).toHaveLength(2)
})

it('views work inside correlated subqueries and lateral joins', async () => {
  await using data = await fixture()
  await ticks(data, 2, 2)
  await using query = await openQuery({ dir: data.dir, source: data.source })
  const correlated = await query.sql(
    'SELECT seq, (SELECT count(*) FROM game_tick t WHERE t.seq <= e.seq AND t.date = e.date) AS n FROM ws_event e ORDER BY seq',
  )
  expect(correlated.rows).toEqual([
    [1n, 1n],
    [2n, 2n],
    [3n, 1n],
    [4n, 2n],
  ])
  const lateral = await query.sql('SELECT count(*) FROM ws_event e, LATERAL (SELECT * FROM game_tick t WHERE t.seq = e.seq) x')
  expect(lateral.rows).toEqual([[4n]])
})
