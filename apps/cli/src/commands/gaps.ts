import { onlyBadFiles, sayCompleteness } from '../completeness-note.ts'
import type { CommandContext } from '../context.ts'
import { openData, resolveGame, resolveSession } from '../data.ts'
import { EXIT, type ExitCode } from '../exit-codes.ts'
import { renderTable } from '../terminal/table.ts'
import { formatCount, formatDuration } from '../terminal/units.ts'
import { formatWhen, isoMicros } from '../terminal/when.ts'
import { timeRange } from '../time-range.ts'

/** Which gaps. */
export interface GapOptions {
  readonly game?: string
  readonly since?: string
  readonly until?: string
  readonly source?: string
  readonly session?: string
  readonly cause?: readonly string[]
  readonly limit: number
}

/**
 * Gaps with the ticks that they cost, and what gave these back by now.
 *
 * A gap of the connection names no ticks: they are those between the last one captured before it and the first one after, when both are
 * of one game.
 */
const GAPS = `WITH gap AS (
    SELECT session_id, seq, source, game_id, coalesce(TRY_CAST(payload->>'$.from' AS BIGINT), epoch_us(ts)) AS from_us,
      coalesce(TRY_CAST(payload->>'$.to' AS BIGINT), epoch_us(ts)) AS to_us, payload->>'$.cause' AS cause,
      TRY_CAST(payload->>'$.est_missing' AS BIGINT) AS est_missing, payload->>'$.recovered_by' AS recovered_by,
      TRY_CAST(payload->>'$.from_tick' AS INTEGER) AS from_tick, TRY_CAST(payload->>'$.to_tick' AS INTEGER) AS to_tick
    FROM system_event WHERE event_name = 'gap'
  ), chosen AS (
    SELECT * FROM gap WHERE ($game::VARCHAR IS NULL OR game_id = $game::VARCHAR) AND ($session::VARCHAR IS NULL OR session_id = $session::VARCHAR)
      AND ($source::VARCHAR IS NULL OR source = $source::VARCHAR) AND ($since::BIGINT IS NULL OR to_us >= $since::BIGINT) AND ($until::BIGINT IS NULL OR from_us < $until::BIGINT)
      AND ($causes::VARCHAR IS NULL OR list_contains(string_split($causes::VARCHAR, ','), cause))
    ORDER BY from_us DESC, session_id, seq LIMIT $limit
  ), captured AS (
    SELECT session_id, game_id, epoch_us(ts) AS us, tick FROM game_tick
    WHERE active AND NOT coalesce(rugged, false) AND tick IS NOT NULL AND coalesce(origin NOT LIKE 'derived:%', true)
      AND game_id IN (SELECT game_id FROM chosen)
  ), before AS (
    SELECT chosen.session_id, chosen.seq, max(tick) AS tick FROM chosen JOIN captured USING (session_id, game_id)
    WHERE captured.us <= from_us AND from_tick IS NULL GROUP BY ALL
  ), behind AS (
    SELECT chosen.session_id, chosen.seq, min(tick) AS tick FROM chosen JOIN captured USING (session_id, game_id)
    WHERE captured.us >= to_us AND from_tick IS NULL GROUP BY ALL
  ), ranged AS (
    SELECT chosen.* REPLACE (
      coalesce(from_tick, CASE WHEN behind.tick > before.tick + 1 THEN before.tick + 1 END) AS from_tick,
      coalesce(to_tick, CASE WHEN behind.tick > before.tick + 1 THEN behind.tick - 1 END) AS to_tick)
    FROM chosen LEFT JOIN before USING (session_id, seq) LEFT JOIN behind USING (session_id, seq)
  ), given AS (
    SELECT ranged.session_id, ranged.seq, count(DISTINCT tick.tick) AS known,
      list_sort(list(DISTINCT CASE WHEN tick.origin LIKE 'derived:%' THEN substr(tick.origin, 9)
        WHEN tick.session_id <> ranged.session_id THEN 'session ' || tick.session_id ELSE 'captured late' END)) AS filled_by
    FROM ranged JOIN game_tick AS tick ON tick.game_id = ranged.game_id AND tick.tick BETWEEN from_tick AND to_tick
      AND tick.active AND tick.price IS NOT NULL
    GROUP BY ALL
  )
  SELECT ranged.*, to_tick - from_tick + 1 - coalesce(known, 0) AS ticks_missing, coalesce(filled_by, []) AS filled_by
  FROM ranged LEFT JOIN given USING (session_id, seq) ORDER BY from_us, session_id, seq`

/** One row of the answer. */
interface GapRow {
  readonly session_id: string
  readonly source: string
  readonly game_id: string | null
  readonly from_us: number
  readonly to_us: number
  readonly cause: string
  readonly est_missing: number | null
  readonly recovered_by: string | null
  readonly from_tick: number | null
  readonly to_tick: number | null
  readonly ticks_missing: number | null
  readonly filled_by: readonly string[]
}

/** `vectra gaps`: what was missed, when and why, and what gave it back; the newest, oldest first. */
export async function gaps(context: CommandContext, _operands: readonly string[], options: GapOptions): Promise<ExitCode> {
  const { io, signal } = context
  const range = timeRange(options)
  await using engine = await openData(await context.settings())
  const game = options.game === undefined ? null : await resolveGame(engine, options.game, signal)
  const session = options.session === undefined ? null : await resolveSession(engine, options.session, signal)
  const reading = engine.stream(GAPS, {
    signal,
    params: {
      game,
      session,
      source: options.source ?? null,
      causes: options.cause?.join(',') ?? null,
      since: range.since === undefined ? null : BigInt(range.since),
      until: range.until === undefined ? null : BigInt(range.until),
      limit: BigInt(options.limit + 1),
    },
  })
  const found: GapRow[] = []
  for await (const row of reading) found.push(gapOf(row))
  const more = found.length > options.limit
  const shown = more ? found.slice(1) : found
  if (context.json) for (const row of shown) await io.line(JSON.stringify(record(row)))
  else if (shown.length === 0) io.say('no gaps')
  else await io.line(table(shown, (header) => io.styled('dim', header)))
  if (more) io.say(`the newest ${options.limit}; more with --limit`)
  sayCompleteness(context, onlyBadFiles(await reading.completeness()))
  return EXIT.ok
}

function gapOf(row: Readonly<Record<string, unknown>>): GapRow {
  const number = (value: unknown): number | null => (value === null || value === undefined ? null : Number(value))
  const text = (value: unknown): string | null => (typeof value === 'string' ? value : null)
  return {
    session_id: String(row['session_id']),
    source: String(row['source']),
    game_id: text(row['game_id']),
    from_us: Number(row['from_us']),
    to_us: Number(row['to_us']),
    cause: String(row['cause']),
    est_missing: number(row['est_missing']),
    recovered_by: text(row['recovered_by']),
    from_tick: number(row['from_tick']),
    to_tick: number(row['to_tick']),
    ticks_missing: number(row['ticks_missing']),
    filled_by: Array.isArray(row['filled_by']) ? row['filled_by'].map(String) : [],
  }
}

function record({ from_us, to_us, ...rest }: GapRow): object {
  return { from: isoMicros(from_us), to: isoMicros(to_us), duration_us: to_us - from_us, ...rest }
}

function table(rows: readonly GapRow[], header: (text: string) => string): string {
  const right = (name: string): { name: string; align: 'right' } => ({ name, align: 'right' })
  const columns = [
    { name: 'from (UTC)' },
    right('length'),
    { name: 'cause' },
    { name: 'source' },
    { name: 'game' },
    { name: 'ticks' },
    right('est. frames'),
    right('without price'),
    { name: 'given back by' },
  ]
  const cells = rows.map((row) => [
    formatWhen(row.from_us),
    formatDuration((row.to_us - row.from_us) / 1_000),
    row.cause,
    row.source,
    row.game_id ?? '',
    row.from_tick === null ? '' : `${row.from_tick}–${row.to_tick}`,
    row.est_missing === null ? '?' : formatCount(row.est_missing),
    row.ticks_missing === null ? '' : formatCount(row.ticks_missing),
    [...new Set([...(row.recovered_by === null ? [] : [row.recovered_by]), ...row.filled_by])].join(', '),
  ])
  return renderTable(columns, cells, header)
}
