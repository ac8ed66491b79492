import type { Clock } from '@vectra/schemas'
import type { PlayerMode } from '../../protocol/messages.ts'
import type { RecordedPorts } from '../recorded/ports.ts'
import type { RecordedStore } from '../recorded/recorded-store.ts'

/** What the routes below `/api` work with. Made once per server. */
export interface ApiContext {
  readonly mode: PlayerMode
  readonly version: string
  readonly runId: string
  /** The data directory; null when nothing is recorded. */
  readonly dataDir: string | null
  readonly clock: Clock
  /** Recorded data, for Replay and Data. */
  readonly recorded: RecordedStore
  readonly ports: RecordedPorts
  /** Aborts when the server closes. */
  readonly signal: AbortSignal
}
