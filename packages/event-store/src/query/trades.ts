import { literalAt, type Micros } from '@vectra/schemas'
import { Decimal } from 'decimal.js'
import type { SqlParam } from './duckdb.ts'
import type { PartRef } from './file-source.ts'
import { chooseFiles, type Reader, type ReadOptions, type Statement } from './reader.ts'
import { PAYLOAD_SQL, relation } from './views.ts'

/** A fill of anybody, as broadcast. The feed broadcasts a sample: 6 to 28 % of a game's trades. */
export interface Trade {
  /** The server's id; null when the frame has none. */
  readonly id: string | null
  readonly gameId: string | null
  /** Receive time; a trade arrives up to 8 ticks after its tick, sometimes after the rug. */
  readonly ts: Micros
  readonly tick: number | null
  /** `buy`, `sell`, `short_open`, `short_close`, or what the server may add. */
  readonly action: string | null
  readonly playerId: string | null
  readonly username: string | null
  /** SOL paid or received; shorts: stake or return. */
  readonly amount: Decimal | null
  /** Tokens; 0 for shorts. */
  readonly qty: Decimal | null
  readonly price: Decimal | null
  readonly leverage: number | null
  /** `solana`, or the practice token. Leave practice trades out of any statistic of money. */
  readonly coin: string | null
  readonly sessionId: string
  readonly seq: number
}

/** Which trades. */
export interface TradeFilter extends ReadOptions {
  readonly gameId?: string | undefined
  readonly playerId?: string | undefined
  readonly sessionId?: string | undefined
  /** Receive time, inclusive. */
  readonly since?: Micros | undefined
  /** Receive time, exclusive. */
  readonly until?: Micros | undefined
  readonly limit?: number | undefined
}

function tradesStatement(files: readonly PartRef[], filter: TradeFilter): Statement {
  const params: Record<string, SqlParam> = {}
  const where = ["event_name IN ('standard/newTrade', 'newTrade')", "direction = 'received'"]
  const add = (name: string, value: SqlParam | undefined, sql: string) => {
    if (value === undefined) return
    params[name] = value
    where.push(sql)
  }
  add('game', filter.gameId, 'game_id = $game')
  add('player', filter.playerId, 'player_id = $player')
  add('session', filter.sessionId, 'session_id = $session')
  add('since', filter.since === undefined ? undefined : BigInt(filter.since), 'ts >= make_timestamp($since::BIGINT)')
  add('until', filter.until === undefined ? undefined : BigInt(filter.until), 'ts < make_timestamp($until::BIGINT)')
  const { since, until, sessionId, gameId } = filter
  const chosen = chooseFiles(files, { docTypes: ['ws_event'], since, until, sessionId, gameId })
  return {
    params,
    sql: `WITH found AS (
      SELECT *, ${PAYLOAD_SQL} AS payload FROM ${relation(chosen)} WHERE ${where.join(' AND ')}
    ), known AS (SELECT *, payload->>'$.id' AS id FROM found)
    SELECT id, game_id, ts, tick, action, player_id, username, amount, qty, price, TRY_CAST(payload->>'$.leverage' AS INTEGER),
      payload->>'$.coin', session_id, seq, inexact, CASE WHEN inexact IS NOT NULL THEN raw_json END, payload_index
    FROM known
    QUALIFY row_number() OVER (PARTITION BY coalesce(id, concat(session_id, ':', seq)), game_id ORDER BY ts, session_id, seq) = 1
    ORDER BY ts, session_id, seq ${filter.limit === undefined ? '' : `LIMIT ${Math.max(0, Math.floor(filter.limit))}`}`,
  }
}

/** The column's value, or the frame's own digits where the column had to round. */
function exact(row: readonly unknown[], value: unknown, column: string, key: string): Decimal | null {
  const inexact = row[14] as string | null
  if (inexact === null || !inexact.split(',').includes(column)) return value as Decimal | null
  const index = row[16] as number | null
  const text = literalAt(row[15] as string, index === null ? [key] : [index, key])
  return text === undefined ? (value as Decimal | null) : new Decimal(text)
}

function tradeOf(row: readonly unknown[]): Trade {
  return {
    id: row[0] as string | null,
    gameId: row[1] as string | null,
    ts: row[2] as Micros,
    tick: row[3] as number | null,
    action: row[4] as string | null,
    playerId: row[5] as string | null,
    username: row[6] as string | null,
    amount: exact(row, row[7], 'amount', 'amount'),
    qty: exact(row, row[8], 'qty', 'qty'),
    price: exact(row, row[9], 'price', 'price'),
    leverage: row[10] as number | null,
    coin: row[11] as string | null,
    sessionId: row[12] as string,
    seq: Number(row[13]),
  }
}

/** Trades by receive time, each once, however many recordings hold it. */
export function readTrades(reader: Reader, filter: TradeFilter): AsyncGenerator<Trade, void, undefined> {
  return reader.rows((files) => tradesStatement(files, filter), tradeOf, filter)
}
