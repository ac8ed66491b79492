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
  readonly running: readonly Running[]
  readonly events: number | null
  readonly files: number | null
  readonly bytes: number | null
  readonly last_event: string | null
  readonly problem: string | null
}

/** One live session, with what its recorder says of itself. */
interface Running {
  readonly session: string
  readonly source: string | null
  readonly since: string | null
  readonly pid: number | null
  /** Where status and metrics are; null when the recorder serves none. */
  readonly url: string | null
  /** Null when the recorder did not answer in time. */
  readonly status: RunningStatus | null
}

/** What is shown of a recorder's `/status`. */
interface RunningStatus {
  readonly state: string
  readonly ready: boolean
  readonly reasons: readonly string[]
  readonly connection: string | null
  readonly events: number
  readonly gaps: number
  readonly game: { readonly id: string | null; readonly phase: string | null; readonly tick: number | null }
}

/** An answer on loopback takes a millisecond; a recorder that is stuck must not keep anybody waiting. */
const STATUS_WAIT_MS = 500

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
          : running.map((one) => `${one.source ?? 'recorder'} session ${one.session}${told(one)}`).join('\n         '),
      ],
      ['data', `${overview.data_dir}${overview.exists ? '' : '  (not there yet)'}`],
      ['stored', overview.problem === null ? stored : `not readable: ${overview.problem}`],
      ['next', nextStep(overview)],
    ]),
  )
  return EXIT.ok
}

function told({ status, url, pid }: Running): string {
  const where = url === null ? (pid === null ? '' : ` (process ${pid})`) : `  ${url}/status`
  if (status === null) return where
  const { state, ready, reasons, events, gaps, game } = status
  const round =
    game.id === null ? '' : `, game …${game.id.slice(-8)} ${game.phase ?? ''}${game.tick === null ? '' : ` tick ${game.tick}`}`
  const health = ready ? 'live' : reasons.join(', ') || state
  return `: ${health}, ${plural(events, 'event')}, ${plural(gaps, 'gap')}${round}${where}`
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
      const live = liveSessions(values.dataDir)
      return {
        ...here,
        running: await Promise.all(
          live.map(async ({ sessionId: session, pid }): Promise<Running> => {
            const known = sessions.find(({ sessionId }) => sessionId === session)
            const url = opsOf(known?.meta)
            return {
              session,
              source: known?.source ?? null,
              since: known?.openedAt == null ? null : isoMicros(known.openedAt),
              pid,
              url,
              status: url === null ? null : await statusOf(url, session),
            }
          }),
        ),
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

/** Where the recorder of a session said that it serves its status. Any other address than one of this machine is nobody's. */
function opsOf(meta: unknown): string | null {
  const url = typeof meta === 'object' && meta !== null && 'ops' in meta ? meta.ops : undefined
  return typeof url === 'string' && URL.parse(url)?.hostname === '127.0.0.1' ? url : null
}

async function statusOf(url: string, session: string): Promise<RunningStatus | null> {
  try {
    const answer = await fetch(`${url}/status`, { signal: AbortSignal.timeout(STATUS_WAIT_MS) })
    const { state, ready, reasons, sources } = (await answer.json()) as Omit<RunningStatus, 'connection'> & {
      sources: readonly (Omit<RunningStatus, 'state' | 'ready' | 'reasons'> & { session: string })[]
    }
    const own = sources.find((source) => source.session === session)
    // Another recorder may have the port by now.
    if (own === undefined) return null
    const { connection, events, gaps, game } = own
    return { state, ready, reasons, connection, events, gaps, game: { id: game.id, phase: game.phase, tick: game.tick } }
  } catch {
    return null
  }
}
