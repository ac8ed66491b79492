/** The pipeline on one page: Source → decode → stamp → validate → bus → sink. */
import { type Clock, type EventEnvelope, type Random, VectraError } from '@vectra/schemas'
import type { BackoffOptions } from './backoff.ts'
import { Balance, type BalanceSheet } from './balance.ts'
import { EventBus } from './bus.ts'
import { ClockWatch } from './clock-watch.ts'
import { nextTurn } from './env.ts'
import { IngestError, messageOf } from './errors.ts'
import { BoundedQueue } from './queue.ts'
import { sessionIdAt } from './session-id.ts'
import type { EventSink, OpenedSession } from './sink.ts'
import { SinkWriter } from './sink-writer.ts'
import type { Details, MemberShare, Source } from './source.ts'
import { Stamp } from './stamp.ts'
import { type Translated, Translator } from './translate.ts'
import type { SeedPath } from './watch/backfill.ts'

/** What {@link createPipeline} needs. */
export interface PipelineOptions {
  readonly source: Source
  readonly sink: EventSink
  readonly clock: Clock
  readonly random: Random
  /** Id of the recording. Default: the source's own if it is repeatable, else a new UUIDv7. */
  readonly sessionId?: string
  /** Envelopes held between source and sink: beyond it the source is not pulled. Default 4,096 events and 32 MiB. */
  readonly buffer?: { readonly maxEvents?: number; readonly maxBytes?: number }
  /** Wait between attempts while the sink has no room. Default 250 ms doubling to 5 s. */
  readonly retry?: BackoffOptions
  /** Facts for the session's rows, beside the source's own. */
  readonly meta?: Details
  /** Prices of a finished game from its revealed seed, for ticks that nothing else shows. Default none. */
  readonly seedPath?: SeedPath
  /** Default: a bus of its own. */
  readonly bus?: EventBus<EventEnvelope>
}

/** How a recording ended. */
export interface PipelineSummary extends BalanceSheet {
  /** `source_ended`: nothing more to read; `stopped`: the signal. */
  readonly reason: 'source_ended' | 'stopped'
  /** The sink held the whole session already; nothing was appended. */
  readonly alreadyStored: boolean
  /** What each of the source's connections contributed; absent for a source of one. */
  readonly sockets?: readonly MemberShare[]
}

/** One recording. Create, subscribe to `bus`, `run` once. */
export interface Pipeline {
  readonly sessionId: string
  /** Every envelope in order, before it is durable. */
  readonly bus: EventBus<EventEnvelope>
  /** The balance sheet now. */
  counters(): BalanceSheet
  /**
   * Records until the source ends or the signal aborts, and everything received by then is durable.
   *
   * @throws IngestError `INGEST_SINK_FAILED`, `INGEST_SINK_FULL`, `INGEST_SOURCE_FAILED`, or the source's own; what was
   * received before is stored as far as the sink took it, and `counters().unstored` says how much it did not
   */
  run(signal?: AbortSignal): Promise<PipelineSummary>
}

/** Items taken from a source that never waits before sockets, timers and signals get a turn. */
const TURN_ITEMS = 256

/** Builds the pipeline of one source into one sink. */
export function createPipeline(options: PipelineOptions): Pipeline {
  const { source, sink, clock, random, bus = new EventBus<EventEnvelope>() } = options
  const sessionId = options.sessionId ?? source.repeatable?.sessionId ?? sessionIdAt(clock.now(), random)
  const balance = new Balance()
  const queue = new BoundedQueue<Translated>({
    maxItems: options.buffer?.maxEvents ?? 4_096,
    maxWeight: options.buffer?.maxBytes ?? 32 * 1024 * 1024,
    weigh: ({ envelope }) => 2 * (envelope.raw_json.length + 256),
  })

  /** Loss by socket, for the end of the session. */
  function sockets(): { sockets?: readonly MemberShare[] } {
    const shares = source.shares?.()
    return shares === undefined ? {} : { sockets: shares }
  }

  async function run(signal: AbortSignal = new AbortController().signal): Promise<PipelineSummary> {
    const meta = { ...source.meta, ...options.meta }
    const repeatable = source.repeatable ?? null
    try {
      const opened = await sink
        .openSession({ sessionId, source: source.name, origin: source.origin, meta })
        .catch((error: unknown) => {
          throw sinkError(error, 'open the session')
        })
      return await move(opened, repeatable, meta, signal)
    } finally {
      bus.close()
    }
  }

  async function move(
    opened: OpenedSession,
    repeatable: Source['repeatable'] | null,
    meta: Details,
    signal: AbortSignal,
  ): Promise<PipelineSummary> {
    const stamp = new Stamp({ sessionId, source: source.name, origin: source.origin }, repeatable ? 0 : opened.lastSeq)
    const translator = new Translator(source, stamp, { onGap: (gap) => balance.gap(gap), seedPath: options.seedPath ?? null })
    const failed = new AbortController()
    const ending = AbortSignal.any([signal, failed.signal])
    const writer = new SinkWriter({
      sink,
      clock,
      random,
      retry: options.retry ?? {},
      queue,
      balance,
      signal,
      onFailure: () => failed.abort(),
    })
    const writing = writer.run()
    let lastAt = repeatable?.startedAt ?? clock.now()

    /** Hands one envelope on; waits while a blocking subscriber or the sink is behind. */
    async function offer(item: Translated): Promise<void> {
      const { envelope, counts } = item
      lastAt = Math.max(lastAt, envelope._ts)
      if (counts === 'input') balance.arrived(envelope.event_name, envelope.issues !== null)
      if (repeatable && (opened.ended || envelope._seq <= opened.lastSeq)) return balance.settle(item, 'duplicates')
      const wait = bus.publish(envelope)
      if (wait) await unlessAborted(wait, ending)
      if (queue.full) await queue.room()
      queue.push(item)
    }

    /** A capture has no stalls of its own: its rows must be the same in every run. */
    async function offerStall(): Promise<void> {
      const stall = repeatable ? null : writer.takeStall()
      if (stall) await offer(translator.gap({ ...stall, source: source.name }))
    }

    const clockWatch = source.origin === null ? new ClockWatch(clock, source.name) : null
    async function offerClockStep(): Promise<void> {
      const step = clockWatch?.look()
      if (step) await offer(translator.gap(step))
    }

    const session = { sessionId, source: source.name, origin: source.origin }
    await offer(translator.system('session_start', lastAt, { ...session, details: meta }))
    let sourceError: unknown = null
    let pulled = 0
    try {
      for await (const item of source.items(ending)) {
        if (item.kind === 'broken') balance.quarantined()
        if (item.kind === 'duplicate') balance.duplicate(item.event)
        await offerStall()
        await offerClockStep()
        for (const translated of translator.translate(item)) await offer(translated)
        pulled += 1
        if (pulled % TURN_ITEMS === 0) await nextTurn()
      }
    } catch (error) {
      sourceError = error
    }
    // A repeatable source that was cut short stays open, so that the next run continues where the sink's rows end.
    const complete = !repeatable || (sourceError === null && !ending.aborted)
    if (complete) {
      const at = repeatable ? lastAt : clock.now()
      const reason = sourceError !== null ? 'source_failed' : signal.aborted ? 'stopped' : 'source_ended'
      await offerStall()
      for (const translated of translator.end(at)) await offer(translated)
      const failure = sourceError === null ? {} : { message: messageOf(sourceError) }
      await offer(
        translator.system('session_end', at, { ...session, reason, ...failure, summary: { ...balance.brief(), ...sockets() } }),
      )
    }
    queue.end()
    await writing
    if (writer.failure) throw writer.failure
    const alreadyStored = repeatable !== null && complete && (opened.ended === true || opened.lastSeq >= stamp.seq)
    if (complete) {
      const summary = alreadyStored ? [] : [{ ...balance.sheet(sessionId), ...sockets() }]
      await sink.endSession(sessionId, ...summary).catch((error: unknown) => {
        throw sinkError(error, 'end the session')
      })
    }
    if (sourceError !== null) throw sourceFailure(sourceError)
    return { ...balance.sheet(sessionId), ...sockets(), reason: signal.aborted ? 'stopped' : 'source_ended', alreadyStored }
  }

  return { sessionId, bus, run, counters: () => balance.sheet(sessionId) }
}

function sourceFailure(error: unknown): unknown {
  if (error instanceof VectraError) return error
  return new IngestError('INGEST_SOURCE_FAILED', `the source failed: ${messageOf(error)}`, { cause: error })
}

function sinkError(error: unknown, what: string): IngestError {
  return new IngestError('INGEST_SINK_FAILED', `could not ${what}: ${messageOf(error)}`, { cause: error })
}

/** Resolves with `wait` or the abort, whichever is first, and leaves nothing behind on the signal, which lives for days. */
function unlessAborted(wait: Promise<void>, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      signal.removeEventListener('abort', done)
      resolve()
    }
    signal.addEventListener('abort', done, { once: true })
    void wait.then(done)
    if (signal.aborted) done()
  })
}
