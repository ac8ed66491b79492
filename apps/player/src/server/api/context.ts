import type { Clock } from '@vectra/schemas'
import type { PlayerMode } from '../../protocol/messages.ts'

/** What the routes below `/api` work with. Made once per server. */
export interface ApiContext {
  readonly mode: PlayerMode
  readonly version: string
  readonly runId: string
  /** The data directory; null when nothing is recorded. */
  readonly dataDir: string | null
  readonly clock: Clock
  /** Aborts when the server closes. */
  readonly signal: AbortSignal
}
