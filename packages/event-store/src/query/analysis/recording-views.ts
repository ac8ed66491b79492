import type { AnalysisView } from './analysis-view.ts'

const micros = (key: string): string => `make_timestamp(TRY_CAST(payload->>'$.${key}' AS BIGINT))`

/** What the recordings themselves say they missed. */
const gaps: AnalysisView = {
  name: 'gaps',
  about: 'stretches in which frames were, or may have been, missed: when, why, about how many',
  sql: `SELECT session_id, seq, source, game_id, coalesce(${micros('from')}, ts) AS from_ts, coalesce(${micros('to')}, ts) AS to_ts,
    date_diff('microsecond', coalesce(${micros('from')}, ts), coalesce(${micros('to')}, ts)) AS duration_us, payload->>'$.cause' AS cause,
    TRY_CAST(payload->>'$.est_missing' AS BIGINT) AS est_missing, payload->>'$.recovered_by' AS recovered_by,
    TRY_CAST(payload->>'$.from_seq' AS BIGINT) AS from_seq, TRY_CAST(payload->>'$.to_seq' AS BIGINT) AS to_seq,
    payload->>'$.declared_by' AS declared_by
  FROM main.system_event WHERE event_name = 'gap'`,
}

const sessions: AnalysisView = {
  name: 'sessions',
  about: 'one row a recording or import',
  sql: `SELECT session_id, arg_min(source, seq) AS source, arg_min(origin, seq) AS origin, min(ts) AS first_ts, max(ts) AS last_ts,
    min(seq) AS first_seq, max(seq) AS last_seq, count(*) AS events, max(seq) - count(*) AS missing,
    count(*) FILTER (event_name = 'gap') AS gaps, count(DISTINCT game_id) AS games, bool_or(event_name = 'session_end' OR (seq = 1 AND event_name <> 'session_start')) AS ended
  FROM main.events WHERE packet IS NOT NULL GROUP BY session_id`,
}

/**
 * Field paths of payloads, by event and UTC day. `json_structure` merges the elements of an array; keys that look like values (they
 * start with a digit, or hold a colon) are shown as `*`.
 */
const schemaDrift: AnalysisView = {
  name: 'schema_drift',
  about: 'every field path of every event, by day: its types, when it was first and last seen, in how many events',
  sql: String.raw`SELECT date, event_name, direction, path, list_sort(list_distinct(flatten(list(types)))) AS types, min(first_ts) AS first_ts,
    max(last_ts) AS last_ts, sum(of_shape)::BIGINT AS present, any_value(of_event)::BIGINT AS events
  FROM (
    SELECT date, event_name, direction, path, shape_id, any_value(first_ts) AS first_ts, any_value(last_ts) AS last_ts,
      any_value(of_shape) AS of_shape, any_value(of_event) AS of_event, list(DISTINCT type) AS types
    FROM (
      SELECT shapes.* EXCLUDE (shape), leaf.atom->>'$' AS type,
        regexp_replace(regexp_replace(substr(leaf.fullkey, 3), '\[0\]', '[]', 'g'), '(^|\.)(?:[0-9][^.\[]*|[^.\[]*:[^.\[]*)', '\1*', 'g') AS path
      FROM (
        SELECT *, sum(of_shape) OVER (PARTITION BY date, event_name, direction) AS of_event,
          row_number() OVER (PARTITION BY date, event_name, direction ORDER BY first_ts) AS shape_id
        FROM (
          SELECT date, event_name, direction, json_structure(payload) AS shape, count(*) AS of_shape, min(ts) AS first_ts, max(ts) AS last_ts
          FROM main.events WHERE packet IS NOT NULL AND raw_json IS NOT NULL GROUP BY ALL
        )
      ) AS shapes, json_tree(shapes.shape) AS leaf
      WHERE leaf.atom IS NOT NULL AND leaf.fullkey <> '$'
    ) GROUP BY date, event_name, direction, path, shape_id
  ) GROUP BY date, event_name, direction, path`,
}

/** Views of the recordings: what they hold, what they missed, what the feed looked like. */
export const RECORDING_VIEWS: readonly AnalysisView[] = [gaps, sessions, schemaDrift]
