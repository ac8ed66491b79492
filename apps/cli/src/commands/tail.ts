import { setTimeout as wait } from 'node:timers/promises'
import type { Cursor, EventRow, QueryEngine } from '@vectra/event-store'
import type { CommandContext } from '../context.ts'
import { openData, resolveGame, resolveSession } from '../data.ts'
import { EXIT, type ExitCode } from '../exit-codes.ts'
import { type EventOptions, matches, printEvent } from './events.ts'

/**
 * `vectra tail`: the last events, then each one as it is acknowledged, until stopped.
 *
 * It follows journals and part files: an event shows at the next look after its acknowledgement, in every recorder's order.
 */
export async function tail(
  context: CommandContext,
  _operands: readonly string[],
  options: EventOptions & { lines: number; interval: number },
): Promise<ExitCode> {
  const { io, signal } = context
  await using engine = await openData(await context.settings(), { fresh: true })
  try {
    const gameId = options.game === undefined ? undefined : await resolveGame(engine, options.game, signal)
    const sessionId = options.session === undefined ? undefined : await resolveSession(engine, options.session, signal)
    const filter = { gameId, sessionId, events: options.event, signal }
    let generation = engine.generation()
    let cursor = await engine.cursor({ signal })
    for (const row of await lastRows(engine, cursor, options, filter)) await printEvent(context, row, options)
    if (io.stderrIsLive) io.say('following; Ctrl-C ends')
    while (!signal.aborted) {
      await wait(options.interval, undefined, { signal })
      const now = engine.generation()
      if (now === generation) continue
      generation = now
      // What is stored before this read counts as seen even where the filter left it out.
      const upTo = await engine.cursor({ signal })
      const seen: Record<string, number> = {}
      for await (const row of engine.eventsAfter(cursor, filter)) {
        seen[row.session_id] = Math.max(row.seq, seen[row.session_id] ?? 0)
        if (matches(row, options)) await printEvent(context, row, options)
      }
      cursor = later(cursor, upTo, seen)
    }
  } catch (error) {
    if (!signal.aborted) throw error
  }
  return EXIT.ok
}

async function lastRows(
  engine: QueryEngine,
  cursor: Cursor,
  options: EventOptions & { lines: number },
  filter: {
    gameId: string | undefined
    sessionId: string | undefined
    events: readonly string[] | undefined
    signal: AbortSignal
  },
): Promise<EventRow[]> {
  const rows: EventRow[] = []
  if (options.lines === 0) return rows
  for await (const row of engine.events({ ...filter, order: 'desc', pageRows: Math.max(50, options.lines) })) {
    if (row.seq > (cursor[row.session_id] ?? 0) || !matches(row, options)) continue
    rows.push(row)
    if (rows.length === options.lines) break
  }
  return rows.reverse()
}

function later(...cursors: readonly Cursor[]): Cursor {
  const merged: Record<string, number> = {}
  for (const cursor of cursors)
    for (const [session, seq] of Object.entries(cursor)) merged[session] = Math.max(seq, merged[session] ?? 0)
  return merged
}
