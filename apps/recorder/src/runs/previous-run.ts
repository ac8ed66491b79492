import { existsSync } from 'node:fs'
import { type FileMeta, openCatalog, openQuery, type SessionMeta, storePaths } from '@vectra/event-store'
import type { Micros } from '@vectra/schemas'
import { feedOfSession } from './feed.ts'

/** The last recording of a feed, as far as it matters for what came after it. */
export interface PreviousRun {
  readonly session: string
  /** `stopped`: it ended in order, and declared its own gaps up to then. `killed`: its last durable row is the last sign of life. */
  readonly end: 'stopped' | 'killed'
  /** From here on nothing is accounted for: the end of the session, or the last frame of one that was killed. */
  readonly from: Micros
  /** Its last durable row of any kind: until then the process lived, connected or not. */
  readonly aliveUntil: Micros
  /** Null when it got none, or the rows would have to be read and cannot be. */
  readonly lastFrameAt: Micros | null
  /** Frames per second at its end; null when it had too few. */
  readonly perSecond: number | null
}

/** Frames and part files over which the rate is taken, at least. */
const RATE = { frames: 64, files: 4 } as const

/**
 * The last run of each feed, read after the store repaired what dead recorders left. A feed that a live process records
 * has none: it is being recorded.
 *
 * Every durable row is a heartbeat: a feed in any state makes rows (frames, `stale`, connection attempts), so the last one is
 * at most the stale limit older than the end of the process. See docs/decisions/0011.
 */
export async function previousRuns(
  dir: string,
  feeds: readonly (string | undefined)[],
  live: ReadonlySet<string>,
): Promise<readonly (PreviousRun | null)[]> {
  if (!existsSync(storePaths(dir).catalog)) return feeds.map(() => null)
  using catalog = openCatalog(dir)
  const sessions = catalog.sessions()
  const files = catalog.files()
  const order = new Map<string, number>()
  for (const { sessionId, generation } of files)
    if (sessionId !== null) order.set(sessionId, Math.max(generation, order.get(sessionId) ?? 0))
  // The catalog's own count says which run was the last one, also when the clock does not.
  const published = ({ sessionId }: SessionMeta): number => order.get(sessionId) ?? 0
  return Promise.all(
    feeds.map(async (feed) => {
      if (feed === undefined) return null
      const runs = sessions.filter((session) => feedOfSession(session) === feed)
      if (runs.some(({ sessionId }) => live.has(sessionId))) return null
      const last = runs.toSorted((a, b) => published(a) - published(b) || (a.openedAt ?? 0) - (b.openedAt ?? 0)).at(-1)
      return last === undefined ? null : await describeRun(dir, last, files)
    }),
  )
}

/** What is known of one run from the list of part files; from its rows when compaction has merged them. */
export async function describeRun(dir: string, session: SessionMeta, files: readonly FileMeta[]): Promise<PreviousRun> {
  const own = files.filter(({ sessionId }) => sessionId === session.sessionId)
  const frames = own.filter(({ docType }) => docType === 'ws_event').sort((a, b) => a.seqLast - b.seqLast)
  const openedAt = session.openedAt ?? 0
  const lastFrameAt = frames.at(-1)?.tsMax ?? (session.rows === 0 ? null : await lastFrameFromRows(dir, session))
  const lastFrame = lastFrameAt ?? openedAt
  const lastRow = own.reduce((latest, { tsMax }) => Math.max(latest, tsMax), lastFrame)
  return {
    session: session.sessionId,
    end: session.endedAt === null ? 'killed' : 'stopped',
    from: session.endedAt ?? lastFrame,
    lastFrameAt,
    aliveUntil: Math.max(session.endedAt ?? 0, lastRow),
    perSecond: rateOf(frames),
  }
}

/** Rate of the last files: a recorder that flushes often has few frames in each. */
function rateOf(files: readonly FileMeta[]): number | null {
  const last: FileMeta[] = []
  let rows = 0
  for (const file of files.toReversed()) {
    if (last.length >= RATE.files && rows >= RATE.frames) break
    last.push(file)
    rows += file.rows
  }
  const span = (last[0]?.tsMax ?? 0) - (last.at(-1)?.tsMin ?? 0)
  return rows < RATE.frames || span <= 0 ? null : (rows * 1e6) / span
}

/** Merged parts hold many sessions, so their times say nothing about one. Null without DuckDB: the start is safe, if early. */
async function lastFrameFromRows(dir: string, session: SessionMeta): Promise<Micros | null> {
  try {
    await using query = await openQuery({ dir, threads: 1, memoryLimit: '128MB' })
    const { rows } = await query.sql('SELECT max(ts) FROM ws_event WHERE session_id = $1', { params: [session.sessionId] })
    const last = rows[0]?.[0]
    return typeof last === 'number' ? last : null
  } catch {
    return null
  }
}
