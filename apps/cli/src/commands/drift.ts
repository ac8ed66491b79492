import { eventDefinition } from '@vectra/schemas'
import { onlyBadFiles, sayCompleteness } from '../completeness-note.ts'
import type { CommandContext } from '../context.ts'
import { openData } from '../data.ts'
import { EXIT, type ExitCode } from '../exit-codes.ts'
import { renderTable } from '../terminal/table.ts'
import { formatCount } from '../terminal/units.ts'
import { formatWhen, isoMicros } from '../terminal/when.ts'
import { timeRange } from '../time-range.ts'

/** Changes that recordings noted, each once, with how often. */
const NOTED = `SELECT payload->>'$.event' AS event, payload->>'$.path' AS path, payload->>'$.change' AS change,
    payload->>'$.before' AS before, payload->>'$.after' AS after, epoch_us(min(ts)) AS first_us, epoch_us(max(ts)) AS last_us,
    count(*) AS times, arg_min(session_id, ts) AS session_id, arg_min(TRY_CAST(payload->>'$.seq' AS BIGINT), ts) AS seq
  FROM system_event WHERE event_name = 'schema_drift' AND ($since::BIGINT IS NULL OR epoch_us(ts) >= $since::BIGINT) AND ($event::VARCHAR IS NULL OR (payload->>'$.event') = $event::VARCHAR)
  GROUP BY ALL ORDER BY first_us, event, path`

/** Names of events that were received. */
const NAMES = `SELECT event_name AS event, epoch_us(min(ts)) AS first_us, epoch_us(max(ts)) AS last_us, count(*) AS times,
    arg_min(session_id, ts) AS session_id, arg_min(seq, ts) AS seq
  FROM ws_event WHERE direction = 'received' AND packet LIKE '42%' AND ($since::BIGINT IS NULL OR epoch_us(ts) >= $since::BIGINT)
    AND ($event::VARCHAR IS NULL OR event_name = $event::VARCHAR)
  GROUP BY ALL ORDER BY first_us, event`

/** One change. */
interface Change {
  readonly first: number
  readonly last: number
  readonly event: string
  readonly path: string
  readonly change: string
  readonly before: string | null
  readonly after: string | null
  readonly times: number
  readonly session_id: string
  readonly seq: number | null
}

/** `vectra drift`: fields that appeared, stayed away or changed their type, and events that nobody knows yet. */
export async function drift(
  context: CommandContext,
  _operands: readonly string[],
  options: { since?: string; event?: string },
): Promise<ExitCode> {
  const { io, signal } = context
  const { since } = timeRange(options)
  await using engine = await openData(await context.settings())
  const params = { since: since === undefined ? null : BigInt(since), event: options.event ?? null }
  const noted = engine.stream(NOTED, { signal, params })
  const names = engine.stream(NAMES, { signal, params })
  const changes: Change[] = []
  for await (const row of noted) changes.push(changeOf(row))
  for await (const row of names) {
    const known = eventDefinition(String(row['event'])) !== undefined
    if (!known) changes.push(changeOf({ ...row, path: '', change: 'unknown_event', before: null, after: null }))
  }
  changes.sort((a, b) => a.first - b.first)
  if (context.json) {
    for (const { first, last, ...rest } of changes)
      await io.line(JSON.stringify({ first: isoMicros(first), last: isoMicros(last), ...rest }))
  } else if (changes.length === 0) io.say('no drift: every field is as the schemas say')
  else {
    const columns = [
      { name: 'first (UTC)' },
      { name: 'event' },
      { name: 'change' },
      { name: 'path' },
      { name: 'before' },
      { name: 'after' },
      { name: 'times', align: 'right' } as const,
    ]
    const rows = changes.map(({ first, event, change, path, before, after, times }) => [
      formatWhen(first, 'seconds'),
      event,
      change,
      path,
      before ?? '',
      after ?? '',
      formatCount(times),
    ])
    await io.line(renderTable(columns, rows, (header) => io.styled('dim', header)))
  }
  const reasons = [...(await noted.completeness()).reasons, ...(await names.completeness()).reasons]
  sayCompleteness(context, onlyBadFiles({ complete: reasons.length === 0, reasons }))
  return EXIT.ok
}

function changeOf(row: Readonly<Record<string, unknown>>): Change {
  const text = (value: unknown): string | null => (typeof value === 'string' ? value : null)
  return {
    first: Number(row['first_us']),
    last: Number(row['last_us']),
    event: String(row['event']),
    path: text(row['path']) ?? '',
    change: String(row['change']),
    before: text(row['before']),
    after: text(row['after']),
    times: Number(row['times']),
    session_id: String(row['session_id']),
    seq: row['seq'] === null ? null : Number(row['seq']),
  }
}
