import { createHash } from 'node:crypto'
import { type Completeness, openEventStore, type QueryEngine } from '@vectra/event-store'
import { createPipeline, decodeFrame, type SourceItem, sessionIdAt, systemClock, systemRandom } from '@vectra/ingest'
import { decodeAck, decodeEvent, type SchemaIssue } from '@vectra/schemas'
import { onlyBadFiles, sayCompleteness } from '../completeness-note.ts'
import type { CommandContext } from '../context.ts'
import { openData } from '../data.ts'
import { CliError } from '../errors.ts'
import { EXIT, type ExitCode } from '../exit-codes.ts'
import { renderTable } from '../terminal/table.ts'
import { formatCount, plural } from '../terminal/units.ts'
import { formatWhen, isoMicros } from '../terminal/when.ts'
import { timeRange } from '../time-range.ts'

/** Frames stored again by one retry: they are held in memory. */
const MAX_FRAMES = 50_000

/** Which frames. */
export interface QuarantineOptions {
  readonly since?: string
  readonly event?: string
}

/** Frames stored with issues, and whether a retry has stored them again as they fit now. */
const FRAMES = `WITH resolved AS (
    SELECT DISTINCT payload->>'$.session_id' AS session_id, TRY_CAST(payload->>'$.seq' AS BIGINT) AS seq
    FROM system_event WHERE event_name = 'schema_resolved'
  ), again AS (SELECT DISTINCT ts, md5(raw_json) AS content FROM ws_event WHERE origin = 'retry' AND raw_json IS NOT NULL)
  SELECT frame.session_id, frame.seq, epoch_us(frame.ts) AS us, frame.event_name AS event, frame.direction, frame.packet, frame.raw_json,
    frame.issues, resolved.seq IS NOT NULL OR again.content IS NOT NULL AS resolved
  FROM ws_event AS frame LEFT JOIN resolved ON resolved.session_id = frame.session_id AND resolved.seq = frame.seq
    LEFT JOIN again ON again.ts = frame.ts AND again.content = md5(frame.raw_json)
  WHERE frame.issues IS NOT NULL AND coalesce(frame.origin, '') <> 'retry'
    AND ($since::BIGINT IS NULL OR epoch_us(frame.ts) >= $since::BIGINT) AND ($event::VARCHAR IS NULL OR frame.event_name = $event::VARCHAR)
    AND ($session::VARCHAR IS NULL OR (ends_with(frame.session_id, $session::VARCHAR) AND frame.seq = $seq::BIGINT))
  ORDER BY frame.ts, frame.session_id, frame.seq`

interface BadFrame {
  readonly session: string
  readonly seq: number
  readonly at: number
  readonly event: string
  readonly direction: 'received' | 'sent'
  readonly text: string
  readonly issues: readonly SchemaIssue[]
  readonly resolved: boolean
}

/** Bad frames as they are read, and afterwards what the store could not read. */
interface BadFrames extends AsyncIterable<BadFrame> {
  completeness(): Promise<Completeness>
}

function badFrames(
  engine: QueryEngine,
  { since, event }: QuarantineOptions,
  signal: AbortSignal,
  one: { readonly session: string; readonly seq: bigint } | null = null,
): BadFrames {
  const range = timeRange(since === undefined ? {} : { since })
  const params = {
    since: range.since === undefined ? null : BigInt(range.since),
    event: event ?? null,
    session: one?.session ?? null,
    seq: one?.seq ?? null,
  }
  const reading = engine.stream(FRAMES, { signal, params })
  return {
    async *[Symbol.asyncIterator]() {
      for await (const row of reading) yield badFrameOf(row)
    },
    completeness: () => reading.completeness(),
  }
}

function badFrameOf(row: Readonly<Record<string, unknown>>): BadFrame {
  return {
    session: String(row['session_id']),
    seq: Number(row['seq']),
    at: Number(row['us']),
    event: String(row['event']),
    direction: row['direction'] === 'sent' ? 'sent' : 'received',
    text: `${String(row['packet'] ?? '')}${String(row['raw_json'] ?? '')}`,
    issues: JSON.parse(String(row['issues'])) as SchemaIssue[],
    resolved: row['resolved'] === true,
  }
}

/** What the present schemas say of a frame: null when it fits. */
function judge(frame: BadFrame): { readonly issues: readonly SchemaIssue[] | null; readonly isAck: boolean } {
  const decoded = decodeFrame(frame.text)
  const isAck = decoded.socketType === 'ack' || decoded.socketType === 'binary_ack'
  if (decoded.issues !== null || decoded.args === null) return { issues: decoded.issues ?? [], isAck }
  const request = frame.event.startsWith('ack:') ? frame.event.slice('ack:'.length) : null
  const result = isAck ? decodeAck(request, decoded.args) : decodeEvent(decoded.event, decoded.args)
  return { issues: result.ok ? null : result.issues, isAck }
}

/** `vectra quarantine ls`: by event and first issue. */
export async function list(context: CommandContext, _operands: readonly string[], options: QuarantineOptions): Promise<ExitCode> {
  const { io, signal } = context
  await using engine = await openData(await context.settings())
  const groups = new Map<
    string,
    {
      event: string
      issue: string
      path: string
      frames: number
      resolved: number
      fits_now: number
      first: number
      last: number
      example: string
    }
  >()
  const reading = badFrames(engine, options, signal)
  for await (const frame of reading) {
    const [issue] = frame.issues
    const key = JSON.stringify([frame.event, issue?.code, issue?.path])
    const known = groups.get(key)
    const group = known ?? {
      event: frame.event,
      issue: issue?.code ?? '',
      path: issue?.path ?? '',
      frames: 0,
      resolved: 0,
      fits_now: 0,
      first: frame.at,
      last: frame.at,
      example: `${frame.session}:${frame.seq}`,
    }
    group.frames += 1
    group.last = frame.at
    if (frame.resolved) group.resolved += 1
    else if (judge(frame).issues === null) group.fits_now += 1
    groups.set(key, group)
  }
  const all = [...groups.values()].sort((a, b) => b.frames - a.frames)
  if (context.json) {
    for (const { first, last, ...rest } of all)
      await io.line(JSON.stringify({ ...rest, first: isoMicros(first), last: isoMicros(last) }))
  } else if (all.length === 0) io.say('no frame failed its schema')
  else {
    const right = (name: string): { name: string; align: 'right' } => ({ name, align: 'right' })
    const columns = [
      { name: 'event' },
      { name: 'issue' },
      { name: 'path' },
      right('frames'),
      right('resolved'),
      right('fit now'),
      { name: 'last (UTC)' },
      { name: 'example' },
    ]
    const rows = all.map(({ event, issue, path, frames, resolved, fits_now, last, example }) => [
      event,
      issue,
      path,
      ...[frames, resolved, fits_now].map(formatCount),
      formatWhen(last, 'seconds'),
      example,
    ])
    await io.line(renderTable(columns, rows, (header) => io.styled('dim', header)))
    const fits = all.reduce((sum, { fits_now }) => sum + fits_now, 0)
    if (fits > 0) io.say(`${plural(fits, 'frame')} would fit now: vectra quarantine retry`)
  }
  sayCompleteness(context, onlyBadFiles(await reading.completeness()))
  return EXIT.ok
}

/** `vectra quarantine show SESSION:SEQ`: the frame, byte for byte, and what is wrong with it. */
export async function show(context: CommandContext, [frame = '']: readonly string[]): Promise<ExitCode> {
  const { io, signal } = context
  const match = /^([0-9a-f-]{8,36}):(\d{1,15})$/.exec(frame)
  if (!match)
    throw new CliError('CLI_USAGE', `${frame}: expected SESSION:SEQ, as \`vectra quarantine ls\` gives it`, {
      exitCode: EXIT.usage,
    })
  await using engine = await openData(await context.settings())
  const one = { session: match[1] ?? '', seq: BigInt(match[2] ?? '0') }
  const reading = badFrames(engine, {}, signal, one)
  for await (const found of reading) {
    const now = judge(found).issues
    if (context.json) {
      const { at, issues, ...rest } = found
      await io.line(JSON.stringify({ at: isoMicros(at), ...rest, issues, issues_now: now }))
    } else {
      await io.line(`${found.event}  ${found.direction}  ${formatWhen(found.at)}  ${found.session}:${found.seq}`)
      await io.line(found.text)
      for (const { path, code, message } of found.issues) await io.line(`then  ${path || '(payload)'}  ${code}  ${message}`)
      if (now === null) await io.line('now   fits')
      for (const { path, code, message } of now ?? []) await io.line(`now   ${path || '(payload)'}  ${code}  ${message}`)
    }
    return EXIT.ok
  }
  sayCompleteness(context, onlyBadFiles(await reading.completeness()))
  throw new CliError('CLI_FRAME_NOT_FOUND', `no frame ${frame} with issues is stored`, {
    exitCode: EXIT.failure,
    hint: '`vectra quarantine ls` lists them',
  })
}

/**
 * `vectra quarantine retry`: frames that fit the present schemas are stored again, as a session of their own with origin `retry`, each
 * followed by `schema_resolved`. The rows that were stored stay as they are, and a second retry adds nothing.
 */
export async function retry(
  context: CommandContext,
  _operands: readonly string[],
  options: QuarantineOptions & { dryRun?: boolean },
): Promise<ExitCode> {
  const { io, signal } = context
  const settings = await context.settings()
  const items: SourceItem[] = []
  const counts = { frames: 0, resolved_before: 0, resolved: 0, still_bad: 0 }
  const content = createHash('sha256')
  let first: BadFrame | null = null
  {
    await using engine = await openData(settings)
    const reading = badFrames(engine, options, signal)
    for await (const frame of reading) {
      counts.frames += 1
      if (frame.resolved) {
        counts.resolved_before += 1
        continue
      }
      if (counts.resolved >= MAX_FRAMES) {
        io.say(`the first ${formatCount(MAX_FRAMES)}; run it again for the rest`)
        break
      }
      const { issues, isAck } = judge(frame)
      if (issues !== null) {
        counts.still_bad += 1
        continue
      }
      counts.resolved += 1
      first ??= frame
      content.update(`${frame.session}:${frame.seq}\n`)
      items.push(...again(frame, isAck))
    }
    sayCompleteness(context, onlyBadFiles(await reading.completeness()))
  }
  let session: string | null = null
  if (first !== null && options.dryRun !== true) {
    const tail = content.digest()
    session = sessionIdAt(first.at, { float: () => 0, bytes: (count) => tail.subarray(0, count) })
    await using store = await openEventStore({ dir: settings.values.dataDir, encoder: settings.values['record.encoder'] })
    const source = {
      name: 'replay',
      origin: 'retry',
      repeatable: { sessionId: session, startedAt: first.at },
      async *items() {
        yield* items
      },
    } as const
    await createPipeline({ source, sink: store, clock: systemClock(), random: systemRandom() }).run()
    await store.flush()
  }
  if (context.json) await io.line(JSON.stringify({ ...counts, dry_run: options.dryRun === true, session }))
  else {
    const done = options.dryRun === true ? 'would be stored again as they fit now' : 'stored again as they fit now'
    await io.line(
      `${plural(counts.frames, 'frame')} with issues: ${formatCount(counts.resolved)} ${done}, ${formatCount(counts.resolved_before)} before, ${formatCount(counts.still_bad)} still do not fit`,
    )
  }
  return EXIT.ok
}

/** The frame again, and the note that ties it to the first. An ack alone cannot be decoded without its request: it is only noted. */
function again({ session, seq, event, at, direction, text }: BadFrame, isAck: boolean): SourceItem[] {
  const note = { kind: 'note', name: 'schema_resolved', at, payload: { session_id: session, seq, event } } as const
  if (isAck) return [note]
  return [{ kind: 'frame', frame: { text, direction, at, connection: `retry-${session}` } }, note]
}
