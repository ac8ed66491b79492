import type {
  Decimal,
  EventSource,
  ExactView,
  FinishedGame,
  LeaderboardEntry,
  Micros,
  NewTrade,
  Phase,
  RunningSidebet,
} from '@vectra/schemas'

/** Where a part of the state comes from: the event that set it. */
export interface Provenance {
  /** Receive time of that event, microseconds. */
  readonly asOf: Micros
  readonly seq: number
  readonly source: EventSource
  readonly sessionId: string
}

/** A number as the server sent it: its literal, digit for digit, and the same value for arithmetic. */
export interface ServerNumber {
  readonly literal: string
  readonly value: Decimal
}

/** Open, high, low and close over {@link TICKS_PER_CANDLE} ticks. A candle whose ticks were all missed does not exist. */
export interface LiveCandle {
  /** `floor(tick / 5)`. */
  readonly index: number
  readonly open: Decimal
  readonly high: Decimal
  readonly low: Decimal
  readonly close: Decimal
  /** Ticks of this candle that are known, 1 to 5. */
  readonly ticks: number
}

/** One round as the public feed tells it. */
export interface LiveGame extends Provenance {
  readonly gameId: string
  readonly phase: Phase | null
  /** Null before the round starts. After the rug: the rug tick, not the inflated number of the second rug frame. */
  readonly tick: number | null
  readonly price: ServerNumber | null
  /** Milliseconds left before the round starts; 0 while it runs. */
  readonly cooldownMs: number | null
  readonly rugged: boolean
  readonly tradeCount: number | null
  readonly connectedPlayers: number | null
  readonly serverSeedHash: string | null
  /** Price by tick; a missed tick is undefined until something fills it. */
  readonly path: readonly (Decimal | undefined)[]
  readonly candles: readonly LiveCandle[]
}

/** The standings, untouched. `exact` gives any number of it digit for digit: `exact.decimal(['leaderboard', 0, 'pnl'])`. */
export interface LiveLeaderboard extends Provenance {
  readonly gameId: string
  readonly entries: readonly LeaderboardEntry[]
  readonly exact: ExactView
}

/** The player, exactly as the last `playerUpdate` said. Null: the server did not say. Nothing here is computed by us. */
export interface LivePlayer extends Provenance {
  readonly id: string
  /** The game that was current when the server said so; `playerUpdate` names none. */
  readonly gameId: string | null
  readonly cash: ServerNumber | null
  readonly bonusBalance: ServerNumber | null
  readonly positionQty: ServerNumber | null
  readonly avgCost: ServerNumber | null
  readonly cumulativePnL: ServerNumber | null
  readonly pnlPercent: ServerNumber | null
  readonly totalInvested: ServerNumber | null
  readonly sidebetPnl: ServerNumber | null
  readonly autosellPrice: ServerNumber | null
  readonly sideBet: RunningSidebet | null
}

/**
 * Life of an order. `accepted`: the server acked it. `reflected`: acked, and a `playerUpdate` that contains it came.
 * `unknown`: no ack in time, or the connection went: its fate shows in the position, and it is never sent again (P12).
 */
export type OrderStatus = 'pending' | 'accepted' | 'reflected' | 'rejected' | 'unknown'

/** One of the player's own requests. */
export interface LiveOrder {
  /** `_seq` of the request. */
  readonly seq: number
  readonly sessionId: string
  readonly request: 'buyOrder' | 'sellOrder' | 'requestSidebet'
  readonly gameId: string | null
  readonly amount: ServerNumber | null
  /** Of a sell, 1 to 100. */
  readonly percentage: ServerNumber | null
  readonly traceId: string | null
  readonly sentAt: Micros
  readonly status: OrderStatus
  readonly ackedAt: Micros | null
  /** First trade or bet with the order's trace. */
  readonly effectAt: Micros | null
  /**
   * First `playerUpdate` that contains the order: it came after the ack or the effect, or its change is the order's. Before the
   * ack this is a guess that only the ack makes good.
   */
  readonly reflectedAt: Micros | null
  /** What a failure ack gave, or why the fate is unknown. */
  readonly reason: string | null
}

/** A broadcast fill; `exact` gives its numbers digit for digit. */
export interface LiveTrade extends Provenance {
  readonly trade: NewTrade
  readonly exact: ExactView
}

/** What the source last said of its connection; `waiting` before its first word. */
export type ConnectionState = 'waiting' | 'connected' | 'disconnected' | 'stale'

/** The source's connection. */
export interface LiveConnection {
  readonly state: ConnectionState
  readonly since: Micros | null
  readonly reason: string | null
}

/** Who is logged in, as `usernameStatus` said. */
export interface LiveIdentity extends Provenance {
  readonly id: string
  /** Null until a name was chosen. */
  readonly username: string | null
}

/** What is known of the feed right now. Every part says how old it is. */
export interface LiveState {
  readonly game: LiveGame | null
  /** The round before, kept on screen until the next one starts; `record` when the server has published its result. */
  readonly finished: (LiveGame & { readonly record: FinishedGame | null }) | null
  readonly leaderboard: LiveLeaderboard | null
  readonly identity: LiveIdentity | null
  readonly me: LivePlayer | null
  /** Own requests, oldest first, at most {@link ORDERS_KEPT}. */
  readonly orders: readonly LiveOrder[]
  /** Broadcast fills, newest first, at most {@link TRADES_KEPT}, each id once. */
  readonly trades: readonly LiveTrade[]
  readonly connection: LiveConnection
  /** Newest event seen, microseconds. */
  readonly asOf: Micros | null
}

/** 1.25 s of play. */
export const TICKS_PER_CANDLE = 5
/** Broadcast fills kept, the newest. */
export const TRADES_KEPT = 100
/** Own requests kept, the newest. */
export const ORDERS_KEPT = 50

/** Before the first event. */
export const emptyLiveState: LiveState = {
  game: null,
  finished: null,
  leaderboard: null,
  identity: null,
  me: null,
  orders: [],
  trades: [],
  connection: { state: 'waiting', since: null, reason: null },
  asOf: null,
}
