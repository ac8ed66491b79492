/** Shapes of the recorded-data API: what Replay and Data ask for. Money and prices are digits as text; times are ISO 8601, UTC. */

/** One recorded game in the picker. */
export interface GameLine {
  readonly gameId: string
  readonly firstTs: string
  readonly lastTs: string
  readonly ticks: number
  readonly lastTick: number | null
  readonly peak: string | null
  readonly rugged: boolean
  readonly rugTick: number | null
  readonly rugPrice: string | null
  readonly trades: number | null
  readonly tradesSeen: number
  readonly sessions: readonly string[]
  readonly complete: boolean
  /** What is missing, in words. */
  readonly reasons: readonly string[]
}

/** A moment worth jumping to. */
export interface ReplayMark {
  readonly tick: number
  readonly kind: 'trade' | 'sidebet' | 'own' | 'rug' | 'gap'
  /** For people: "alice buys 0.01 SOL". */
  readonly text: string
  readonly side?: 'buy' | 'sell'
  readonly amount?: string
  readonly player?: string
  /** Place of the event, for the inspector. */
  readonly session?: string
  readonly seq?: number
}

/** A recorded game, ready to be played again. */
export interface ReplayGame {
  readonly line: GameLine
  /** Price of each tick from 0; null where it was not recorded. */
  readonly path: readonly (string | null)[]
  /** Receive time of each tick in milliseconds since the first one; null where not recorded. */
  readonly times: readonly (number | null)[]
  /** Ticks whose price was filled in later, and from what. */
  readonly filled: readonly { readonly tick: number; readonly origin: string }[]
  readonly marks: readonly ReplayMark[]
  /** Ticks that are missing, both ends included. */
  readonly holes: readonly { readonly from: number; readonly to: number }[]
  readonly sessions: readonly { readonly id: string; readonly source: string; readonly ticks: number }[]
}

/** Two recordings of one game, tick by tick. */
export interface Comparison {
  readonly a: string
  readonly b: string
  readonly both: number
  readonly onlyA: number
  readonly onlyB: number
  /** Ticks whose prices differ. */
  readonly different: readonly { readonly tick: number; readonly a: string; readonly b: string }[]
  /** How much later b received a tick than a, in milliseconds: median and 99th percentile; null without common ticks. */
  readonly latencyMs: { readonly p50: number; readonly p99: number } | null
}

/** A stored frame. */
export interface FrameLine {
  readonly session: string
  readonly seq: number
  readonly ts: string
  readonly source: string
  readonly direction: string
  readonly event: string
  readonly gameId: string | null
  readonly tick: number | null
  /** Characters of the frame's text. */
  readonly size: number
}

/** A stored frame with its text. */
export interface Frame extends FrameLine {
  /** The frame byte for byte, cut at {@link FRAME_CHARS}. */
  readonly raw: string
  readonly cut: boolean
  /** Envelope and typed columns that are not null. */
  readonly envelope: Readonly<Record<string, unknown>>
  readonly issues: readonly unknown[]
  /** Neighbours of the same event name in the same session. */
  readonly previous: number | null
  readonly next: number | null
}

/** Longest text of a frame that the page gets. */
export const FRAME_CHARS = 200_000

/** The fairness card. */
export interface FairnessCard {
  readonly verdict: 'fair' | 'mismatch' | 'unverifiable'
  readonly seed: string | null
  readonly seedHash: string | null
  readonly checks: readonly { readonly name: string; readonly status: 'ok' | 'mismatch' | 'absent'; readonly text: string }[]
  /** Every fault in words. */
  readonly faults: readonly string[]
}

/** One act on paper. `tick` null: before the start, at the presale's price of 1. */
export interface PaperAction {
  readonly tick: number | null
  readonly kind: 'buy' | 'sell' | 'sidebet'
  readonly amount?: string
  readonly percentage?: number
}

/** What the rules make of acts on paper at a recorded game's prices. Nothing of it was traded. */
export interface PaperState {
  readonly tick: number
  readonly cash: string
  readonly positionQty: string
  readonly avgCost: string
  readonly pnl: string
  readonly sidebetPnl: string
  /** One for each action, in order. */
  readonly results: readonly { readonly ok: boolean; readonly text: string }[]
  /** Ticks without a recorded price that the last known price stands in for. */
  readonly assumed: number
}

/** Health of the store, for the tiles. */
export interface DataStatus {
  readonly dataDir: string
  readonly files: number
  readonly rows: number
  readonly bytes: number
  readonly lastWrite: string | null
  readonly sessions: number
  readonly live: number
  readonly gapsToday: number
  readonly issuesToday: number
  readonly unflushedRows: number
  readonly freeBytes: number | null
  readonly complete: boolean
  readonly reasons: readonly string[]
  readonly engine: string
}

/** Files of one doc_type and day. */
export interface PartitionLine {
  readonly docType: string
  readonly date: string
  readonly files: number
  readonly rows: number
  readonly bytes: number
  readonly firstTs: string
  readonly lastTs: string
  /** Many files for few rows: worth `vectra store compact`. */
  readonly small: boolean
}

/** One hour of the coverage calendar. */
export interface CoverageHour {
  /** `2025-12-12T22` */
  readonly hour: string
  readonly events: number
  readonly ticks: number
  readonly gaps: number
  readonly missingSeconds: number
}

/** A declared gap. */
export interface GapLine {
  readonly session: string
  readonly seq: number
  readonly source: string
  readonly gameId: string | null
  readonly from: string | null
  readonly to: string | null
  readonly cause: string | null
  readonly missing: number | null
  readonly recoveredBy: string | null
}

/** A recording. */
export interface SessionLine {
  readonly session: string
  readonly source: string
  readonly origin: string | null
  readonly firstTs: string | null
  readonly lastTs: string | null
  readonly events: number
  readonly missing: number
  readonly gaps: number
  readonly games: number
  readonly ended: boolean
}

/** Answer of the query box. */
export interface SqlResult {
  readonly columns: readonly { readonly name: string; readonly type: string }[]
  readonly rows: readonly (readonly unknown[])[]
  readonly truncated: boolean
  readonly milliseconds: number
  readonly complete: boolean
  readonly reasons: readonly string[]
}

/** A view and its columns, for the schema tree. */
export interface SchemaView {
  readonly name: string
  readonly kind: 'rows' | 'view' | 'function'
  readonly columns: readonly string[]
}

/** An event of the protocol, as recorded. */
export interface ProtocolLine {
  readonly event: string
  readonly direction: string
  readonly count: number
  readonly issues: number
  readonly firstTs: string
  readonly lastTs: string
  readonly perMinute: number
}

/** One event in detail: fields by path, and payloads to look at. */
export interface ProtocolEvent {
  readonly event: string
  readonly fields: readonly {
    readonly path: string
    readonly types: string
    readonly present: number
    readonly events: number
    readonly firstTs: string
    readonly lastTs: string
  }[]
  readonly examples: readonly FrameLine[]
  /** Changes of its shape, as they were noticed while recording; newest first. */
  readonly drift: readonly {
    readonly session: string
    readonly seq: number
    readonly ts: string
    readonly path: string
    readonly change: string
    readonly before: string | null
    readonly after: string | null
  }[]
  /** The day the fields are of. */
  readonly date: string | null
}

/** What a search found. */
export interface SearchAnswer {
  readonly hits: readonly {
    readonly table: string
    readonly kind: string
    readonly title: string
    readonly text: string
    /** Stretches of `text` that match, start and end. */
    readonly matches: readonly (readonly [number, number])[]
    readonly score: number
    readonly gameId: string | null
    readonly session: string | null
    readonly seq: number | null
    readonly path: string | null
    readonly verdict: string | null
  }[]
  /** How the question was answered, e.g. that there is no model. */
  readonly notices: readonly string[]
  readonly freshness: string
}
