import { openCatalog, openQuery, recoverStore, type SessionMeta } from '@vectra/event-store'
import type { Source } from '@vectra/ingest'
import type { Clock, EventEnvelope, Micros } from '@vectra/schemas'
import type { AnnotatedSource } from './annotated.ts'
import { FrameMemory } from './frame-memory.ts'
import { describeRun } from './previous-run.ts'
import { processDownGap } from './process-down.ts'
import type { Rival } from './rivals.ts'

/** Payload of a `takeover` system event. */
export interface TakeoverNote {
  readonly from_session: string
  readonly from_pid: number
  /** How the one before ended: in order, or dead before its work was done. Null while it still runs. */
  readonly previous_end: 'stopped' | 'killed' | null
  /** First frame here and last frame there. */
  readonly first_at: Micros
  readonly last_at: Micros | null
  /** Frames that both recorded, byte for byte; null when that could not be counted. */
  readonly duplicates: number | null
}

/** What a takeover says while it goes on, for a log. */
export type TakeoverStep =
  | { readonly step: 'waiting'; readonly pids: readonly number[] }
  | { readonly step: 'connected'; readonly pids: readonly number[] }
  | { readonly step: 'asked'; readonly pid: number }
  | { readonly step: 'cannot_ask'; readonly pid: number; readonly why: string }
  | { readonly step: 'still_running'; readonly pid: number }
  | ({ readonly step: 'taken' } & TakeoverNote)

/** What {@link Takeover} needs. */
export interface TakeoverOptions {
  readonly dir: string
  readonly clock: Clock
  readonly rivals: readonly Rival[]
  /** Own feeds, each with the source that notes are put into. */
  readonly feeds: readonly {
    readonly feed: string | undefined
    readonly annotated: AnnotatedSource
    readonly name: Source['name']
  }[]
  /** How a process is asked to end. Default `SIGTERM`. */
  readonly ask?: (pid: number) => void
  /** Which sessions are still being written. */
  readonly live: () => ReadonlySet<string>
  readonly onStep?: ((step: TakeoverStep) => void) | undefined
  /** Both record for this long before the older one is asked to end. Default 500 ms. */
  readonly overlapMs?: number
  /** How long the older one may take to end. Default 30 s, three times its own limit. */
  readonly patienceMs?: number
}

const POLL_MS = 50

/**
 * Takes running recordings over without a hole: this process connects and makes its first frames durable, only then the older
 * ones are asked to end, and what both recorded is counted. An older one that dies on its own leaves a gap row if, and only
 * if, frames may be missing. If this process never gets a frame, nothing happens to the others.
 */
export class Takeover {
  readonly #options: TakeoverOptions
  readonly #memories: Map<string, FrameMemory>
  /** Feed by session of ours, filled once the recorder runs. */
  #sessions = new Map<string, string>()
  #wake: () => void = () => {}

  constructor(options: TakeoverOptions) {
    this.#options = options
    this.#memories = new Map(options.rivals.map(({ feed }) => [feed, new FrameMemory()]))
  }

  /** Which session of ours records which feed. */
  sessions(feedBySession: ReadonlyMap<string, string>): void {
    this.#sessions = new Map(feedBySession)
  }

  /** A batch became durable here. */
  acked(batch: readonly EventEnvelope[]): void {
    const feed = this.#sessions.get(batch[0]?._session_id ?? '')
    const memory = feed === undefined ? undefined : this.#memories.get(feed)
    if (memory === undefined) return
    memory.add(batch)
    if (memory.firstAt !== null) this.#wake()
  }

  /** Runs until everything is taken over, or the signal says that this process ends itself. */
  async run(signal: AbortSignal): Promise<void> {
    const { rivals, overlapMs = 500, onStep } = this.#options
    const pids = [...new Set(rivals.map(({ pid }) => pid))]
    onStep?.({ step: 'waiting', pids })
    while (!this.#connected() && !signal.aborted) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve
        signal.addEventListener('abort', () => resolve(), { once: true })
      })
    }
    if (!signal.aborted) await this.#pause(overlapMs, signal)
    if (signal.aborted) return
    onStep?.({ step: 'connected', pids })
    await Promise.all(
      pids.map((pid) =>
        this.#relieve(
          pid,
          rivals.filter((rival) => rival.pid === pid),
          signal,
        ),
      ),
    )
    this.#memories.clear()
  }

  /** Every feed that another process records gives frames here, too. */
  #connected(): boolean {
    return [...this.#memories.values()].every(({ firstAt }) => firstAt !== null)
  }

  async #relieve(pid: number, rivals: readonly Rival[], signal: AbortSignal): Promise<void> {
    const { clock, live, onStep, patienceMs = 30_000 } = this.#options
    const running = (): boolean => rivals.some(({ session }) => live().has(session))
    if (running()) this.#ask(pid, rivals)
    const until = clock.monotonic() + patienceMs
    while (running() && clock.monotonic() < until && !signal.aborted) await this.#pause(POLL_MS, signal)
    if (running()) {
      onStep?.({ step: 'still_running', pid })
      for (const rival of rivals) this.#note(rival, null, null, null)
      return
    }
    for (const rival of rivals) await this.#settle(rival)
  }

  #ask(pid: number, rivals: readonly Rival[]): void {
    const { onStep, ask = (id) => void process.kill(id, 'SIGTERM') } = this.#options
    if (rivals.some(({ reachable }) => !reachable)) {
      onStep?.({ step: 'cannot_ask', pid, why: 'it runs in another container; stop it there, this one records already' })
      return
    }
    try {
      ask(pid)
      onStep?.({ step: 'asked', pid })
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? error.code : undefined
      if (code === 'ESRCH') return
      onStep?.({ step: 'cannot_ask', pid, why: code === 'EPERM' ? 'it belongs to another user' : String(error) })
    }
  }

  /** The older one is gone: what it left becomes parts, and both recordings are held against each other. */
  async #settle(rival: Rival): Promise<void> {
    const { dir } = this.#options
    if (sessionOf(dir, rival.session)?.endedAt == null) await recoverStore({ dir })
    const session = sessionOf(dir, rival.session)
    const memory = this.#memories.get(rival.feed)
    const firstAt = memory?.firstAt ?? null
    if (session === undefined || memory === undefined || firstAt === null) return
    const run = await describeRun(dir, session, filesOf(dir))
    const own = this.#options.feeds.find(({ feed }) => feed === rival.feed)
    const both = await duplicates(dir, rival.session, firstAt, memory)
    const lastAt = both?.lastAt ?? run.lastFrameAt
    if (own !== undefined && (lastAt === null || lastAt < firstAt) && (both?.count ?? 0) === 0) {
      const from = Math.min(lastAt ?? run.from, firstAt)
      own.annotated.put({ kind: 'gap', gap: processDownGap({ ...run, from }, firstAt, own.name), at: this.#options.clock.now() })
    }
    this.#note(rival, run.end, lastAt, both?.count ?? null)
  }

  #note(rival: Rival, end: TakeoverNote['previous_end'], lastAt: Micros | null, count: number | null): void {
    const { feeds, clock, onStep } = this.#options
    const firstAt = this.#memories.get(rival.feed)?.firstAt
    if (firstAt == null) return
    const note: TakeoverNote = {
      from_session: rival.session,
      from_pid: rival.pid,
      previous_end: end,
      first_at: firstAt,
      last_at: lastAt,
      duplicates: count,
    }
    feeds
      .find(({ feed }) => feed === rival.feed)
      ?.annotated.put({ kind: 'note', name: 'takeover', payload: note, at: clock.now() })
    onStep?.({ step: 'taken', ...note })
  }

  #pause(ms: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        cancel()
        signal.removeEventListener('abort', done)
        resolve()
      }
      const cancel = this.#options.clock.timer(ms, done)
      signal.addEventListener('abort', done, { once: true })
      if (signal.aborted) done()
    })
  }
}

function sessionOf(dir: string, session: string): SessionMeta | undefined {
  using catalog = openCatalog(dir)
  return catalog.sessions().find(({ sessionId }) => sessionId === session)
}

function filesOf(dir: string): ReturnType<ReturnType<typeof openCatalog>['files']> {
  using catalog = openCatalog(dir)
  return catalog.files()
}

/** Slack for receive times: the same frame reaches two processes at two moments. */
const SLACK_US = 5_000_000

/** Counts the frames of the older recording that this one has, too. Null without DuckDB: then only times can tell. */
async function duplicates(
  dir: string,
  session: string,
  since: Micros,
  memory: FrameMemory,
): Promise<{ count: number; lastAt: Micros | null } | null> {
  try {
    await using query = await openQuery({ dir, threads: 1, memoryLimit: '256MB' })
    let count = 0
    let lastAt: Micros | null = null
    for await (const { packet, raw_json, ts, direction, doc_type } of query.events({
      sessionId: session,
      since: since - SLACK_US,
    })) {
      if (doc_type !== 'ws_event' || direction !== 'received') continue
      if (/^(?:4[2356]|b)/.test(packet ?? '')) lastAt = ts
      if (memory.take(packet ?? '', raw_json ?? '')) count += 1
    }
    return { count, lastAt }
  } catch {
    return null
  }
}
