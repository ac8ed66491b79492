import { type AnalysisView, exactNumber, HISTORY_FRAMES } from './analysis-view.ts'

/** Each trade once by the server's id, however many recordings hold it: the rules of `readTrades`. */
const trades: AnalysisView = {
  name: 'trades',
  about: 'fills of anybody, as broadcast (a sample by design of the feed)',
  sql: `SELECT id, game_id, ts, tick, action, player_id, username, level, amount, qty, price, leverage, bonus_portion, real_portion, coin,
    inexact, session_id, seq
  FROM (
    SELECT payload->>'$.id' AS id, game_id, ts, tick, action, player_id, username, TRY_CAST(payload->>'$.level' AS INTEGER) AS level,
      amount, qty, price, TRY_CAST(payload->>'$.leverage' AS INTEGER) AS leverage,
      ${exactNumber('raw_json', 'bonusPortion', 'DECIMAL(18,9)')} AS bonus_portion,
      ${exactNumber('raw_json', 'realPortion', 'DECIMAL(18,9)')} AS real_portion,
      payload->>'$.coin' AS coin, inexact, session_id, seq
    FROM main.ws_event WHERE event_name IN ('standard/newTrade', 'newTrade') AND direction = 'received'
  ) QUALIFY row_number() OVER (PARTITION BY game_id, coalesce(id, concat(session_id, ':', seq)) ORDER BY ts, session_id, seq) = 1`,
}

/** One flat JSON object whose text holds a key: RE2, strings taken whole so that a brace in a name does not end it. */
const FLAT_OBJECT = String.raw`\{(?:[^{}"]|"(?:[^"\\]|\\.)*")*\}`

/**
 * Records of sidebets, wherever the feed shows them: broadcasts, our own bets, and the histories of finished games.
 *
 * Histories are cut out of the frame as text, object by object, so that the money keeps its digits.
 */
const SIDEBET_RECORDS = `SELECT ts, session_id, seq, 'broadcast' AS seen_in, raw_json AS record, payload AS data FROM main.ws_event
      WHERE direction = 'received' AND event_name IN ('newSideBet', 'currentSidebet', 'currentSidebetResult')
    UNION ALL
    SELECT ts, session_id, seq, 'history', record, TRY_CAST(record AS JSON) FROM (
      SELECT ts, session_id, seq, unnest(regexp_extract_all(raw_json, '${FLAT_OBJECT}')) AS record FROM ${HISTORY_FRAMES}
    ) WHERE contains(record, '"betAmount"') AND contains(record, '"type"') AND contains(record, '"playerId"')`

/**
 * One row a bet: what was placed and what came of it, joined by game, player and start tick (a player has one bet at a time).
 *
 * @see domain/events.md 4.6 (globalSidebets), 7.4
 */
const sidebets: AnalysisView = {
  name: 'sidebets',
  about: 'one row a sidebet: placed and payout joined, from broadcasts, own bets and game histories',
  sql: `SELECT game_id, player_id, max(username) AS username, start_tick, coalesce(max(end_tick), start_tick + 40)::INTEGER AS end_tick,
    max(bet_amount) AS bet_amount, max(x_payout) AS x_payout, max(coin_address) AS coin_address,
    coalesce(bool_or(kind = 'placed'), false) AS placed_seen, min(said_at) FILTER (kind = 'placed') AS placed_at, max(id) FILTER (kind = 'placed') AS placed_id,
    coalesce(bool_or(kind = 'payout'), false) AS settled, max(said_at) FILTER (kind = 'payout') AS settled_at, max(id) FILTER (kind = 'payout') AS payout_id,
    max(payout) FILTER (kind = 'payout') AS payout, max(profit) FILTER (kind = 'payout') AS profit,
    bool_or(payout > 0) FILTER (kind = 'payout') AS won, max(tick_index) FILTER (kind = 'payout' AND payout > 0) AS rug_tick,
    min(ts) AS first_seen, list_sort(list(DISTINCT seen_in)) AS seen_in
  FROM (
    SELECT ts, seen_in, data->>'$.gameId' AS game_id, data->>'$.playerId' AS player_id, data->>'$.username' AS username,
      coalesce(data->>'$.type', 'placed') AS kind, data->>'$.id' AS id, data->>'$.coinAddress' AS coin_address,
      TRY_CAST(coalesce(data->>'$.startTick', data->>'$.startedAtTick', data->>'$.tickIndex') AS INTEGER) AS start_tick,
      TRY_CAST(coalesce(data->>'$.endTick', data->>'$.end') AS INTEGER) AS end_tick,
      TRY_CAST(data->>'$.tickIndex' AS INTEGER) AS tick_index, TRY_CAST(data->>'$.xPayout' AS INTEGER) AS x_payout,
      make_timestamp(TRY_CAST(data->>'$.timestamp' AS BIGINT) * 1000) AS said_at,
      ${exactNumber('record', 'betAmount', 'DECIMAL(18,9)')} AS bet_amount,
      ${exactNumber('record', 'payout', 'DECIMAL(18,9)')} AS payout,
      ${exactNumber('record', 'profit', 'DECIMAL(18,9)')} AS profit
    FROM (${SIDEBET_RECORDS})
  ) WHERE player_id IS NOT NULL AND start_tick IS NOT NULL AND kind IN ('placed', 'payout')
  GROUP BY game_id, player_id, start_tick`,
}

/** What the server said of a player, message by message; a column the message does not carry is null, nothing is carried over. */
const playerState: AnalysisView = {
  name: 'player_state',
  about: 'what the server said of a player: balance, position, profit; each message as sent',
  sql: `SELECT state.ts, state.game_id, state.event_name AS said_by, coalesce(state.player_id, own.player_id) AS player_id,
    coalesce(state.username, own.username) AS username, state.cash, state.position_qty, state.avg_cost, state.pnl, state.total_invested,
    state.inexact, state.session_id, state.seq
  FROM main.server_state AS state LEFT JOIN (
    SELECT session_id, arg_max(player_id, seq) AS player_id, arg_max(username, seq) FILTER (username IS NOT NULL) AS username
    FROM main.server_state WHERE event_name = 'usernameStatus' GROUP BY session_id
  ) AS own ON own.session_id = state.session_id AND (state.player_id IS NULL OR state.player_id = own.player_id)
  WHERE state.event_name IN ('playerUpdate', 'gameStatePlayerUpdate')
    AND coalesce(state.cash::VARCHAR, state.position_qty::VARCHAR, state.pnl::VARCHAR, state.total_invested::VARCHAR) IS NOT NULL`,
}

/** How long after a request a changed `playerUpdate` can be its effect. The server answers within a second; a game lasts a minute. */
const REFLECTION = 'INTERVAL 10 SECOND'

/**
 * Our orders: request, ack, broadcast, and the first `playerUpdate` that differs from the one before it.
 *
 * The broadcast is found by the trace id that the server repeats; it is the only certain link. A rejected order is not reflected.
 *
 * @see domain/events.md 5.7
 */
const orders: AnalysisView = {
  name: 'orders',
  about: 'our orders, with the time from request to ack, to the broadcast fill, and to the changed balance',
  sql: `SELECT request.session_id, request.seq AS request_seq, request.ts AS requested_at, request.game_id, request.action, request.amount,
    request.percentage, CASE WHEN ack.seq IS NULL THEN 'unknown' WHEN ack.success THEN 'accepted' ELSE 'rejected' END AS outcome,
    ack.message, ack.seq AS ack_seq, ack.ts AS acked_at, ack.latency_us AS ack_us,
    fill.seq AS fill_seq, fill.ts AS filled_at, date_diff('microsecond', request.ts, fill.ts) AS fill_us, fill.tick AS fill_tick,
    fill.price AS fill_price, fill.amount AS fill_amount, fill.qty AS fill_qty,
    CASE WHEN shown THEN reflection.seq END AS reflected_seq, CASE WHEN shown THEN reflection.ts END AS reflected_at,
    CASE WHEN shown THEN date_diff('microsecond', request.ts, reflection.ts) END AS reflected_us,
    CASE WHEN shown THEN reflection.cash END AS cash, CASE WHEN shown THEN reflection.position_qty END AS position_qty, request.trace_id
  FROM (
    SELECT session_id, seq, ts, game_id, action, amount, trace_id, TRY_CAST(payload->>'$.percentage' AS INTEGER) AS percentage
    FROM main.ws_event WHERE direction = 'sent' AND event_name IN ('buyOrder', 'sellOrder', 'requestSidebet')
  ) AS request LEFT JOIN (
    SELECT session_id, seq, ts, request_seq, latency_us, success,
      coalesce(payload->>'$.message', payload->>'$.reason', payload->>'$.error') AS message
    FROM main.ws_event WHERE direction = 'received' AND request_seq IS NOT NULL AND event_name LIKE 'ack:%'
  ) AS ack ON ack.session_id = request.session_id AND ack.request_seq = request.seq LEFT JOIN (
    SELECT session_id, trace_id, min(seq) AS seq, min(ts) AS ts, arg_min(tick, seq) AS tick, arg_min(price, seq) AS price,
      arg_min(amount, seq) AS amount, arg_min(qty, seq) AS qty
    FROM main.ws_event WHERE direction = 'received' AND trace_id IS NOT NULL
      AND event_name IN ('standard/newTrade', 'newTrade', 'currentSidebet') GROUP BY session_id, trace_id
  ) AS fill ON fill.session_id = request.session_id AND fill.trace_id = request.trace_id AND fill.seq > request.seq
  ASOF LEFT JOIN (
    SELECT session_id, seq, ts, cash, position_qty FROM main.server_state WHERE event_name = 'playerUpdate'
    QUALIFY (cash, position_qty, total_invested) IS DISTINCT FROM
      lag((cash, position_qty, total_invested)) OVER (PARTITION BY session_id ORDER BY seq)
  ) AS reflection ON reflection.session_id = request.session_id AND request.seq < reflection.seq
  CROSS JOIN LATERAL (
    SELECT coalesce(ack.success, true) AND coalesce(reflection.ts <= request.ts + ${REFLECTION}, false) AS shown
  )`,
}

/** Views of money: whose, how much, and when the server said so. */
export const MONEY_VIEWS: readonly AnalysisView[] = [trades, sidebets, playerState, orders]
