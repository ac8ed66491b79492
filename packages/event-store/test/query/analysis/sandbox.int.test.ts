import { existsSync, readdirSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ANALYSIS_VIEWS } from '../../../src/query/analysis/catalogue.ts'
import { openQuery, type QueryEngine } from '../../../src/query/engine.ts'
import { type Fixture, fixture, GAME, stateFrame, T0 } from '../fixture.ts'

let data: Fixture
let query: QueryEngine

beforeAll(async () => {
  data = await fixture()
  await data.write([0, 1, 2].flatMap((tick) => stateFrame({ ts: T0 + tick, seq: tick + 1, tick, price: `1.${tick}` })))
  query = await openQuery({ dir: data.dir, source: data.source, memoryLimit: '256MB', timeoutMs: 5_000 })
})

afterAll(async () => {
  await query.close()
  await data[Symbol.asyncDispose]()
})

/** Places in a statement about a view where something else could be smuggled in. */
const ATTACKS: readonly (readonly [string, (view: string) => string])[] = [
  ['a join with a file', (view) => `SELECT * FROM ${view}, read_text('/etc/passwd')`],
  [
    'a union with a file',
    (view) => `SELECT count(*)::VARCHAR FROM ${view} UNION ALL SELECT content FROM read_text('/etc/passwd')`,
  ],
  ['a filter that reads', (view) => `SELECT * FROM ${view} WHERE EXISTS (FROM read_csv('/etc/passwd'))`],
  ['a lateral join that reads', (view) => `SELECT * FROM ${view} v, LATERAL (SELECT * FROM glob('/*')) g`],
  ['the environment', (view) => `SELECT getenv('HOME') FROM ${view}`],
  ['a setting', (view) => `SELECT current_setting('temp_directory') FROM ${view}`],
  ['the parts themselves', (view) => `SELECT * FROM ${view}, read_parquet('${'$'}{dir}/**/*.parquet')`],
  ['the definition, copied out', (view) => `COPY (SELECT * FROM ${view}) TO '/tmp/vectra-view-escape.csv'`],
  ['another view under its name', (view) => `CREATE OR REPLACE VIEW ${view} AS SELECT 1`],
  ['dropping it', (view) => `DROP VIEW ${view}`],
  ['two statements', (view) => `SELECT 1 FROM ${view}; SELECT content FROM read_text('/etc/passwd')`],
  ['a table by a computed name', (view) => `SELECT * FROM query_table('${view}')`],
  ['a statement as text', (view) => `SELECT * FROM query('FROM ${view}')`],
]

describe('nothing new is open behind the analyst views', () => {
  it.each(ANALYSIS_VIEWS.flatMap((view) => ATTACKS.map(([what, sql]) => [view, what, sql(view)] as const)))(
    '%s: %s',
    async (_view, _what, sql) => {
      await expect(query.sql(sql)).rejects.toMatchObject({ code: 'QUERY_FORBIDDEN' })
      expect(existsSync('/tmp/vectra-view-escape.csv')).toBe(false)
    },
  )

  it.each([
    [`SELECT * FROM candles((SELECT content FROM read_text('/etc/passwd')), 5)`],
    [`SELECT * FROM candles('x', n := (SELECT count(*) FROM read_csv('/etc/passwd')))`],
    [`SELECT * FROM candles(getenv('HOME'))`],
    [`SELECT * FROM candles('x', n := current_setting('threads')::INT)`],
    [`SELECT * FROM candles(repeat_row('x', num_rows = 3))`],
    [`CREATE OR REPLACE MACRO candles(game, n) AS TABLE SELECT content FROM read_text('/etc/passwd')`],
    [`DROP MACRO TABLE candles`],
    [`SELECT * FROM read_candles('x')`],
  ])('candles: %s', async (sql) => {
    await expect(query.sql(sql)).rejects.toSatisfy((error: { code: string }) =>
      ['QUERY_FORBIDDEN', 'QUERY_SQL'].includes(error.code),
    )
    expect((await query.sql(`SELECT count(*) FROM candles('${GAME}', 2)`)).rows).toEqual([[2n]])
  })

  it('candles of fewer than one tick are refused', async () => {
    for (const n of ['0', '-1']) {
      await expect(query.sql(`SELECT * FROM candles('${GAME}', ${n})`)).rejects.toMatchObject({ code: 'QUERY_SQL' })
    }
  })

  it("a caller's own names do not take the place of what a view is made of", async () => {
    const own = `WITH game_tick AS (SELECT 1 AS x), ticks AS (SELECT 2 AS x), ws_event AS (SELECT 3 AS x)`
    expect((await query.sql(`${own} SELECT ticks FROM games`)).rows).toEqual([[3]])
    expect((await query.sql(`${own} SELECT sum(ticks)::INTEGER FROM candles('${GAME}', 2)`)).rows).toEqual([[3]])
  })

  it('has the same columns before there is any data', async () => {
    await using empty = await fixture()
    await using engine = await openQuery({ dir: empty.dir, source: empty.source })
    for (const view of [...ANALYSIS_VIEWS, 'candles(NULL)']) {
      const [before, after] = [await engine.sql(`FROM ${view}`), await query.sql(`FROM ${view}`)]
      expect(before.rows).toEqual([])
      expect(before.columns).toEqual(after.columns)
    }
  })

  it('leaves nothing in the data directory', () => {
    // But what the engine itself remembers of the files that it has looked at.
    expect(readdirSync(data.dir).filter((name) => !name.startsWith('checked.sqlite'))).toEqual(['events_parquet'])
  })
})
