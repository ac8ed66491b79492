import type { Micros } from '@vectra/schemas'
import type { Decimal } from 'decimal.js'
import { type Completeness, type CompletenessReason, completenessOf } from '../completeness.ts'
import type { BadFile } from '../integrity/file-check.ts'
import type { SqlParam } from './duckdb.ts'
import type { PartRef } from './file-source.ts'
import { badFileReason } from './judge.ts'
import { chooseFiles, type Reader, type ReadOptions, type Statement } from './reader.ts'
import { GENUINE_RUG } from './ticks.ts'
import { relation } from './views.ts'

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
  /** A part that may hold rows of the game is missing or damaged, and left out. */
  | 'bad_file'

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
  /** The same in the words that every answer has. */
  readonly completeness: Completeness
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

/** Ticks that are counted; games end at 5,000 by the rules. */
const MAX_TICK = 16_383

/** A frame of a running round before its rug. */
const STEP = 'active AND NOT coalesce(rugged, false) AND tick IS NOT NULL AND price IS NOT NULL'

/** Whether there is no rug, or another frame counts at its tick already. */
const RUG_IS_COUNTED = `rug.tick IS NULL OR (rug.tick BETWEEN 0 AND ${MAX_TICK}
        AND coalesce(get_bit(games.ticks, greatest(least(rug.tick, ${MAX_TICK}), 0)), 0) = 1)`

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
  const from = (docType: 'game_tick' | 'ws_event' | 'system_event') =>
    // A gap row need not name the game that it tore.
    relation(
      chooseFiles(files, { docTypes: [docType], ...bounds, gameId: docType === 'system_event' ? undefined : filter.gameId }),
    )
  const direction = filter.order === 'desc' ? 'DESC' : 'ASC'
  const state = from('game_tick')
  // A limit picks its games first, from three narrow columns.
  if (filter.limit !== undefined) {
    const limit = Math.max(0, Math.floor(filter.limit))
    where.push(`game_id IN (
      SELECT game_id FROM (SELECT game_id, min(ts) AS first_ts, max(ts) AS last_ts FROM ${state} WHERE ${where.join(' AND ')} GROUP BY game_id)
      ${having.length > 0 ? `WHERE ${having.join(' AND ')}` : ''} ORDER BY first_ts ${direction}, game_id ${direction} LIMIT ${limit})`)
  }
  const own = where.join(' AND ')
  return {
    params,
    sql: `WITH seen AS (
      SELECT game_id, session_id, min(ts) AS first_ts, max(ts) AS last_ts, max(trade_count) FILTER (active) AS trades,
        coalesce(bool_or(rugged), false) AS said_rugged, coalesce(bool_or(trade_count > 0) FILTER (active), false) AS has_counts,
        min(tick) FILTER (${STEP}) AS first_tick, max(tick) FILTER (${STEP}) AS last_tick, max(price) FILTER (${STEP}) AS peak,
        bitstring_agg(tick, 0, ${MAX_TICK}) FILTER (${STEP} AND tick BETWEEN 0 AND ${MAX_TICK}) AS ticks
      FROM ${state} WHERE ${own} GROUP BY game_id, session_id
    ), rugged_rows AS (
      SELECT game_id, tick, price, trade_count, origin FROM ${state}
      WHERE ${own} AND rugged AND active AND tick IS NOT NULL AND price IS NOT NULL
    ), counted AS (SELECT game_id, bool_or(has_counts) AS has_counts FROM seen GROUP BY game_id),
    ${GENUINE_RUG}, trade_rows AS (
      SELECT game_id, session_id, count(*) AS trades FROM ${from('ws_event')}
      WHERE ${own} AND event_name IN ('standard/newTrade', 'newTrade') GROUP BY game_id, session_id
    ), gap_rows AS (
      SELECT DISTINCT seen.game_id, seen.session_id FROM ${from('system_event')} AS gap JOIN seen ON gap.session_id = seen.session_id
        AND (gap.game_id = seen.game_id OR gap.ts BETWEEN seen.first_ts AND seen.last_ts)
      WHERE gap.event_name = 'gap'
    ), games AS (
      SELECT game_id, min(first_ts) AS first_ts, max(last_ts) AS last_ts, max(trades) AS trades, bool_or(said_rugged) AS said_rugged,
        list(session_id ORDER BY first_ts, session_id) AS sessions, count(*) AS recordings,
        min(first_tick) AS first_tick, max(last_tick) AS last_tick, max(peak) AS peak, bit_or(ticks) AS ticks
      FROM seen GROUP BY game_id
    ), traded AS (SELECT game_id, max(trades) AS trades_seen FROM trade_rows GROUP BY game_id),
    gapped AS (SELECT game_id, count(*) AS gaps FROM gap_rows GROUP BY game_id)
    SELECT game_id, first_ts, last_ts,
      (coalesce(bit_count(games.ticks), 0) + if(${RUG_IS_COUNTED}, 0, 1))::INTEGER,
      greatest(last_tick, rug.tick), greatest(peak, rug.price), rug.tick IS NOT NULL, rug.tick, rug.price,
      games.trades, coalesce(trades_seen, 0)::INTEGER, sessions, least(first_tick, rug.tick), said_rugged, coalesce(gaps, 0) >= recordings
    FROM games LEFT JOIN rug USING (game_id) LEFT JOIN traded USING (game_id) LEFT JOIN gapped USING (game_id)
    ${having.length > 0 ? `WHERE ${having.join(' AND ')}` : ''}
    ORDER BY first_ts ${direction}, game_id ${direction}`,
  }
}

const REASONS: Readonly<Record<Incompleteness, Pick<CompletenessReason, 'code' | 'text'>>> = {
  no_start: { code: 'no_start', text: 'the start was not recorded' },
  no_rug: { code: 'no_end', text: 'the rug was not recorded' },
  rug_tick_unknown: { code: 'no_end', text: 'it rugged, but at which tick was not recorded' },
  missing_ticks: { code: 'tick_hole', text: 'ticks are missing' },
  gap: { code: 'gap', text: 'every recording of it declares a gap' },
  bad_file: { code: 'bad_file', text: 'a part that may hold its rows is left out' },
}

/** How far from a game's frames a file may be that holds others of them. */
const NEAR = 10_000_000

/** Files left out whose times say that they may hold rows of a game. */
function badNear(bad: readonly BadFile<PartRef>[], firstTs: Micros, lastTs: Micros): readonly BadFile<PartRef>[] {
  return bad.filter(
    ({ file: { tsMin, tsMax } }) =>
      (tsMin === undefined || tsMin <= lastTs + NEAR) && (tsMax === undefined || tsMax >= firstTs - NEAR),
  )
}

function gameOf(row: readonly unknown[], bad: readonly BadFile<PartRef>[]): Game {
  const gameId = row[0] as string
  const left = badNear(bad, row[1] as Micros, row[2] as Micros)
  const [ticks, lastTick, rugged, firstTick] = [
    row[3] as number,
    row[4] as number | null,
    row[6] as boolean,
    row[12] as number | null,
  ]
  const reasons: Incompleteness[] = []
  if (firstTick !== 0) reasons.push('no_start')
  if (!rugged) reasons.push(row[13] === true ? 'rug_tick_unknown' : 'no_rug')
  if (firstTick !== null && lastTick !== null && ticks < lastTick - firstTick + 1) reasons.push('missing_ticks')
  if (row[14] === true) reasons.push('gap')
  if (left.length > 0) reasons.push('bad_file')
  const missing = firstTick === null || lastTick === null ? 0 : lastTick - firstTick + 1 - ticks
  const told = reasons.flatMap((reason): CompletenessReason[] => {
    if (reason === 'bad_file') return left.map((entry) => ({ ...badFileReason(entry), gameId }))
    const { code, text } = REASONS[reason]
    return reason === 'missing_ticks'
      ? [
          {
            code,
            text: `${missing} of its ticks ${missing === 1 ? 'is' : 'are'} missing`,
            gameId,
            count: missing,
            from: firstTick ?? 0,
            to: lastTick ?? 0,
          },
        ]
      : [{ code, text, gameId }]
  })
  return {
    gameId,
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
    completeness: completenessOf(told),
  }
}

/** The games with at least one state frame, by first frame. */
export function readGames(reader: Reader, filter: GameFilter): AsyncGenerator<Game, void, undefined> {
  const bad: BadFile<PartRef>[] = []
  return reader.rows(
    (files) => gamesStatement(files, filter),
    (row) => gameOf(row, bad),
    filter,
    (entry) => bad.push(entry),
  )
}
