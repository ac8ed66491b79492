/** A view, or a table function, over the base views. Its SQL names them with their schema, so that no caller's own name takes their place. */
export interface AnalysisView {
  readonly name: string
  /** Of a table function: its arguments, e.g. `game, n := 5`. */
  readonly parameters?: string
  /** One sentence for people. */
  readonly about: string
  readonly sql: string
}

/**
 * SQL of a number in the frame's own digits, as DECIMAL: the text behind `"key":` of a JSON text without nested keys of that name.
 *
 * A quote inside a JSON string is escaped, so what matches is always a key. JSON operators would print the number as a double first.
 */
export function exactNumber(json: string, key: string, type: 'DECIMAL(18,9)' | 'DECIMAL(38,20)'): string {
  return `TRY_CAST(nullif(regexp_extract(${json}, '"${key}"\\s*:\\s*(-?[0-9][0-9.eE+-]*)', 1), '') AS ${type})`
}

/** Full frames: the `gameStateUpdate`s with `active` and without a trade count that hold a history. The others are not looked into. */
const FULL_FRAME = `event_name = 'gameStateUpdate' AND active IS NOT NULL AND trade_count IS NULL AND contains(raw_json, '"gameHistory"')`

/**
 * One full frame of each game and recording: a table expression with ts, session_id, seq, raw_json and what `PAYLOAD_SQL` needs.
 *
 * All full frames of one game show the same ten finished games, a server sends three or four of them, and each has 300 kB: the payload is cut
 * out of the chosen ones only.
 *
 * @see domain/events.md 3.2
 */
export const HISTORY_FRAMES = `(
      SELECT frame.ts, frame.session_id, frame.seq, frame.raw_json, frame.payload_index, frame.packet
      FROM main.ws_event AS frame SEMI JOIN (
        SELECT session_id, min(seq) AS seq FROM main.ws_event WHERE ${FULL_FRAME} GROUP BY session_id, game_id
      ) AS first_full ON first_full.session_id = frame.session_id AND first_full.seq = frame.seq
      WHERE ${FULL_FRAME}
    )`
