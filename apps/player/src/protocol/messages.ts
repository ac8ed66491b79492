/**
 * What gateway and page say to each other beside the game's own protocol.
 *
 * The page is a client of the game's protocol (`gameStateUpdate`, `playerUpdate`, `buyOrder` …); these events only add what no
 * game server tells: where the feed comes from, how old it is, what became of an order. Types only: both sides import them.
 */

/** Raised when a page of an older build could misread a newer gateway; the page then asks to be reloaded. */
export const PROTOCOL = 1

/** Names of the gateway's own events. */
export const EXTRA = {
  hello: 'vectra:hello',
  link: 'vectra:link',
  snapshot: 'vectra:snapshot',
  finished: 'vectra:finished',
  truth: 'vectra:truth',
  order: 'vectra:order',
  control: 'vectra:control',
  recording: 'vectra:recording',
  clock: 'vectra:clock',
} as const

/** What the player was started as. `serve`: recorded data only, no live feed. */
export type PlayerMode = 'demo' | 'play' | 'serve'

/** First word of the gateway on each connection. */
export interface Hello {
  readonly protocol: number
  readonly version: string
  readonly mode: PlayerMode
  /** Changes with each start of the gateway. */
  readonly runId: string
  /** Names this connection; an order that names another one is late and refused. */
  readonly connection: string
  /** What feeds the page, in a word or two for the header: `simulator`, `public feed`, `browser`, `replay`. */
  readonly feed: { readonly label: string; readonly source: string; readonly url: string | null } | null
  /** Whether orders can be placed at all. */
  readonly orders: boolean
  /** Gateway clock, Unix milliseconds. */
  readonly now: number
}

/** Reason of a {@link Link} that will not come back. */
export const FEED_ENDED = 'the feed has ended'

/** Connection of the gateway to what feeds it. */
export interface Link {
  readonly state: 'waiting' | 'connected' | 'disconnected' | 'stale' | 'none'
  /** Unix milliseconds; null before the first word. */
  readonly since: number | null
  readonly reason: string | null
}

/** A round up to now, so that a page that comes late sees the same chart as one that was there. */
export interface SnapshotGame {
  readonly gameId: string
  readonly phase: string | null
  readonly tick: number | null
  readonly rugged: boolean
  /** Price text by tick; null where a tick was missed. */
  readonly path: readonly (string | null)[]
  readonly serverSeedHash: string | null
}

/** What is known, sent once per connection, before the feed goes on. */
export interface Snapshot {
  readonly game: SnapshotGame | null
  /** The round before, while it is still shown. */
  readonly finished: SnapshotGame | null
  /** Newest first. */
  readonly history: readonly FinishedSummary[]
}

/** A finished round, small: instead of the 350 kB that the game server sends. */
export interface FinishedSummary {
  readonly gameId: string
  /** Exact text. */
  readonly peak: string
  /** Tick at which it ended; null when only the peak is known. */
  readonly rugTick: number | null
  /** Revealed seed, when the server published it. */
  readonly serverSeed: string | null
  /** Recomputed from the revealed seed: hash and peak agree, or they do not; null when it cannot be told. */
  readonly proof: 'fair' | 'mismatch' | null
  /** At most 24 points for a small picture; empty when the path is not known. */
  readonly shape: readonly number[]
}

/** Fields of `playerUpdate` that the page shows, as the gateway read them: exact text, null when absent. */
export type TruthField =
  | 'cash'
  | 'bonusBalance'
  | 'positionQty'
  | 'avgCost'
  | 'cumulativePnL'
  | 'pnlPercent'
  | 'totalInvested'
  | 'sidebetPnl'

/** The account as the gateway read it from the stored frame, for the page to compare with what it shows. */
export interface Truth {
  /** Number of the event in its recording. */
  readonly seq: number
  readonly session: string
  readonly source: string
  /** Receive time at the gateway, Unix milliseconds. */
  readonly at: number
  readonly fields: Readonly<Record<TruthField, string | null>>
}

/** Life of an order as the gateway knows it. Times are Unix milliseconds with fractions, gateway clock. */
export interface OrderNews {
  readonly id: string
  readonly kind: 'buy' | 'sell' | 'sidebet'
  readonly amount: string | null
  readonly percentage: number | null
  readonly phase: 'pending' | 'accepted' | 'reflected' | 'rejected' | 'unknown'
  readonly sentAt: number | null
  readonly acceptedAt: number | null
  readonly reflectedAt: number | null
  readonly code: string | null
  readonly reason: string | null
}

/** Switches and limits of the gateway; amounts are exact SOL texts. */
export interface ControlNews {
  readonly armed: boolean
  readonly killed: string | null
  readonly ready: boolean
  readonly maxBet: string
  readonly sessionLoss: string | null
  readonly lossLimit: string
}

/** What the page may ask of the switches; the ack carries {@link ControlNews}. */
export type ControlRequest = { readonly do: 'arm' } | { readonly do: 'disarm' } | { readonly do: 'kill'; readonly reason: string }

/** How the recording goes, a few times a minute. */
export interface RecordingNews {
  readonly recording: boolean
  readonly events: number
  readonly stored: number
  readonly gaps: number
  /** Why nothing is written at the moment. */
  readonly fault: string | null
}

/** First argument of an order from the page: who it is, and what the human saw. The second is the game's own payload. */
export interface OrderMark {
  /** UUIDv7, used once. */
  readonly id: string
  /** From {@link Hello.connection}. */
  readonly connection: string
  readonly shown: { readonly gameId: string; readonly tick: number; readonly price: string }
  /** Unix milliseconds, the gateway's clock as the page measured it. */
  readonly clickedAt: number
  /** Name of the control: `buy-button`, `key-b`. */
  readonly control: string
}

/** Answer to an order: the game's own form, so that the page needs to know only one. */
export interface OrderAck {
  readonly success: boolean
  readonly error?: string
  readonly message?: string
}

/** An API error: what, and what to do next. */
export interface ApiError {
  readonly error: { readonly code: string; readonly message: string; readonly next: string }
}

/** Answer of `GET /api/session`. */
export interface SessionInfo {
  readonly protocol: number
  readonly version: string
  readonly mode: PlayerMode
  readonly runId: string
  readonly dataDir: string | null
  /** Unix milliseconds. */
  readonly now: number
}
