import { existsSync } from 'node:fs'
import type { CommandContext } from '../context.ts'
import { EXIT, type ExitCode } from '../exit-codes.ts'
import { failureOf } from '../failure.ts'
import { renderPairs } from '../terminal/table.ts'
import { formatSize, plural } from '../terminal/units.ts'
import { formatAge, isoMicros } from '../terminal/when.ts'
import { packageVersion } from '../version.ts'

/** What bare `vectra` knows. Null where there is nothing yet, or it cannot be read. */
interface Overview {
  readonly version: string
  readonly data_dir: string
  readonly exists: boolean
  readonly running: readonly { session: string; source: string | null; since: string | null }[]
  readonly events: number | null
  readonly files: number | null
  readonly bytes: number | null
  readonly last_event: string | null
  readonly problem: string | null
}

/** `vectra` alone: what is running, where the data is, the next step. Never an error. */
export async function home(context: CommandContext): Promise<ExitCode> {
  const overview = await look(context)
  if (context.json) {
    await context.io.line(JSON.stringify(overview))
    return EXIT.ok
  }
  const { io } = context
  const { running, last_event: last } = overview
  const stored =
    overview.events === null || overview.events === 0
      ? 'nothing yet'
      : `${plural(overview.events, 'event')} in ${plural(overview.files ?? 0, 'file')}, ${formatSize(overview.bytes ?? 0)}${last === null ? '' : `; last ${formatAge(Date.parse(last) * 1_000, Date.now())}`}`
  await io.line(
    renderPairs([
      [io.styled('bold', 'vectra'), overview.version],
      [
        'running',
        running.length === 0
          ? 'no recorder'
          : running.map(({ session, source }) => `${source ?? 'recorder'} session ${session}`).join(', '),
      ],
      ['data', `${overview.data_dir}${overview.exists ? '' : '  (not there yet)'}`],
      ['stored', overview.problem === null ? stored : `not readable: ${overview.problem}`],
      ['next', nextStep(overview)],
    ]),
  )
  return EXIT.ok
}

function nextStep({ events, problem, running }: Overview): string {
  if (problem !== null) return 'vectra store verify'
  if (events === null || events === 0)
    return running.length > 0 ? 'vectra tail' : 'vectra record --duration 1m   or   vectra import FILE…'
  return running.length > 0
    ? 'vectra tail'
    : 'vectra games   or   vectra query "SELECT event_name, count(*) FROM events GROUP BY 1"'
}

async function look(context: CommandContext): Promise<Overview> {
  const nothing = {
    version: packageVersion(),
    data_dir: '',
    exists: false,
    running: [],
    events: null,
    files: null,
    bytes: null,
    last_event: null,
    problem: null,
  }
  try {
    const { values } = await context.settings()
    const here = { ...nothing, data_dir: values.dataDir, exists: existsSync(values.dataDir) }
    if (!here.exists) return here
    try {
      const { liveSessions, openCatalog, storePaths } = await import('@vectra/event-store')
      if (!existsSync(storePaths(values.dataDir).catalog)) return here
      using catalog = openCatalog(values.dataDir)
      const { files, sessions } = catalog.snapshot()
      const live = liveSessions(values.dataDir).map(({ sessionId }) => sessionId)
      return {
        ...here,
        running: live.map((session) => {
          const known = sessions.find(({ sessionId }) => sessionId === session)
          return { session, source: known?.source ?? null, since: known?.openedAt == null ? null : isoMicros(known.openedAt) }
        }),
        events: sessions.reduce((sum, { rows }) => sum + rows, 0),
        files: files.length,
        bytes: files.reduce((sum, { bytes }) => sum + bytes, 0),
        last_event: files.length === 0 ? null : isoMicros(files.reduce((last, { tsMax }) => Math.max(last, tsMax), 0)),
      }
    } catch (error) {
      return { ...here, problem: failureOf(error).message }
    }
  } catch (error) {
    return { ...nothing, problem: failureOf(error).message }
  }
}
