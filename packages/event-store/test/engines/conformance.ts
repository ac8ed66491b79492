import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { RemoteSql } from '../../src/engines/remote-sql.ts'
import { ANALYSIS_VIEWS } from '../../src/query/analysis/catalogue.ts'
import { openQuery, type QueryEngine } from '../../src/query/engine.ts'
import { VIEWS } from '../../src/query/views.ts'
import { collect, type Fixture, fixture, GAME, SESSION, stateFrame, T0 } from '../query/fixture.ts'

/** What an engine may be: the local one, or one behind a remote. */
export interface EngineUnderTest {
  readonly name: string
  readonly remote?: () => RemoteSql
}

const SAME: readonly (readonly [string, string, (unknown[] | Record<string, string | number | bigint | boolean | null>)?])[] = [
  ['every column', 'SELECT * FROM events ORDER BY seq, doc_type'],
  ['exact money', `SELECT price, amount, -price AS less, price::VARCHAR FROM ws_event ORDER BY seq`],
  [
    'every type',
    `SELECT 9007199254740993::BIGINT AS big, 12345678901234567890123456789::HUGEINT AS huge, 0.1::DOUBLE AS double, 'nan'::DOUBLE AS nan,
      TIMESTAMP '2025-12-12 10:00:00.000001' AS ts, TIMESTAMPTZ '2025-12-12 10:00:00.000001+02' AS tz, DATE '2025-12-12' AS day, TIME '10:00:00.5' AS noon,
      INTERVAL 90 MINUTE AS span, '\\xAA\\x00'::BLOB AS blob, ['a"b', NULL, 'c, d', ''] AS list, {'a': 1.10::DECIMAL(4,2), 'b': ['x']} AS struct,
      MAP {'k': 1, 'l': NULL} AS map, '{"a": 1.10}'::JSON AS json, NULL AS none, '' AS empty, 'é "☃" \\' AS text, true AS yes`,
  ],
  ['columns of one name', 'SELECT 1 AS a, 2 AS a, 3 AS "A b"'],
  ['no rows', 'SELECT tick, price FROM ticks WHERE tick > 99'],
  ['text of the caller with quotes, comments and semicolons', `-- first; 'x\nSELECT ';' AS a, $$;$$ AS b /* ; */; -- done`],
  [
    'its own names',
    'WITH game_tick AS (SELECT 7 AS n), own AS (SELECT count(*) AS n FROM ws_event) SELECT own.n, game_tick.n FROM own, game_tick',
  ],
  ['parameters', 'SELECT $1::VARCHAR AS a, $2 AS b, tick FROM ticks WHERE tick >= $2 ORDER BY tick', [`it's $1`, 1]],
  ['named parameters', `SELECT $price::DECIMAL(38,20) * 3 AS c, $flag AS flag, '$price' AS text`, { price: '0.1', flag: true }],
  [
    'joins of views',
    'SELECT count(*) FROM games JOIN ticks USING (game_id) JOIN sessions ON sessions.session_id = games.session_id',
  ],
  ['candles', `SELECT * FROM candles('${GAME}', 2) ORDER BY candle`],
  ['questions about the catalog', 'SHOW TABLES'],
  ['DESCRIBE', 'DESCRIBE games'],
  ...[...VIEWS, ...ANALYSIS_VIEWS].map((view) => [`the view ${view}`, `SELECT * FROM ${view} ORDER BY ALL`] as const),
]

const REFUSED: readonly (readonly [string, string])[] = [
  [`SELECT nope FROM events`, 'QUERY_SQL'],
  [`SELECT * FROM nothing_such`, 'QUERY_SQL'],
  [`SELEKT 1`, 'QUERY_SQL'],
  [`SELECT event_name::INTEGER FROM events`, 'QUERY_SQL'],
  [`SELECT error('stop') FROM events`, 'QUERY_SQL'],
  [`SELECT * FROM read_csv('/etc/passwd')`, 'QUERY_FORBIDDEN'],
  [`SELECT * FROM '/etc/passwd'`, 'QUERY_FORBIDDEN'],
  [`SELECT getenv('HOME')`, 'QUERY_FORBIDDEN'],
  [`COPY (SELECT 1) TO '/tmp/vectra-remote.csv'`, 'QUERY_FORBIDDEN'],
  [`ATTACH 'x.db'`, 'QUERY_FORBIDDEN'],
  [`SELECT 1; SELECT 2`, 'QUERY_FORBIDDEN'],
]

/** The one suite of everything that may answer: the same statements, the same values, types and errors. */
export function engineConformance({ name, remote }: EngineUnderTest): void {
  describe(`${name} as an engine`, () => {
    let data: Fixture
    let local: QueryEngine
    let engine: QueryEngine
    let elsewhere: RemoteSql | undefined

    beforeAll(async () => {
      data = await fixture()
      await data.write(
        [0, 1, 2, 3].flatMap((tick) =>
          stateFrame({ ts: T0 + tick, seq: tick + 1, tick, price: `1.${tick}2345678901234567891`, trade_count: 1 }),
        ),
      )
      const trade = {
        doc_type: 'ws_event',
        packet: '42',
        payload_index: 1,
        game_id: GAME,
        event_name: 'standard/newTrade',
      } as const
      await data.write([
        {
          ...trade,
          ts: T0 + 9,
          seq: 9,
          amount: '0.000000001',
          qty: '1',
          action: 'buy',
          raw_json: '["standard/newTrade",{"id":"t","leverage":2,"bonusPortion":0.000000001}]',
        },
      ])
      elsewhere = remote?.()
      local = await openQuery({ dir: data.dir, source: data.source })
      engine = await openQuery({
        dir: data.dir,
        source: data.source,
        ...(elsewhere === undefined ? {} : { engine: 'motherduck', remote: elsewhere }),
      })
    }, 60_000)

    afterAll(async () => {
      await engine.close()
      await local.close()
      await elsewhere?.close()
      await data[Symbol.asyncDispose]()
    })

    it('says who it is', async () => {
      const status = await engine.probe()
      expect(status).toEqual(
        elsewhere === undefined
          ? { engine: 'local', reason: 'the local engine was asked for', remote: null, version: null }
          : {
              engine: 'motherduck',
              reason: `${elsewhere.name} answers`,
              remote: elsewhere.name,
              version: expect.stringMatching(/DuckDB/),
            },
      )
      expect((await engine.sql('SELECT 1')).answeredBy).toBe(elsewhere === undefined ? 'local' : 'motherduck')
    })

    it.each(SAME.map(([what, sql, params]) => ({ what, sql, params })))('$what', async ({ sql, params }) => {
      const call = params === undefined ? {} : { params: params as never }
      const [here, there] = [await local.sql(sql, call), await engine.sql(sql, call)]
      expect(there.columns).toEqual(here.columns)
      expect(there.rows).toEqual(here.rows)
      expect([there.truncated, there.truncatedBy]).toEqual([false, null])
    })

    it('says when it cut an answer off, and keeps its order', async () => {
      const sql = 'SELECT i FROM range(1000) t(i) ORDER BY i DESC'
      expect(await engine.sql(sql, { maxRows: 3 })).toMatchObject({
        rows: [[999n], [998n], [997n]],
        truncated: true,
        truncatedBy: 'rows',
      })
      expect(await engine.sql(sql, { maxRows: 1000 })).toMatchObject({ truncated: false, truncatedBy: null })
      expect(await engine.sql(`SELECT repeat('x', 1000) FROM range(50)`, { maxChars: 10_000 })).toMatchObject({
        truncatedBy: 'chars',
      })
    })

    it.each(REFUSED)('refuses %s', async (sql, code) => {
      const [here, there] = await Promise.all([local, engine].map((one) => one.sql(sql).catch((error: unknown) => error)))
      expect(there).toMatchObject({ code })
      expect((there as Error).message).toBe((here as Error).message)
    })

    it('streams all rows as objects', async () => {
      const rows = await collect(engine.stream('SELECT seq, price FROM ws_event ORDER BY seq'))
      expect(rows).toEqual(await collect(local.stream('SELECT seq, price FROM ws_event ORDER BY seq')))
      expect(rows).toHaveLength(5)
    })

    it('stops on the signal, and answers on', async () => {
      const controller = new AbortController()
      const sql = 'SELECT count(*) FROM range(100000000) a, range(100000000) b WHERE a.range * b.range = 7'
      const running = engine.sql(sql, { signal: controller.signal })
      setTimeout(() => controller.abort(new Error('enough')), 200)
      await expect(running).rejects.toThrow('enough')
      await expect(engine.sql(sql, { timeoutMs: 300 })).rejects.toMatchObject({ code: 'QUERY_TIMEOUT' })
    })

    it('typed reads work', async () => {
      expect((await collect(engine.ticks({ gameId: GAME }))).map(({ tick }) => tick)).toEqual([0, 1, 2, 3])
      expect((await collect(engine.sessions())).map(({ sessionId }) => sessionId)).toEqual([SESSION])
    })
  })
}
