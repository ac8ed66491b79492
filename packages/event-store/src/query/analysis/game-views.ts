import { PAYLOAD_SQL } from '../views.ts'
import { type AnalysisView, HISTORY_FRAMES } from './analysis-view.ts'

/**
 * The ticks of all games, each once, by the rules of `readTicks`. Windows instead of joins: a filter on `game_id` then reaches the
 * part files through all of them.
 *
 * @see ../ticks.ts
 */
const ticks: AnalysisView = {
  name: 'ticks',
  about: 'each tick of each game once, without the second rug frame',
  sql: `SELECT game_id, tick, price, ts, rugged, trade_count, session_id, seq, origin FROM (
    SELECT *, min(tick) FILTER (rugged AND (coalesce(trade_count, 0) > 0 OR NOT has_counts OR origin LIKE 'derived:%'))
      OVER (PARTITION BY game_id) AS rug_tick
    FROM (
      SELECT game_id, tick, price, ts, coalesce(rugged, false) AS rugged, trade_count, session_id, seq, origin,
        coalesce(bool_or(trade_count > 0) OVER (PARTITION BY game_id), false) AS has_counts
      FROM main.game_tick WHERE game_id IS NOT NULL AND active AND tick IS NOT NULL AND price IS NOT NULL
    )
  ) WHERE NOT rugged OR tick = rug_tick
  QUALIFY row_number() OVER (PARTITION BY game_id, tick
    ORDER BY rugged DESC, coalesce(origin LIKE 'derived:%', false), ts, session_id, seq) = 1`,
}

/** What is read of a game in a history: in one go, because each JSON operator would read the 300 kB of a full frame again. */
const HISTORY =
  '{"id": "VARCHAR", "timestamp": "BIGINT", "gameVersion": "VARCHAR", "peakMultiplier": "VARCHAR", "provablyFair": {"serverSeed": "VARCHAR", "serverSeedHash": "VARCHAR"}}'

const seeds: AnalysisView = {
  name: 'seeds',
  about: 'revealed seeds, from the game histories in full frames',
  sql: `SELECT game.id AS game_id, max(game.provablyFair.serverSeed) AS server_seed, max(game.provablyFair.serverSeedHash) AS server_seed_hash,
    max(game.gameVersion) AS game_version, max(TRY_CAST(game.peakMultiplier AS DECIMAL(38,20))) AS peak,
    max(make_timestamp(game.timestamp * 1000)) AS ended_at, min(ts) AS revealed_at
  FROM (
    SELECT ts, unnest(json_transform(${PAYLOAD_SQL}, '{"gameHistory": [${HISTORY}]}').gameHistory) AS game FROM ${HISTORY_FRAMES}
  ) WHERE game.id IS NOT NULL AND game.provablyFair.serverSeed IS NOT NULL GROUP BY game.id`,
}

const games: AnalysisView = {
  name: 'games',
  about: 'one row a game: from the first tick to the rug, its seed, and what is missing of it',
  sql: `SELECT game_id, start_ts, end_ts, first_ts, last_ts, ticks, first_tick, last_tick, peak, rugged, rug_tick, rug_price,
    trades, trades_seen, server_seed AS seed, len(reasons) = 0 AS complete, reasons, session_id, sessions
  FROM (
    SELECT frames.game_id, path.start_ts, path.end_ts, frames.first_ts, frames.last_ts, coalesce(path.ticks, 0)::INTEGER AS ticks,
      path.first_tick, path.last_tick, path.peak, path.rug_tick IS NOT NULL AS rugged, path.rug_tick, path.rug_price, frames.trades,
      coalesce(traded.trades_seen, 0)::INTEGER AS trades_seen, seeds.server_seed, frames.sessions[1] AS session_id, frames.sessions,
      list_filter([
        CASE WHEN path.first_tick IS DISTINCT FROM 0 THEN 'no_start' END,
        CASE WHEN path.rug_tick IS NULL THEN 'no_end' END,
        CASE WHEN path.ticks < path.last_tick - path.first_tick + 1 THEN 'tick_hole' END,
        CASE WHEN coalesce(gapped.recordings, 0) >= len(frames.sessions) THEN 'gap' END
      ], lambda reason: reason IS NOT NULL) AS reasons
    FROM (
      SELECT game_id, min(first_ts) AS first_ts, max(last_ts) AS last_ts, max(trades) AS trades,
        list(session_id ORDER BY first_ts, session_id) AS sessions
      FROM (
        SELECT game_id, session_id, min(ts) AS first_ts, max(ts) AS last_ts, max(trade_count) FILTER (active) AS trades
        FROM main.game_tick WHERE game_id IS NOT NULL GROUP BY game_id, session_id
      ) GROUP BY game_id
    ) AS frames LEFT JOIN (
      SELECT game_id, count(*) AS ticks, min(tick) AS first_tick, max(tick) AS last_tick, max(price) AS peak,
        max(tick) FILTER (rugged) AS rug_tick, max(price) FILTER (rugged) AS rug_price, arg_min(ts, tick) AS start_ts,
        max(ts) FILTER (rugged) AS end_ts
      FROM main.ticks GROUP BY game_id
    ) AS path ON path.game_id = frames.game_id LEFT JOIN (
      SELECT game_id, max(trades) AS trades_seen FROM (
        SELECT game_id, count(*) AS trades FROM main.ws_event
        WHERE event_name IN ('standard/newTrade', 'newTrade') AND direction = 'received' AND game_id IS NOT NULL
        GROUP BY game_id, session_id
      ) GROUP BY game_id
    ) AS traded ON traded.game_id = frames.game_id LEFT JOIN (
      SELECT recorded.game_id, count(DISTINCT recorded.session_id) AS recordings
      FROM (
        SELECT game_id, session_id, min(ts) AS first_ts, max(ts) AS last_ts FROM main.game_tick
        WHERE game_id IS NOT NULL GROUP BY game_id, session_id
      ) AS recorded JOIN main.system_event AS gap ON gap.session_id = recorded.session_id AND gap.event_name = 'gap'
        AND (gap.game_id = recorded.game_id OR gap.ts BETWEEN recorded.first_ts AND recorded.last_ts)
      GROUP BY recorded.game_id
    ) AS gapped ON gapped.game_id = frames.game_id LEFT JOIN main.seeds AS seeds ON seeds.game_id = frames.game_id
  )`,
}

/** `n` ticks a candle: the site draws 5. A game of `NULL` is every game. */
const candles: AnalysisView = {
  name: 'candles',
  parameters: 'game, n := 5',
  about: 'open, high, low and close of every n ticks of a game (NULL: of every game)',
  sql: `SELECT game_id, (tick // n)::INTEGER AS candle, min(ts) AS ts, min(tick) AS first_tick, max(tick) AS last_tick,
    count(*)::INTEGER AS ticks, arg_min(price, tick) AS open, max(price) AS high, min(price) AS low, arg_max(price, tick) AS close,
    bool_or(rugged) AS rugged
  FROM main.ticks WHERE (game IS NULL OR game_id = game) AND if(n::BIGINT >= 1, true, error('candles(game, n): n must be 1 or more'))
  GROUP BY game_id, tick // n ORDER BY game_id, candle`,
}

/** Views of what happened in games. */
export const GAME_VIEWS: readonly AnalysisView[] = [ticks, seeds, games, candles]
