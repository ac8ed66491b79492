import { existsSync, mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openQuery, type QueryEngine } from '../../src/query/engine.ts'
import { type Fixture, fixture, stateFrame, T0 } from './fixture.ts'

let data: Fixture
let query: QueryEngine
let part: string
let tempDir: string

beforeAll(async () => {
  data = await fixture()
  const written = await data.write(stateFrame({ ts: T0, seq: 1, tick: 0, price: '1' }))
  part = written[0]?.absolutePath ?? ''
  writeFileSync(path.join(data.dir, 'catalog.sqlite'), 'catalog secret')
  mkdirSync(path.join(data.dir, 'journal'))
  writeFileSync(path.join(data.dir, 'journal', '00000001.ndjson'), '{"secret":1}\n')
  tempDir = path.join(data.dir, 'spill')
  query = await openQuery({ dir: data.dir, source: data.source, memoryLimit: '256MB', threads: 2, timeoutMs: 5_000, tempDir })
})

afterAll(async () => {
  await query.close()
  await data[Symbol.asyncDispose]()
})

function everyFile(dir: string): string[] {
  return readdirSync(dir, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => `${path.join(entry.parentPath, entry.name)} ${statSync(path.join(entry.parentPath, entry.name)).size}`)
    .sort()
}

describe('the sandbox refuses', () => {
  it.each([
    ['reading a file of the machine', `SELECT * FROM read_csv('/etc/passwd')`],
    ['reading a file by its name', `SELECT * FROM '/etc/passwd'`],
    ['reading a csv by its name', `FROM "/etc/passwd.csv"`],
    ['reading text', `SELECT * FROM read_text('/etc/passwd')`],
    ['reading bytes in a subquery', `SELECT (SELECT content FROM read_blob('/etc/passwd'))`],
    ['reading with a computed name', `SELECT * FROM read_text($1)`],
    ['reading in a CTE', `WITH x AS (SELECT * FROM read_json_auto('/etc/passwd')) SELECT * FROM x`],
    ['reading in a lateral join', `SELECT * FROM events e, LATERAL (SELECT * FROM read_csv('/etc/passwd')) t`],
    ['reading in a limit', `SELECT 1 LIMIT (SELECT count(*) FROM read_text('/etc/passwd'))`],
    ['reading in a union', `SELECT '1' UNION ALL SELECT content FROM read_text('/etc/passwd')`],
    ['reading inside EXPLAIN ANALYZE', `EXPLAIN ANALYZE SELECT * FROM read_text('/etc/passwd')`],
    ['summarising a file', `SUMMARIZE '/etc/passwd.csv'`],
    ['describing a file', `DESCRIBE FROM read_csv('/etc/passwd')`],
    ['listing the machine', `SELECT * FROM glob('/etc/*')`],
    ['sniffing', `FROM sniff_csv('/etc/passwd')`],
    ['another database', `FROM sqlite_scan('catalog.sqlite', 'files')`],
    ['a database file', `FROM read_duckdb('/tmp/x.db')`],
    ['the network', `SELECT * FROM 's3://bucket/x.parquet'`],
    ['the network over http', `SELECT * FROM read_parquet('https://example.com/x.parquet')`],
    ['the environment', `SELECT getenv('HOME')`],
    ['settings', `SELECT current_setting('temp_directory')`],
    ['all settings', `FROM duckdb_settings()`],
    ['secrets', `FROM duckdb_secrets()`],
    ['the paths inside the views', `FROM duckdb_views()`],
    ['the paths inside the views, by table', `SELECT sql FROM duckdb_views`],
    ['the paths inside the views, the SQLite way', `SELECT sql FROM sqlite_master`],
    ['the paths inside the views, the PostgreSQL way', `SELECT definition FROM pg_catalog.pg_views`],
    ['logs', `FROM duckdb_logs`],
    ['spill files', `FROM duckdb_temporary_files()`],
    ['switching logging on', `FROM enable_logging()`],
    ['profiling into a file', `FROM enable_profiling(format := 'json', save_location := '/tmp/vectra-profile.json')`],
    ['another parser', `FROM enable_peg_parser()`],
    ['text as SQL', `FROM query('SELECT 1')`],
    ['a table by computed name', `FROM query_table('events')`],
    ['a serialised plan', `FROM json_execute_serialized_sql(json_serialize_sql('SELECT 1'))`],
    ['writing to the log', `SELECT write_log('x')`],
    ['COPY TO', `COPY (SELECT 1) TO '/tmp/vectra-copy.csv'`],
    ['COPY FROM', `COPY events FROM '/etc/passwd'`],
    ['ATTACH', `ATTACH ':memory:' AS other`],
    ['DETACH', `DETACH memory`],
    ['INSTALL', 'INSTALL httpfs'],
    ['LOAD', 'LOAD httpfs'],
    ['FORCE INSTALL', 'FORCE INSTALL httpfs'],
    ['SET', `SET memory_limit = '100GB'`],
    ['SET GLOBAL', `SET GLOBAL enable_external_access = true`],
    ['RESET', 'RESET memory_limit'],
    ['SET VARIABLE', 'SET VARIABLE x = 1'],
    ['USE', 'USE memory'],
    ['a PRAGMA that writes', `PRAGMA memory_limit = '100GB'`],
    ['a PRAGMA that switches', 'PRAGMA enable_profiling'],
    ['a PRAGMA that reads', 'PRAGMA version'],
    ['CALL', 'CALL pragma_version()'],
    ['CREATE TABLE', 'CREATE TABLE t (a INTEGER)'],
    ['CREATE TEMP TABLE', 'CREATE TEMP TABLE t AS SELECT 1'],
    ['CREATE VIEW', `CREATE OR REPLACE VIEW events AS SELECT 1`],
    ['CREATE MACRO', 'CREATE MACRO f(x) AS x'],
    ['CREATE SECRET', `CREATE SECRET (TYPE s3, KEY_ID 'a', SECRET 'b')`],
    ['DROP', 'DROP VIEW events'],
    ['ALTER', 'ALTER VIEW events RENAME TO e'],
    ['INSERT', 'INSERT INTO events VALUES (1)'],
    ['UPDATE', 'UPDATE events SET seq = 1'],
    ['DELETE', 'DELETE FROM events'],
    ['EXPORT DATABASE', `EXPORT DATABASE '/tmp/vectra-export'`],
    ['IMPORT DATABASE', `IMPORT DATABASE '/tmp/vectra-export'`],
    ['BEGIN', 'BEGIN TRANSACTION'],
    ['CHECKPOINT', 'CHECKPOINT'],
    ['PREPARE', 'PREPARE x AS SELECT 1'],
    ['EXECUTE', 'EXECUTE x'],
    ['VACUUM', 'VACUUM'],
    ['EXPLAIN ANALYZE of a write', `EXPLAIN ANALYZE COPY (SELECT 1) TO '/tmp/vectra-copy.csv'`],
    ['EXPLAIN with options of a write', `EXPLAIN (ANALYZE, FORMAT json) CREATE TABLE t (a INTEGER)`],
    ['EXPLAIN EXPLAIN', `EXPLAIN EXPLAIN ANALYZE CREATE TABLE t (a INTEGER)`],
    ['two statements', 'SELECT 1; SELECT 2'],
    ['a write behind a comment', `SELECT 1 /* ; */; DROP VIEW events -- `],
    ['closing the brackets around it', `SELECT 1) ; COPY (SELECT 1) TO '/tmp/vectra-copy.csv' ; SELECT (1`],
    ['a pivot that creates a type', 'PIVOT events ON event_name USING count(*)'],
    ['a bounded function by its full name', `SELECT length(system.main.repeat('x', 2000000000))`],
    ['a huge format width', `SELECT length(format('{:>1000000000}', 'x'))`],
    ['a computed format', `SELECT length(printf('%' || '1000000000d', 1))`],
  ])('%s', async (_name, sql) => {
    const before = everyFile(data.dir)
    const error = await query.sql(sql, { params: sql.includes('$1') ? ['/etc/passwd'] : [] }).catch((reason: unknown) => reason)
    expect(error).toMatchObject({ code: expect.stringMatching(/^QUERY_(?:FORBIDDEN|SQL)$/) })
    expect(String(error)).not.toContain('root:')
    expect(everyFile(data.dir)).toEqual(before)
    for (const name of ['copy.csv', 'export', 'profile.json']) expect(existsSync(`/tmp/vectra-${name}`)).toBe(false)
    expect((await query.sql('SELECT count(*) FROM events')).rows).toEqual([[2n]])
  })

  it.each([
    ['listing the parts', (): string => `SELECT * FROM glob('${data.dir}/events_parquet/**')`],
    ['reading a part itself', (): string => `SELECT * FROM read_parquet('${part}')`],
    ['reading a part by its name', (): string => `SELECT * FROM '${part}'`],
    ['metadata of a part', (): string => `SELECT * FROM parquet_metadata('${part}')`],
    ['writing beside the parts', (): string => `COPY (SELECT 1) TO '${path.dirname(part)}/part-evil.parquet' (FORMAT parquet)`],
    ['writing in the spill directory', (): string => `COPY (SELECT 1) TO '${tempDir}/x.csv'`],
    ['the catalog', (): string => `SELECT * FROM read_text('${data.dir}/catalog.sqlite')`],
    ['the catalog by a climbing path', (): string => `SELECT * FROM read_text('${data.dir}/events_parquet/../catalog.sqlite')`],
    ['the journal', (): string => `SELECT * FROM read_ndjson('${data.dir}/journal/*.ndjson')`],
    ['attaching the catalog', (): string => `ATTACH '${data.dir}/catalog.sqlite' AS c`],
  ])('%s', async (_name, sql) => {
    const before = everyFile(data.dir)
    await expect(query.sql(sql())).rejects.toMatchObject({ code: 'QUERY_FORBIDDEN' })
    expect(everyFile(data.dir)).toEqual(before)
  })
})

it('holds without the syntax check too: the engine itself has no access to files but the parts', async () => {
  // What json_serialize_sql cannot print, or our walk would miss, meets DuckDB's own locked configuration.
  const { Database, run } = await import('../../src/query/duckdb.ts')
  const { systemEnv } = await import('../../src/env.ts')
  const events = path.join(data.dir, 'events_parquet')
  const database = await Database.open({
    env: systemEnv(),
    memoryBytes: 2 ** 28,
    threads: 1,
    tempDir: path.join(data.dir, 'spill2'),
    maxTempBytes: 2 ** 28,
    concurrency: 1,
    sandboxDir: events,
  })
  const attempt = (sql: string) => database.use({ timeoutMs: 5_000 }, (connection) => run(connection, sql))
  for (const sql of [
    `SELECT * FROM read_csv('/etc/passwd')`,
    `SELECT * FROM read_text('${data.dir}/catalog.sqlite')`,
    `SELECT * FROM read_text('${events}/../catalog.sqlite')`,
    `SELECT * FROM glob('/etc/*')`,
    `COPY (SELECT 1) TO '/tmp/vectra-copy.csv'`,
    `ATTACH '${data.dir}/catalog.sqlite' AS c`,
    'INSTALL httpfs',
    'LOAD httpfs',
    `SET enable_external_access = true`,
    `SET memory_limit = '100GB'`,
    `SET allowed_directories = ['/']`,
    `SET lock_configuration = false`,
  ]) {
    await expect(attempt(sql), sql).rejects.toThrow(/disabled|locked|cannot|Cannot/i)
  }
  await database.close()
})

describe('the sandbox runs', () => {
  it.each([
    ['SELECT', 'SELECT doc_type, count(*) FROM events GROUP BY ALL ORDER BY 1', 2],
    ['a trailing semicolon and comments', '-- first\nSELECT 1; -- done\n;', 1],
    ['FROM first', 'FROM events SELECT seq', 2],
    ['VALUES', 'VALUES (1), (2)', 2],
    ['WITH RECURSIVE', 'WITH RECURSIVE r AS (SELECT 1 AS i UNION ALL SELECT i + 1 FROM r WHERE i < 5) SELECT * FROM r', 5],
    ['DESCRIBE', 'DESCRIBE events', 38],
    ['DESCRIBE a query', 'DESCRIBE SELECT 1 AS a', 1],
    ['SHOW TABLES', 'SHOW TABLES', 17],
    ['SUMMARIZE', 'SUMMARIZE SELECT seq FROM events', 1],
    ['EXPLAIN', 'EXPLAIN SELECT * FROM events', 1],
    ['EXPLAIN ANALYZE', 'EXPLAIN ANALYZE SELECT * FROM events', 1],
    ['information_schema', `SELECT table_name FROM information_schema.tables`, 17],
    ['table functions without files', 'SELECT * FROM range(3), unnest([1, 2])', 6],
    ['json_each', `SELECT key FROM ws_event, json_each(payload)`, 0],
    ['PIVOT with names', `PIVOT (SELECT doc_type, seq FROM events) ON doc_type IN ('ws_event') USING count(*)`, 1],
    ['bounded functions within bounds', `SELECT repeat('ab', 3), lpad('a', 3, '-'), range(3), format('{:>5}', 'x')`, 1],
    ['a union, sorted', 'SELECT 1 AS a UNION SELECT 2 ORDER BY a DESC', 2],
    ['a semicolon in a string', `SELECT ';' AS a, $$;$$ AS b`, 1],
  ])('%s', async (_name, sql, rows) => {
    expect((await query.sql(sql)).rows).toHaveLength(rows)
  })

  it('keeps the order of the statement under the row cap', async () => {
    const result = await query.sql('SELECT i FROM range(1000) t(i) ORDER BY i DESC', { maxRows: 3 })
    expect(result.rows).toEqual([[999n], [998n], [997n]])
    expect(result).toMatchObject({ truncated: true, truncatedBy: 'rows' })
  })

  it('gives bounded functions their usual results', async () => {
    const result =
      await query.sql(`SELECT repeat('ab', 2), lpad('7', 3, '0'), rpad('7', 3, '0'), range(2, 8, 3), generate_series(1, 3), repeat('x', 0),
      range(TIMESTAMP '2020-01-01', TIMESTAMP '2020-01-03', INTERVAL 1 DAY)`)
    const days = ['2020-01-01T00:00:00.000000Z', '2020-01-02T00:00:00.000000Z']
    expect(result.rows).toEqual([['abab', '007', '700', [2n, 5n], [1n, 2n, 3n], '', days]])
  })
})

describe('bombs', () => {
  it('a cartesian product ends with QUERY_TIMEOUT, and the engine answers on', async () => {
    const error = await query
      .sql('SELECT count(*) FROM range(100000000) a, range(100000000) b WHERE a.range * b.range = 7', { timeoutMs: 300 })
      .catch((reason: unknown) => reason)
    expect(error).toMatchObject({ code: 'QUERY_TIMEOUT', context: { timeoutMs: 300 } })
    expect((await query.sql('SELECT 1')).rows).toEqual([[1]])
  })

  it('endless recursion ends with QUERY_TIMEOUT', async () => {
    const sql = 'WITH RECURSIVE r AS (SELECT 1 AS i UNION ALL SELECT i + 1 FROM r) SELECT count(*) FROM r'
    await expect(query.sql(sql, { timeoutMs: 300 })).rejects.toMatchObject({ code: 'QUERY_TIMEOUT' })
  })

  it.each([
    [`SELECT length(repeat('x', 1000000000))`],
    [`SELECT repeat('x', 1000000000) FROM range(100)`],
    [`SELECT lpad('x', 1000000000, 'y')`],
    ['SELECT len(range(1000000000))'],
    ['SELECT len(generate_series(1, 1000000000, 1))'],
    [`SELECT len(range(TIMESTAMP '2020-01-01', TIMESTAMP '2021-01-01', INTERVAL 1 SECOND))`],
  ])('a 1 GB value is refused before it is made: %s', async (sql) => {
    const before = process.memoryUsage.rss()
    await expect(query.sql(sql)).rejects.toMatchObject({ code: 'QUERY_SQL' })
    expect(process.memoryUsage.rss() - before).toBeLessThan(300 * 2 ** 20)
  })

  it('a 1 GB string built up in an aggregate ends with QUERY_MEMORY', async () => {
    await expect(query.sql(`SELECT length(string_agg(repeat('x', 100000), '')) FROM range(10000)`)).rejects.toMatchObject({
      code: 'QUERY_MEMORY',
    })
  })

  it('a list that does not fit ends with QUERY_MEMORY', async () => {
    await expect(query.sql('SELECT len(list(i)) FROM range(200000000) t(i)')).rejects.toMatchObject({ code: 'QUERY_MEMORY' })
  })

  it('a large result stops at the row cap without being made', async () => {
    const before = process.memoryUsage.rss()
    const result = await query.sql('SELECT * FROM range(1000000000)', { maxRows: 10 })
    expect(result).toMatchObject({ truncated: true })
    expect(result.rows).toHaveLength(10)
    expect(process.memoryUsage.rss() - before).toBeLessThan(200 * 2 ** 20)
  })

  it('a result of long strings stops at the character cap, and says so', async () => {
    const result = await query.sql(`SELECT repeat('x', 1000) FROM range(5000)`, { maxChars: 100_000 })
    expect(result).toMatchObject({ truncated: true, truncatedBy: 'chars' })
    expect(result.rows).toHaveLength(100)
  })

  it('a sort larger than memory spills to the directory it was given, and leaves nothing there', async () => {
    const result = await query.sql(
      `SELECT sum(n) FROM (SELECT row_number() OVER (ORDER BY hash(i), repeat('y', 40) || i) AS n FROM range(4000000) t(i))`,
      { timeoutMs: 30_000 },
    )
    expect(result.rows[0]?.[0]).toBe(8_000_002_000_000n)
    expect(everyFile(data.dir).filter((file) => file.startsWith(tempDir))).toEqual([])
  })
})
