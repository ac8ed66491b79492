import { type BackgroundCompaction, type EventStore, type StoreFault, startCompaction } from '@vectra/event-store'
import type { ConnectionStatus } from '@vectra/ingest'
import type { RecorderConfig } from './config.ts'
import { type Recorder, type RecorderSummary, runRecorder } from './recorder.ts'
import { wireRecorder } from './wire.ts'

/** What a caller of {@link record} is told while it runs. */
export interface RecordHooks {
  /** Aborting it stops in order. */
  readonly signal: AbortSignal
  /** Called once, when the store is open and the sources start. */
  readonly onStart?: (recorder: Recorder, store: EventStore) => void
  readonly onConnection?: (session: string, status: ConnectionStatus) => void
  /** Faults the store mends or waits out by itself: a full disk, a part that has to be written again. */
  readonly onFault?: (fault: StoreFault) => void
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
 * @throws what `wireRecorder` and `runRecorder` throw; the store is closed in any case
 */
export async function record(config: RecorderConfig, hooks: RecordHooks): Promise<RecordReport> {
  const { store, sources, clock, random } = await wireRecorder(config, hooks.onFault)
  const compaction = compactionBeside(config, hooks)
  try {
    const recorder = runRecorder({
      sources,
      store,
      clock,
      random,
      signal: hooks.signal,
      durationMs: config.durationMs,
      untilGames: config.untilGames,
      connectTimeoutMs: config.connectTimeoutMs,
      onConnection: hooks.onConnection,
    })
    hooks.onStart?.(recorder, store)
    const summary = await recorder.finished
    await store.flush()
    return { summary, store: store.stats(), recovery: store.recovery }
  } finally {
    await compaction?.close()
    await store.close()
  }
}

/** Merges small parts from time to time, on a thread that the journal does not wait for. */
function compactionBeside(
  { dataDir, encoder, compactEveryMs }: RecorderConfig,
  { onFault }: RecordHooks,
): BackgroundCompaction | undefined {
  if (encoder !== 'duckdb' || compactEveryMs === 0) return undefined
  return startCompaction({
    dir: dataDir,
    ...(compactEveryMs === undefined ? {} : { everyMs: compactEveryMs }),
    onFault: (error) => onFault?.({ kind: 'compact', error }),
  })
}
