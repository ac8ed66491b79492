import type { Micros } from './env.ts'

/** Where an event entered Vectra. */
export const SOURCES = ['cdp', 'public_ws', 'replay', 'ui'] as const
export type EventSource = (typeof SOURCES)[number]

/** `internal` events were never on a wire: Vectra itself made them. */
export const DIRECTIONS = ['received', 'sent', 'internal'] as const
export type Direction = (typeof DIRECTIONS)[number]

/** First partition key. `ws_event`, `system_event` and `debug_note` hold canonical rows; the others are projections. */
export const DOC_TYPES = ['ws_event', 'game_tick', 'player_action', 'server_state', 'system_event', 'debug_note'] as const
export type DocType = (typeof DOC_TYPES)[number]

/** The request that an ack answers, when its frame was seen on the same connection. */
export interface AckedRequest {
  /** `_seq` of the request in the same session. */
  readonly seq: number
  /** Event name of the request, e.g. `buyOrder`. */
  readonly event_name: string
  /** Request to ack, microseconds on the recorder's clock. */
  readonly latency_us: number
}

/** Why an event does not match its schema. The event is stored all the same. */
export interface SchemaIssue {
  /** JSON path inside the payload, e.g. `leaderboard.3.pnl`; empty for the event as a whole. */
  readonly path: string
  readonly code: string
  readonly message: string
}

/**
 * One event as Vectra holds it: the received text, what was decoded from it, and the metadata added by us (underscore).
 *
 * `packet + raw_json` is the frame, byte for byte (P3).
 */
export interface EventEnvelope {
  /** Receive time, UTC, microseconds. For imports: the capture's own time. */
  readonly _ts: Micros
  /** Rises by one inside a session, from 1, without a hole. */
  readonly _seq: number
  readonly _source: EventSource
  /** UUIDv7 of one recorder run on one source. */
  readonly _session_id: string
  /** The game the event belongs to: its own id, else the game current on that connection, else null. */
  readonly _game_id: string | null
  /** Where the canonical row goes. Frames: `ws_event`. Imported ticks that never were frames: `game_tick`. */
  readonly doc_type: Exclude<DocType, 'player_action' | 'server_state'>
  /**
   * The player who is logged in on the event's connection, for events that are theirs: what they sent, its acks, what the server
   * says to them alone. Absent or null without a login. Where the payload names a player, that one counts.
   */
  readonly _player_id?: string | null
  readonly direction: Direction
  /** `gameStateUpdate`; acks `ack:buyOrder` (or `ack`); packets `engine.open`, `socket.connect`; ours `gap`, `session_start`. */
  readonly event_name: string
  readonly ack_id: number | null
  /** 32 hex digits shared by a request and everything the server emits because of it. */
  readonly trace_id: string | null
  /** Prefix of the frame before its JSON: `42`, `4329`, `42/feed,`; empty when the event never was a frame. */
  readonly packet: string
  /** The rest of the frame, verbatim; for events that never were frames, their JSON text. */
  readonly raw_json: string
  /** Index of the payload in the `raw_json` array; null when the payload is all of `raw_json`, or there is none. */
  readonly payload_index: number | null
  /** `JSON.parse` of the payload; numbers are doubles here, exact values come from `raw_json`. */
  readonly payload: unknown
  /** Null when valid or of unknown name. */
  readonly issues: readonly SchemaIssue[] | null
  readonly acked: AckedRequest | null
  /** Provenance of rows that were not captured by this recorder: `import:recorded_game`, `derived:seed`; null for live. */
  readonly origin: string | null
}
