import type { Micros } from '@vectra/schemas'
import type { Decimal } from 'decimal.js'
import type { PartRef } from './file-source.ts'
import { chooseFiles, type Reader, type ReadOptions, type Statement } from './reader.ts'
import { relation } from './views.ts'

/** One step of a game. */
export interface Tick {
  readonly gameId: string
  /** From 0, rising; a missing number was not recorded. */
  readonly tick: number
  /** Multiple of the presale price, exact. */
  readonly price: Decimal
  /** When the row that is kept was received. A frame can be older than one received before it, so this may step back. */
  readonly ts: Micros
  /** True in the one tick that ended the game; its price is the rug price. */
  readonly rugged: boolean
  /** Trades of the game so far, as the server counts them; null where the frame had no count. */
  readonly tradeCount: number | null
  readonly sessionId: string
  readonly seq: number
  /** Provenance when the tick was not captured live, e.g. `import:recorded_game`. */
  readonly origin: string | null
}

/**
 * Common table expression `rug` (game_id, tick, price): at which tick each game rugged.
 *
 * The server repeats the rug in a second, full frame whose tick number is 0 to 3 too high, and sends full frames to whoever connects
 * then. Full frames have no trade count, the genuine rug frame has one: so of a game with trade counts only rug frames with one are
 * believed, of any other game the lowest tick. A rug that was derived (from a history, or the seed) is no frame, and believed.
 *
 * Needs the expressions `rugged_rows` (frames with `active` and `rugged`: game_id, tick, price, trade_count, origin) and `counted` (game_id,
 * has_counts: whether any frame of the game has a trade count).
 *
 * @see domain/events.md 3.2
 */
export const GENUINE_RUG = `rug AS (
    SELECT game_id, min(tick) AS tick, arg_min(price, tick) AS price FROM rugged_rows JOIN counted USING (game_id)
    WHERE coalesce(trade_count, 0) > 0 OR NOT has_counts OR origin LIKE 'derived:%' GROUP BY game_id
  )`

/** Which ticks. */
export interface TickFilter extends ReadOptions {
  readonly gameId: string
}

function tickOf(row: readonly unknown[]): Tick {
  return {
    gameId: row[0] as string,
    tick: row[1] as number,
    price: row[2] as Decimal,
    ts: row[3] as Micros,
    rugged: row[4] as boolean,
    tradeCount: row[5] as number | null,
    sessionId: row[6] as string,
    seq: Number(row[7]),
    origin: row[8] as string | null,
  }
}

/**
 * The ticks of a game, rising, each once.
 *
 * - Only frames of a running round are ticks: presale frames carry tick 0 as well, but `active` is false.
 * - The second rug frame is none ({@link GENUINE_RUG}).
 * - A tick seen more than once (two tick-0 frames, a state older than its predecessor after connecting, two recordings of one game)
 *   is one tick: captured rows before derived ones, then the earliest.
 *
 * @see domain/events.md 3.2, 3.4
 */
export function readTicks(reader: Reader, filter: TickFilter): AsyncGenerator<Tick, void, undefined> {
  const build = (files: readonly PartRef[]): Statement => ({
    params: { game: filter.gameId },
    sql: `WITH active AS (
      SELECT game_id, session_id, seq, ts, tick, price, coalesce(rugged, false) AS rugged, trade_count, origin
      FROM ${relation(chooseFiles(files, { docTypes: ['game_tick'], gameId: filter.gameId }))}
      WHERE game_id = $game AND active AND tick IS NOT NULL AND price IS NOT NULL
    ), rugged_rows AS (FROM active WHERE rugged),
    counted AS (SELECT game_id, coalesce(bool_or(trade_count > 0), false) AS has_counts FROM active GROUP BY game_id),
    ${GENUINE_RUG}
    SELECT game_id, active.tick, active.price, ts, rugged, trade_count, session_id, seq, origin
    FROM active LEFT JOIN rug USING (game_id) WHERE NOT rugged OR active.tick = rug.tick
    QUALIFY row_number() OVER (
      PARTITION BY active.tick ORDER BY rugged DESC, coalesce(origin LIKE 'derived:%', false), ts, session_id, seq) = 1
    ORDER BY active.tick`,
  })
  return reader.rows(build, tickOf, filter)
}
