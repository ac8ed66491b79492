import { DuckDBInstance } from '@duckdb/node-api'
import { expect, it } from 'vitest'
import { findViolation } from '../../src/query/guard.ts'
import { VIEWS } from '../../src/query/views.ts'

async function violations(statements: readonly string[]): Promise<(string | undefined)[]> {
  const connection = await (await DuckDBInstance.create(':memory:')).connect()
  const found: (string | undefined)[] = []
  for (const sql of statements) {
    const reader = await connection.runAndReadAll('SELECT json_serialize_sql($1::VARCHAR)', [sql])
    found.push(findViolation(JSON.parse(String(reader.getRows()[0]?.[0])), new Set(VIEWS))?.what)
  }
  connection.closeSync()
  return found
}

it('walks every place where rows can come from', async () => {
  const hidden = `(SELECT 1 FROM glob('*'))`
  const places = [
    `SELECT ${hidden}`,
    `SELECT * FROM ${hidden}`,
    `SELECT * FROM events WHERE EXISTS ${hidden}`,
    `SELECT count(*) FILTER (${hidden} = 1) FROM events`,
    `SELECT 1 FROM events GROUP BY ${hidden}`,
    `SELECT count(*) FROM events HAVING ${hidden} = 1`,
    `SELECT 1 ORDER BY ${hidden}`,
    `SELECT 1 LIMIT ${hidden}`,
    `SELECT 1 OFFSET ${hidden}`,
    `SELECT CASE WHEN true THEN ${hidden} END`,
    `SELECT CAST(${hidden} AS INTEGER)`,
    `SELECT [${hidden}], {'a': ${hidden}}`,
    `SELECT list_transform([1], lambda x: x + ${hidden})`,
    `SELECT sum(seq) OVER (PARTITION BY ${hidden}) FROM events`,
    `SELECT 1 FROM events QUALIFY ${hidden} = 1`,
    `SELECT * FROM events JOIN ${hidden} ON true`,
    `SELECT * FROM events JOIN game_tick ON ${hidden} = 1`,
    `WITH a AS MATERIALIZED ${hidden} SELECT * FROM a`,
    `WITH RECURSIVE a AS (SELECT 1 UNION ALL ${hidden}) SELECT * FROM a`,
    `SELECT 1 UNION ${hidden}`,
    `VALUES (${hidden})`,
    `SELECT * REPLACE (${hidden} AS seq) FROM events`,
    `DESCRIBE SELECT * FROM ${hidden}`,
    `SUMMARIZE SELECT * FROM ${hidden}`,
    `SELECT * FROM range(${hidden})`,
    `SELECT * FROM unnest([${hidden}])`,
    `PIVOT ${hidden} ON seq IN (1) USING count(*)`,
    `UNPIVOT ${hidden} ON seq INTO NAME a VALUE b`,
    `SELECT 1 IN ${hidden}`,
    `SELECT 1 = ANY ${hidden}`,
    `SELECT ARRAY ${hidden}`,
  ]
  expect(await violations(places)).toEqual(places.map(() => 'the table function glob()'))
})

it('lets names of common table expressions through, and only where they are known', async () => {
  expect(
    await violations([
      'WITH a AS (SELECT 1) SELECT * FROM a',
      'WITH RECURSIVE "x.y" AS (SELECT 1 AS i UNION ALL SELECT i FROM "x.y") SELECT * FROM "x.y"',
      'WITH "x.csv" AS (SELECT 1) SELECT * FROM "x.csv"',
      'SELECT * FROM (WITH "x.csv" AS (SELECT 1) SELECT * FROM "x.csv"), "x.csv"',
    ]),
  ).toEqual([undefined, undefined, undefined, 'the file x.csv'])
})
