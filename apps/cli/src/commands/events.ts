import type { EventRow } from '@vectra/event-store'
import type { DocType, EventSource } from '@vectra/schemas'
import { sayCompleteness } from '../completeness-note.ts'
import type { CommandContext } from '../context.ts'
import { openData, resolveGame, resolveSession } from '../data.ts'
import { eventLine, frameText } from '../event-line.ts'
import { EXIT, type ExitCode } from '../exit-codes.ts'
import { jsonRecord } from '../json-record.ts'
import { timeRange } from '../time-range.ts'

/** Filters that `events` and `tail` share. */
export interface EventOptions {
  readonly game?: string
  readonly event?: readonly string[]
  readonly source?: EventSource
  readonly session?: string
  readonly direction?: string
  readonly raw?: boolean
}

/** `vectra events`: stored events, oldest first, filtered. */
export async function events(
  context: CommandContext,
  _operands: readonly string[],
  options: EventOptions & { since?: string; until?: string; type?: DocType; last?: boolean; limit: number },
): Promise<ExitCode> {
  const { io, signal } = context
  const range = timeRange(options)
  await using engine = await openData(await context.settings())
  const gameId = options.game === undefined ? undefined : await resolveGame(engine, options.game, signal)
  const sessionId = options.session === undefined ? undefined : await resolveSession(engine, options.session, signal)
  const found: EventRow[] = []
  const rows = engine.events({
    ...range,
    gameId,
    sessionId,
    events: options.event,
    docTypes: options.type === undefined ? undefined : [options.type],
    order: options.last === true ? 'desc' : 'asc',
    signal,
  })
  let more = false
  for await (const row of rows) {
    if (!matches(row, options)) continue
    if (found.length === options.limit) {
      more = true
      break
    }
    // Only the last ones have to be turned round; the others are printed as they come.
    if (options.last === true) found.push(row)
    else {
      found.push(row)
      await printEvent(context, row, options)
    }
  }
  if (options.last === true) for (const row of found.reverse()) await printEvent(context, row, options)
  if (found.length === 0) io.say('no such events')
  sayCompleteness(context, await rows.completeness())
  if (more) io.say(`the ${options.last === true ? 'last' : 'first'} ${options.limit}; more with --limit`)
  return EXIT.ok
}

/** Filters that the query layer does not take. */
export function matches(row: EventRow, { source, direction }: EventOptions): boolean {
  return (source === undefined || row.source === source) && (direction === undefined || row.direction === direction)
}

/** One event in the form that was asked for: a line, a JSON object, or the frame itself. */
export async function printEvent({ io, json }: CommandContext, row: EventRow, { raw }: EventOptions): Promise<void> {
  if (raw === true) {
    const frame = frameText(row)
    if (frame !== null) await io.line(frame)
  } else await io.line(json ? JSON.stringify(jsonRecord(row)) : eventLine(row, io.stdoutIsTerminal ? io.columns() : undefined))
}
