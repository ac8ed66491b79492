import {
  type BackgroundCompaction,
  type BackgroundScrub,
  type EventStore,
  EventStoreError,
  liveSessions,
  type StoreFault,
  startCompaction,
  startScrub,
} from '@vectra/event-store'
import { type ConnectionStatus, type EventSink, type Source, systemClock } from '@vectra/ingest'
import type { RecorderConfig } from './config.ts'
import { tellDurable } from './ops/durable-rows.ts'
import { type Operations, openOperations } from './ops/operations.ts'
import { type Recorder, type RecorderSummary, runRecorder } from './recorder.ts'
import { type AnnotatedSource, annotated } from './runs/annotated.ts'
import { feedOf } from './runs/feed.ts'
import { previousRuns } from './runs/previous-run.ts'
import { withOpeningGap } from './runs/process-down.ts'
import { processSpace, type Rival, rivalsOf } from './runs/rivals.ts'
import { Takeover, type TakeoverStep } from './runs/takeover.ts'
import { wireRecorder } from './wire.ts'

/** What a caller of {@link record} is told while it runs. */
export interface RecordHooks {
  /** Aborting it stops in order. */
  readonly signal: AbortSignal
  /** Called once, when the store is open and the sources start. */
  readonly onStart?: (recorder: Recorder, store: EventStore, operations: Operations) => void
  readonly onConnection?: (session: string, status: ConnectionStatus) => void
  /** Faults the store mends or waits out by itself: a full disk, a part that has to be written again. */
  readonly onFault?: (fault: StoreFault) => void
  /** How a takeover goes on. */
  readonly onTakeover?: (step: TakeoverStep) => void
}

/** What was recorded, and what the store holds of it after its last flush. */
export interface RecordReport {
  readonly summary: RecorderSummary
  readonly store: ReturnType<EventStore['stats']>
  readonly recovery: EventStore['recovery']
}

/**
 * Records by configuration: opens the store, runs the sources, and leaves only when everything received is in part files.
 *
 * What nobody recorded since the last run of the same feed is a gap row of cause `process_down`, before the first frame.
 *
 * @throws RecorderError `RECORDER_PORT_IN_USE`, `RECORDER_LISTEN_FAILED`
 * @throws what `wireRecorder` and `runRecorder` throw; the store is closed in any case
 */
export async function record(config: RecorderConfig, hooks: RecordHooks): Promise<RecordReport> {
  const taking = config.takeover === true
  // A recorder that is taken over has the port until it ends.
  const server = taking && config.ops !== undefined ? { ...config.ops, strict: false } : config.ops
  await using operations = await openOperations({ dataDir: config.dataDir, clock: systemClock(), server })
  const onFault = (fault: StoreFault): void => {
    operations.fault(fault)
    hooks.onFault?.(fault)
  }
  const { store, sources: wired, clock, random } = await wireRecorder(config, onFault, operations.flushed)
  const compaction = compactionBeside(config, operations, onFault)
  const scrub = scrubBeside(config, onFault)
  try {
    const feeds = wired.map(feedOf)
    const rivals = taking ? rivalsOf(config.dataDir, feeds) : []
    const sources = await annotate(config.dataDir, wired, feeds, rivals, clock)
    const takeover = rivals.length === 0 ? undefined : openTakeover(config.dataDir, feeds, wired, sources, rivals, clock, hooks)
    const recorder = runRecorder({
      sources: bare(sources),
      store: told(store, clock, operations, takeover),
      clock,
      random,
      signal: hooks.signal,
      durationMs: config.durationMs,
      untilGames: config.untilGames,
      connectTimeoutMs: config.connectTimeoutMs,
      meta: { pid: process.pid, pid_space: processSpace(), ops: operations.url },
      onConnection: hooks.onConnection,
    })
    operations.attach(recorder, store, wired)
    hooks.signal.addEventListener('abort', operations.stopping, { once: true })
    hooks.onStart?.(recorder, store, operations)
    const ended = new AbortController()
    const taken = takeover && take(takeover, feeds, recorder, operations, config, AbortSignal.any([hooks.signal, ended.signal]))
    const summary = await recorder.finished.finally(() => ended.abort())
    await taken
    operations.stopping()
    await store.flush()
    return { summary, store: store.stats(), recovery: store.recovery }
  } finally {
    hooks.signal.removeEventListener('abort', operations.stopping)
    await Promise.all([compaction?.close(), scrub?.close()])
    await store.close()
  }
}

/** Sources that say what was missed since their last run, and that take notes. */
async function annotate(
  dir: string,
  sources: readonly Source[],
  feeds: readonly (string | undefined)[],
  rivals: readonly Rival[],
  clock: ReturnType<typeof systemClock>,
): Promise<readonly AnnotatedSource[]> {
  const live = new Set([...liveSessions(dir).map(({ sessionId }) => sessionId), ...rivals.map(({ session }) => session)])
  const runs = await previousRuns(dir, feeds, live)
  return sources.map((source, index) => annotated(withOpeningGap(source, runs[index] ?? null, clock)))
}

function bare(sources: readonly AnnotatedSource[]): readonly [Source, ...Source[]] {
  const [first, ...others] = sources.map(({ source }) => source)
  if (first === undefined) throw new TypeError('a recorder needs a source')
  return [first, ...others]
}

/** The store as the recorder sees it: what becomes durable is counted, and remembered while a takeover goes on. */
function told(
  store: EventSink,
  clock: ReturnType<typeof systemClock>,
  operations: Operations,
  takeover: Takeover | undefined,
): EventSink {
  return tellDurable(store, clock, (rows, batch) => {
    operations.acked(rows)
    takeover?.acked(batch)
  })
}

function openTakeover(
  dir: string,
  feeds: readonly (string | undefined)[],
  wired: readonly Source[],
  sources: readonly AnnotatedSource[],
  rivals: readonly Rival[],
  clock: ReturnType<typeof systemClock>,
  { onTakeover }: RecordHooks,
): Takeover {
  return new Takeover({
    dir,
    clock,
    rivals,
    feeds: sources.map((source, index) => ({ feed: feeds[index], annotated: source, name: wired[index]?.name ?? 'public_ws' })),
    live: () => new Set(liveSessions(dir).map(({ sessionId }) => sessionId)),
    onStep: onTakeover,
  })
}

/** Runs the takeover; then the port that was asked for is free. */
async function take(
  takeover: Takeover,
  feeds: readonly (string | undefined)[],
  recorder: Recorder,
  operations: Operations,
  { ops }: RecorderConfig,
  signal: AbortSignal,
): Promise<void> {
  const sessions = recorder.status().sources.flatMap(({ session }, index) => {
    const feed = feeds[index]
    return feed === undefined ? [] : [[session, feed] as const]
  })
  takeover.sessions(new Map(sessions))
  await takeover.run(signal)
  if (!signal.aborted && ops !== undefined && ops.port !== 0 && !(operations.url ?? '').endsWith(`:${ops.port}`))
    await operations.alsoListen(ops.port)
}

/** Reads all files from time to time, on a thread of its own; a file that is not as it was written is a fault to be told. */
function scrubBeside(
  { dataDir, scrubEveryMs = 0 }: RecorderConfig,
  onFault: (fault: StoreFault) => void,
): BackgroundScrub | undefined {
  if (scrubEveryMs === 0) return undefined
  return startScrub({
    dir: dataDir,
    everyMs: scrubEveryMs,
    onDone: ({ findings }) => {
      const [first] = findings
      if (first === undefined) return
      const others = findings.length > 1 ? ` (and ${findings.length - 1} more files)` : ''
      const text = `${first.path} ${first.text}${others}; run: vectra store verify`
      onFault({ kind: 'scrub', error: new EventStoreError('STORE_DAMAGED', text, { context: { path: first.path } }) })
    },
    onFault: (error) => onFault({ kind: 'scrub', error }),
  })
}

/** Merges small parts from time to time, on a thread that the journal does not wait for. */
function compactionBeside(
  { dataDir, encoder, compactEveryMs }: RecorderConfig,
  operations: Operations,
  onFault: (fault: StoreFault) => void,
): BackgroundCompaction | undefined {
  if (encoder !== 'duckdb' || compactEveryMs === 0) return undefined
  return startCompaction({
    dir: dataDir,
    ...(compactEveryMs === undefined ? {} : { everyMs: compactEveryMs }),
    onDone: ({ removed, durationMs }) => operations.compacted({ outcome: 'done', removed, durationMs }),
    onFault: (error) => {
      operations.compacted({ outcome: 'failed', removed: 0, durationMs: 0 })
      onFault({ kind: 'compact', error })
    },
  })
}
