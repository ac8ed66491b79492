import { type EventStore, openEventStore, type StoreFault, systemEnv } from '@vectra/event-store'
import { publicWsSource, type Source, systemClock, systemRandom } from '@vectra/ingest'
import type { Clock, Random } from '@vectra/schemas'
import type { RecorderConfig } from './config.ts'

/** The parts of a recording, put together but not running. */
export interface WiredRecorder {
  readonly store: EventStore
  readonly sources: readonly [Source]
  readonly clock: Clock
  readonly random: Random
}

/**
 * Composes a recording: the store (which first recovers what dead recorders left) and the configured source.
 *
 * @throws EventStoreError `STORE_READ_ONLY`, `STORE_DISK_FULL`, `STORE_CATALOG`
 */
export async function wireRecorder(config: RecorderConfig, onFault?: (fault: StoreFault) => void): Promise<WiredRecorder> {
  const clock = systemClock()
  const random = systemRandom()
  const source = publicWsSource({
    url: config.url,
    path: config.path,
    staleMs: config.staleAfterMs,
    onServerDisconnect: config.untilEnd === true ? 'end' : 'reconnect',
    clock,
    random,
  })
  const store = await openEventStore({
    dir: config.dataDir,
    env: { ...systemEnv(), clock, random },
    flush: config.flush,
    encoder: config.encoder,
    ...(onFault === undefined ? {} : { onFault }),
  })
  return { store, sources: [source], clock, random }
}
