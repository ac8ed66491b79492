import { liveSessions, type Session } from '@vectra/event-store'
import { onlyBadFiles, sayCompleteness } from '../completeness-note.ts'
import type { CommandContext } from '../context.ts'
import { openData } from '../data.ts'
import { EXIT, type ExitCode } from '../exit-codes.ts'
import { jsonRecord } from '../json-record.ts'
import { renderTable } from '../terminal/table.ts'
import { formatCount, formatDuration } from '../terminal/units.ts'
import { formatWhen } from '../terminal/when.ts'

/** `vectra sessions`: recordings and imports, newest first. */
export async function sessions(
  context: CommandContext,
  _operands: readonly string[],
  options: { limit: number },
): Promise<ExitCode> {
  const { io, signal } = context
  const settings = await context.settings()
  await using engine = await openData(settings)
  const live = new Set(liveSessions(settings.values.dataDir).map(({ sessionId }) => sessionId))
  const all: Session[] = []
  const reading = engine.sessions({ signal })
  for await (const session of reading) all.push(session)
  const shown = all.reverse().slice(0, options.limit)
  const state = (session: Session): string => (live.has(session.sessionId) ? 'recording' : session.ended ? 'ended' : 'cut off')
  if (context.json) {
    for (const session of shown)
      await io.line(JSON.stringify({ ...jsonRecord(session), state: state(session).replace(' ', '_') }))
  } else if (shown.length === 0) io.say('no sessions: nothing recorded or imported yet')
  else {
    const right = (name: string): { name: string; align: 'right' } => ({ name, align: 'right' })
    const columns = [
      { name: 'session' },
      { name: 'source' },
      { name: 'origin' },
      { name: 'from (UTC)' },
      right('length'),
      right('events'),
      right('games'),
      right('gaps'),
      right('missing'),
      { name: 'state' },
    ]
    const rows = shown.map((session) => [
      session.sessionId,
      session.source,
      session.origin ?? '',
      formatWhen(session.firstTs, 'seconds'),
      formatDuration((session.lastTs - session.firstTs) / 1_000),
      ...[session.events, session.games, session.gaps, session.missing].map(formatCount),
      state(session),
    ])
    await io.line(renderTable(columns, rows, (header) => io.styled('dim', header)))
  }
  if (all.length > shown.length) io.say(`the newest ${shown.length} of ${formatCount(all.length)}; more with --limit`)
  sayCompleteness(context, onlyBadFiles(await reading.completeness()))
  return EXIT.ok
}
