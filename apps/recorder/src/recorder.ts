import {
  type BalanceSheet,
  type ConnectionStatus,
  createPipeline,
  type Details,
  type EventSink,
  type Pipeline,
  type PipelineSummary,
  type Source,
  type SubscribeOptions,
  type Subscription,
} from '@vectra/ingest'
import type { Clock, EventEnvelope, EventSource, Random } from '@vectra/schemas'
import { RecorderError } from './errors.ts'
import { EMPTY_VIEW, type LiveView, nextView } from './live-view.ts'
import { seedPath } from './seed-path.ts'

/** What {@link runRecorder} needs. It opens and closes nothing: the store stays the caller's. */
export interface RecorderOptions {
  /** Each one becomes a session of its own. */
  readonly sources: readonly [Source, ...Source[]]
  /** An `EventStore`, or anything that keeps its promises. */
  readonly store: EventSink
  readonly clock: Clock
  readonly random: Random
  /** Aborting it stops in order: sources first, then everything received is stored. */
  readonly signal?: AbortSignal | undefined
  readonly durationMs?: number | undefined
  /** Stop when one source has seen this many games end. */
  readonly untilGames?: number | undefined
  /**
   * How long the first connection of a source may take; later outages are waited out for ever, and so is a source that waits
   * for a person. Default and 0: for ever.
   */
  readonly connectTimeoutMs?: number | undefined
  /** Facts about this process for every session's rows, beside the source's own. */
  readonly meta?: Details | undefined
  /** Connection changes as they happen, for a log. */
  readonly onConnection?: ((session: string, status: ConnectionStatus) => void) | undefined
}

/** One source of a running recorder. */
export interface SourceStatus {
  readonly session: string
  readonly source: EventSource
  /** Null before the first word from the source. */
  readonly connection: ConnectionStatus['kind'] | null
  readonly counters: BalanceSheet
  readonly live: LiveView
  /** Events that slow lossy subscribers of the bus did not get. */
  readonly busDropped: number
}

/** A running recorder at one moment. */
export interface RecorderStatus {
  readonly elapsedMs: number
  /** Frames received, all sources. */
  readonly events: number
  /** Of those, durable. */
  readonly stored: number
  readonly gaps: number
  readonly sources: readonly SourceStatus[]
}

/** Why a recorder stopped. */
export type StopReason = 'signal' | 'duration' | 'until_games' | 'source_ended'

/** What a recorder did. */
export interface RecorderSummary {
  readonly reason: StopReason
  readonly elapsedMs: number
  readonly games: number
  readonly sources: readonly (PipelineSummary & { readonly source: EventSource })[]
}

/** A recorder that runs. */
export interface Recorder {
  status(): RecorderStatus
  /** What one source records, from now on and before it is durable. `source` is its place in the options. */
  subscribe(source: number, options?: SubscribeOptions<EventEnvelope>): Subscription<EventEnvelope>
  /**
   * Settles when everything received is stored and the sessions are ended.
   *
   * @throws RecorderError `RECORDER_UNREACHABLE`, or the first source's error; the other sources are stopped in order before
   */
  readonly finished: Promise<RecorderSummary>
}

/** Starts recording: one pipeline per source into one store, until the signal, a limit, or the sources' own end. */
export function runRecorder(options: RecorderOptions): Recorder {
  const { sources, clock, signal } = options
  const startedAt = clock.monotonic()
  const stop = new AbortController()
  let reason: StopReason | undefined
  const stopFor = (why: StopReason): void => {
    reason ??= why
    stop.abort()
  }
  const lanes = sources.map((source) =>
    openLane(source, options, (games) => {
      if (options.untilGames !== undefined && games >= options.untilGames) stopFor('until_games')
    }),
  )
  const onSignal = (): void => stopFor('signal')
  if (signal?.aborted === true) onSignal()
  else signal?.addEventListener('abort', onSignal, { once: true })
  const cancelLimit =
    options.durationMs === undefined ? undefined : clock.timer(options.durationMs, () => stopFor('duration'), { keepAlive: true })

  const status = (): RecorderStatus => {
    const current = lanes.map(
      ({ pipeline, source, view, connection }): SourceStatus => ({
        session: pipeline.sessionId,
        source: source.name,
        connection: connection(),
        counters: pipeline.counters(),
        live: view(),
        busDropped: pipeline.bus.stats().reduce((sum, { dropped }) => sum + dropped, 0),
      }),
    )
    const sum = (pick: (counters: BalanceSheet) => number): number =>
      current.reduce((total, { counters }) => total + pick(counters), 0)
    return {
      elapsedMs: clock.monotonic() - startedAt,
      events: sum(({ framesIn }) => framesIn),
      stored: sum(({ stored }) => stored),
      gaps: sum(({ gaps }) => gaps),
      sources: current,
    }
  }

  const run = async (): Promise<RecorderSummary> => {
    const results = await Promise.allSettled(
      lanes.map(async (lane) => {
        try {
          return await lane.run(stop.signal)
        } catch (error) {
          stop.abort()
          throw error
        }
      }),
    )
    cancelLimit?.()
    signal?.removeEventListener('abort', onSignal)
    const failed = results.find((result) => result.status === 'rejected')
    if (failed !== undefined) throw failed.reason
    return {
      reason: reason ?? 'source_ended',
      elapsedMs: clock.monotonic() - startedAt,
      games: Math.max(...lanes.map(({ view }) => view().gamesEnded)),
      sources: results.flatMap((result, index) =>
        result.status === 'fulfilled' ? [{ ...result.value, source: sources[index]?.name ?? 'replay' }] : [],
      ),
    }
  }
  return {
    status,
    subscribe(source, subscription) {
      const lane = lanes[source]
      if (lane === undefined) throw new RangeError(`there are ${lanes.length} sources, none is number ${source}`)
      return lane.pipeline.bus.subscribe(subscription)
    },
    finished: run(),
  }
}

/** One source, its pipeline, and what is seen of both from outside. */
interface Lane {
  readonly source: Source
  readonly pipeline: Pipeline
  view(): LiveView
  connection(): ConnectionStatus['kind'] | null
  run(signal: AbortSignal): Promise<PipelineSummary>
}

function openLane(
  source: Source,
  { store, clock, random, connectTimeoutMs = 0, meta = {}, onConnection }: RecorderOptions,
  onGames: (ended: number) => void,
): Lane {
  let view = EMPTY_VIEW
  let connection: ConnectionStatus['kind'] | null = null
  let connected = false
  let lastError: string | undefined
  const pipeline = createPipeline({
    source: observed(source, (status) => {
      connection = status.kind
      if (status.kind === 'connect') connected = true
      if (status.kind === 'connect_error') lastError = status.message
      onConnection?.(pipeline.sessionId, status)
    }),
    sink: store,
    clock,
    random,
    meta,
    seedPath,
  })
  return {
    source,
    pipeline,
    view: () => view,
    connection: () => connection,
    async run(signal) {
      const watching = (async () => {
        for await (const event of pipeline.bus.subscribe()) {
          const before = view.gamesEnded
          view = nextView(view, event)
          if (view.gamesEnded !== before) onGames(view.gamesEnded)
        }
      })()
      const patience = new AbortController()
      const cancel =
        connectTimeoutMs === 0 || source.unhurried === true
          ? undefined
          : clock.timer(connectTimeoutMs, () => {
              if (!connected) patience.abort()
            })
      try {
        const summary = await pipeline.run(AbortSignal.any([signal, patience.signal]))
        await watching
        if (!patience.signal.aborted) return summary
      } finally {
        cancel?.()
      }
      throw unreachable(source, connectTimeoutMs, lastError)
    },
  }
}

function unreachable(source: Source, waitedMs: number, lastError: string | undefined): RecorderError {
  const url = typeof source.meta?.url === 'string' ? source.meta.url : source.name
  const reason = lastError === undefined ? 'no answer' : lastError
  return new RecorderError('RECORDER_UNREACHABLE', `no connection to ${url} within ${waitedMs / 1_000} s: ${reason}`, {
    context: { url, waitedMs, hint: 'check the address and the network; --connect-timeout 0 waits for ever' },
  })
}

/** The same source, its connection changes heard in passing. */
function observed(source: Source, onStatus: (status: ConnectionStatus) => void): Source {
  return {
    ...source,
    async *items(signal) {
      for await (const item of source.items(signal)) {
        if (item.kind === 'status') onStatus(item.status)
        yield item
      }
    },
  }
}
