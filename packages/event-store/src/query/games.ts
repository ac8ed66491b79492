import type { Micros } from '@vectra/schemas'
import type { Decimal } from 'decimal.js'
import type { PartRef } from './file-source.ts'
import { chooseFiles, type Reader, type ReadOptions, type Statement } from './reader.ts'
import { tickSteps } from './ticks.ts'
import { relation } from './views.ts'
import type { SqlParam } from './duckdb.ts'

/** Why a game is not known completely. */
export type Incompleteness =
  /** Tick 0 was not recorded: recording began in mid-game. */
  | 'no_start'
  /** The rug was not recorded: the game runs still, or recording ended first. */
  | 'no_rug'
  /** The server said that it rugged, but only the second rug frame was seen, whose tick number is not the game's. */
  | 'rug_tick_unknown'
  /** Tick numbers between the first and the last are missing. */
  | 'missing_ticks'
  /** Every recording of the game declares a gap while it ran, so other events may be missing too. */
  | 'gap'

/** One game, as far as its ticks were recorded. */
export interface Game {
  readonly gameId: string
  /** First and last receive time of its state frames, cooldown and presale included. */
  readonly firstTs: Micros
  readonly lastTs: Micros
  /** Different ticks stored. A complete game of rug tick N has N + 1. */
  readonly ticks: number
  /** Last tick stored; the rug tick when `rugged`. */
  readonly lastTick: number | null
  /** Highest price seen. */
  readonly peak: Decimal | null
  readonly rugged: boolean
  readonly rugTick: number | null
  readonly rugPrice: Decimal | null
  /** The server's own count of the game's trades, the highest seen; null without counts. */
  readonly trades: number | null
  /** Trades broadcast and stored (a sample of them, by design of the feed); of the recording that holds most. */
  readonly tradesSeen: number
  readonly sessions: readonly string[]
  readonly complete: boolean
  readonly reasons: readonly Incompleteness[]
}

/** Which games, in which order. */
export interface GameFilter extends ReadOptions {
  readonly gameId?: string | undefined
  /** Games with a frame at or after. */
  readonly since?: Micros | undefined
  /** Games with a frame before. */
  readonly until?: Micros | undefined
  /** By first frame; default `asc`. */
  readonly order?: 'asc' | 'desc' | undefined
  readonly limit?: number | undefined
}

/** Longest game with its waiting times, generously (5,000 ticks of 250 ms): how far around the bounds a game's files may reach. */
const MARGIN = 30 * 60 * 1_000_000

function gamesStatement(files: readonly PartRef[], filter: GameFilter): Statement {
  const bounds = {
    since: filter.since === undefined ? undefined : filter.since - MARGIN,
    until: filter.until === undefined ? undefined : filter.until + MARGIN,
  }
  const params: Record<string, SqlParam> = {}
  const where: string[] = ['game_id IS NOT NULL']
  if (filter.gameId !== undefined) {
    params['game'] = filter.gameId
    where.push('game_id = $game')
  }
  const having: string[] = []
  if (filter.since !== undefined) {
    params['since'] = BigInt(filter.since)
    having.push('last_ts >= make_timestamp($since::BIGINT)')
  }
  if (filter.until !== undefined) {
    params['until'] = BigInt(filter.until)
    having.push('first_ts < make_timestamp($until::BIGINT)')
  }
  const from = (docType: 'game_tick' | 'ws_event' | 'system_event') => relation(chooseFiles(files, { docTypes: [docType], ...bounds }))
  const direction = filter.order === 'desc' ? 'DESC' : 'ASC'
  return {
    params,
    sql: `WITH state AS (
      SELECT game_id, session_id, seq, ts, tick, price, active, rugged, trade_count, origin FROM ${from('game_tick')} WHERE ${where.join(' AND ')}
    ), ${tickSteps('state')}, seen AS (
      SELECT game_id, session_id, min(ts) AS first_ts, max(ts) AS last_ts, max(trade_count) FILTER (active) AS trades,
        coalesce(bool_or(rugged), false) AS said_rugged
      FROM state GROUP BY ALL
    ), trade_rows AS (
      SELECT game_id, session_id, count(*) AS trades FROM ${from('ws_event')}
      WHERE ${where.join(' AND ')} AND event_name IN ('standard/newTrade', 'newTrade') GROUP BY ALL
    ), gap_rows AS (
      SELECT DISTINCT seen.game_id, seen.session_id FROM ${from('system_event')} AS gap JOIN seen ON gap.session_id = seen.session_id
        AND (gap.game_id = seen.game_id OR gap.ts BETWEEN seen.first_ts AND seen.last_ts)
      WHERE gap.event_name = 'gap'
    ), games AS (
      SELECT game_id, min(first_ts) AS first_ts, max(last_ts) AS last_ts, max(trades) AS trades, bool_or(said_rugged) AS said_rugged,
        list(session_id ORDER BY first_ts, session_id) AS sessions, count(*) AS recordings
      FROM seen GROUP BY game_id
    ), played AS (
      SELECT game_id, count(*) AS ticks, min(tick) AS first_tick, max(tick) AS last_tick, max(price) AS peak,
        bool_or(rugged) AS rugged, max(tick) FILTER (rugged) AS rug_tick, max(price) FILTER (rugged) AS rug_price
      FROM steps GROUP BY game_id
    ), traded AS (SELECT game_id, max(trades) AS trades_seen FROM trade_rows GROUP BY game_id),
    gapped AS (SELECT game_id, count(*) AS gaps FROM gap_rows GROUP BY game_id)
    SELECT game_id, first_ts, last_ts, coalesce(ticks, 0)::INTEGER, last_tick, peak, coalesce(rugged, false), rug_tick, rug_price,
      games.trades, coalesce(trades_seen, 0)::INTEGER, sessions, first_tick, said_rugged, coalesce(gaps, 0) >= recordings
    FROM games LEFT JOIN played USING (game_id) LEFT JOIN traded USING (game_id) LEFT JOIN gapped USING (game_id)
    ${having.length > 0 ? `WHERE ${having.join(' AND ')}` : ''}
    ORDER BY first_ts ${direction}, game_id ${direction} ${filter.limit === undefined ? '' : `LIMIT ${Math.max(0, Math.floor(filter.limit))}`}`,
  }
}

function gameOf(row: readonly unknown[]): Game {
  const [ticks, lastTick, rugged, firstTick] = [row[3] as number, row[4] as number | null, row[6] as boolean, row[12] as number | null]
  const reasons: Incompleteness[] = []
  if (firstTick !== 0) reasons.push('no_start')
  if (!rugged) reasons.push(row[13] === true ? 'rug_tick_unknown' : 'no_rug')
  if (firstTick !== null && lastTick !== null && ticks < lastTick - firstTick + 1) reasons.push('missing_ticks')
  if (row[14] === true) reasons.push('gap')
  return {
    gameId: row[0] as string,
    firstTs: row[1] as Micros,
    lastTs: row[2] as Micros,
    ticks,
    lastTick,
    peak: row[5] as Decimal | null,
    rugged,
    rugTick: row[7] as number | null,
    rugPrice: row[8] as Decimal | null,
    trades: row[9] as number | null,
    tradesSeen: row[10] as number,
    sessions: row[11] as string[],
    complete: reasons.length === 0,
    reasons,
  }
}

/** The games with at least one state frame, by first frame. */
export function readGames(reader: Reader, filter: GameFilter): AsyncGenerator<Game, void, undefined> {
  return reader.rows((files) => gamesStatement(files, filter), gameOf, filter)
}
