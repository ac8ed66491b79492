import type { RecorderStatus, SourceStatus } from '@vectra/recorder'
import type { LogFields } from './terminal/log.ts'
import { formatCount, formatDuration, formatSize } from './terminal/units.ts'

/** Events per second over the last few seconds. */
export class StatusRate {
  readonly #points: { readonly at: number; readonly events: number }[] = []

  /** Notes a count and gives the rate since the oldest point of the last three seconds. */
  next(at: number, events: number): number {
    this.#points.push({ at, events })
    while (this.#points.length > 2 && at - (this.#points[0]?.at ?? at) > 3_000) this.#points.shift()
    const first = this.#points[0]
    return first === undefined || at === first.at ? 0 : ((events - first.events) * 1_000) / (at - first.at)
  }
}

/** What the store adds to a status. */
export interface StoredState {
  readonly parts: number
  readonly pendingBytes: number
}

const MARKS: Readonly<Record<string, string>> = {
  connect: '●',
  reconnect: '●',
  disconnect: '○',
  connect_error: '○',
  stale: '◌',
  overflow: '●',
}
const WORDS: Readonly<Record<string, string>> = {
  connect: 'live',
  reconnect: 'live',
  disconnect: 'reconnecting',
  connect_error: 'no connection, trying again',
  stale: 'silent, reconnecting',
  overflow: 'live, behind',
}

/** `● public_ws live  12.1 ev/s  stored 48,211  game …b433 ACTIVE tick 143 2.31x  gaps 0  files 62  3m 05s` */
export function recordingLine(
  status: RecorderStatus | undefined,
  rate: StatusRate,
  { parts, pendingBytes, stopping }: StoredState & { stopping: boolean },
): string {
  if (status === undefined) return 'opening the store…'
  const [source] = status.sources
  if (source === undefined) return ''
  const { live } = status.sources.find((each) => each.live.gameId !== null) ?? source
  const waiting = status.events - status.stored
  const round =
    live.gameId === null
      ? ''
      : `game …${live.gameId.slice(-8)} ${live.phase ?? ''}${live.tick === null ? '' : ` tick ${live.tick}`}${live.price === null ? '' : ` ${live.price.toFixed(2)}x`}`
  return [
    ...status.sources.map(
      (each) => `${MARKS[each.connection ?? ''] ?? '…'} ${each.source} ${stopping ? 'stopping' : wordOf(each)}`,
    ),
    `${rate.next(status.elapsedMs, status.events).toFixed(1)} ev/s`,
    `stored ${formatCount(status.stored)}${waiting > 0 ? ` (+${formatCount(waiting)})` : ''}`,
    round,
    live.gamesEnded > 0 ? `games ${live.gamesEnded}` : '',
    `gaps ${status.gaps}`,
    `files ${formatCount(parts)}${pendingBytes > 1_000_000 ? ` (${formatSize(pendingBytes)} waiting)` : ''}`,
    elapsed(status.elapsedMs),
  ]
    .filter((part) => part !== '')
    .join('  ')
}

/** What a source is doing. One that connects to nothing is live from its first frame on. */
function wordOf({ connection, source, counters }: SourceStatus): string {
  if (connection !== null) return WORDS[connection] ?? connection
  if (source === 'replay') return counters.framesIn === 0 ? 'starting' : 'playing'
  return source === 'cdp' ? 'waiting for the page to connect' : 'connecting'
}

/** Whole seconds: tenths would only flicker. */
function elapsed(ms: number): string {
  return ms < 60_000 ? `${Math.floor(ms / 1_000)}s` : formatDuration(ms)
}

/** The same facts for a log line. */
export function statusFields(status: RecorderStatus | undefined, { parts, pendingBytes }: StoredState): LogFields {
  const [source] = status?.sources ?? []
  if (status === undefined || source === undefined) return {}
  const { live, connection, session } = source
  return {
    session,
    connection,
    events: status.events,
    stored: status.stored,
    gaps: status.gaps,
    files: parts,
    pendingBytes,
    gameId: live.gameId,
    phase: live.phase,
    tick: live.tick,
    games: live.gamesEnded,
    elapsedMs: Math.round(status.elapsedMs),
  }
}
