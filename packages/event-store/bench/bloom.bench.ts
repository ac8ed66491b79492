/**
 * What bloom filters give a merged file: bytes, time to write, and looking for one player, one order or one game, with and without.
 */
import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { DuckDBInstance } from '@duckdb/node-api'
import { median, QUICK, table } from './frames.ts'

const GAMES = QUICK ? 20 : 2_000
const TRADES_PER_GAME = 250
const PLAYERS = QUICK ? 100 : 20_000
const ROUNDS = QUICK ? 3 : 15
/** Rows of a group, as a merge makes them. */
const GROUP_ROWS = QUICK ? 2_048 : 10_240

const dir = mkdtempSync(path.join(tmpdir(), 'vectra-bloom-'))
const instance = await DuckDBInstance.create(':memory:', { threads: '2' })
const connection = await instance.connect()
try {
  // Players come and go: each game sees those of its hour. One trade in fifty is an order of one's own.
  await connection.run(`
    CREATE TABLE trades AS
    SELECT '20251212-' || lpad(to_hex(hash(game)), 16, '0') AS game_id, '019b14a5-0000-7000-8000-000000000001' AS session_id, seq,
      'did:privy:' || lpad(to_hex(hash(player)), 16, '0') || 'cm' AS player_id, md5('t' || seq) AS trade_id,
      if(seq % 50 = 0, md5('o' || seq), NULL) AS trace_id,
      '["standard/newTrade",{"id":"' || md5('t' || seq) || '","gameId":"' || game || '","playerId":"' || player || '","qty":' || (seq % 977) / 1000 || ',"note":"' || repeat(md5('p' || seq), 8) || '"}]' AS raw_json
    FROM (SELECT game * ${TRADES_PER_GAME} + trade AS seq, game, (game // 20 * ${Math.ceil((20 * PLAYERS) / GAMES)} + hash(game * 1000 + trade) % ${Math.ceil((60 * PLAYERS) / GAMES)}) % ${PLAYERS} AS player
      FROM range(${GAMES}) g(game), range(${TRADES_PER_GAME}) t(trade))
    ORDER BY game_id, session_id, seq`)
  const one = async (sql: string): Promise<string> => String((await connection.runAndReadAll(sql)).getRowsJson()[0]?.[0])
  const pick = (column: string): Promise<string> =>
    one(`SELECT ${column} FROM trades WHERE ${column} IS NOT NULL ORDER BY hash(${column}) LIMIT 1`)
  const questions = {
    'one player': `player_id = '${await pick('player_id')}'`,
    'a player of no trade': `player_id = 'did:privy:7777777777777777cm'`,
    'one order': `trace_id = '${await pick('trace_id')}'`,
    'one game': `game_id = '${await pick('game_id')}'`,
  }
  const forms = { 'as DuckDB does': 'true', none: 'false' }
  const rows: string[][] = []
  for (const [name, filter] of Object.entries(forms)) {
    const file = path.join(dir, `${filter}.parquet`)
    const started = performance.now()
    await connection.run(
      `COPY (FROM trades ORDER BY game_id, session_id, seq) TO '${file}' (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE ${GROUP_ROWS}, WRITE_BLOOM_FILTER ${filter})`,
    )
    const seconds = (performance.now() - started) / 1000
    const columns = await one(
      `SELECT coalesce(string_agg(DISTINCT path_in_schema, ' ' ORDER BY path_in_schema), '') FROM parquet_metadata('${file}') WHERE bloom_filter_offset IS NOT NULL`,
    )
    const times: string[] = []
    for (const where of Object.values(questions)) {
      const spent: number[] = []
      for (let round = 0; round < ROUNDS; round++) {
        const begun = performance.now()
        await connection.runAndReadAll(`SELECT count(*), sum(strlen(raw_json)) FROM read_parquet('${file}') WHERE ${where}`)
        spent.push(performance.now() - begun)
      }
      times.push(median(spent).toFixed(1))
    }
    rows.push([name, columns, (statSync(file).size / 1e6).toFixed(2), seconds.toFixed(2), ...times])
  }
  console.log(
    `${(GAMES * TRADES_PER_GAME).toLocaleString('en')} trades of ${PLAYERS.toLocaleString('en')} players, milliseconds per question\n`,
  )
  table(['bloom filters', 'on', 'MB', 'write s', ...Object.keys(questions)], rows)
} finally {
  connection.closeSync()
  instance.closeSync()
  rmSync(dir, { recursive: true, force: true })
}
