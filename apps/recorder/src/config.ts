import type { ReplayRecords, Source, Speed } from '@vectra/ingest'
import type { BrowserConfig } from './browser/config.ts'
import type { OpsConfig } from './ops/operations.ts'

/** The public feed: listens, never emits. */
export interface PublicWsConfig {
  readonly kind: 'public_ws'
  /** Address of the Socket.IO server. */
  readonly url: string
  /** Socket.IO path. Default `/socket.io`. */
  readonly path?: string
  /** Silence after which a connection is renewed; heartbeats do not count. Default 30 s. */
  readonly staleAfterMs?: number
  /** Connections to the feed that back each other up, so that a reconnect of one leaves no hole. Default 1. */
  readonly sockets?: number
  /** Take the server's disconnect as the end of the feed instead of connecting again. Default false. */
  readonly untilEnd?: boolean | undefined
}

/** A logged-in browser: both directions, the user's own orders and acks among them, without its secrets. */
export interface CdpConfig {
  readonly kind: 'cdp'
  /** Address of the feed that the page connects to: sockets and polls of its host are recorded, nothing else is. */
  readonly url: string
  /** Socket.IO path. Default `/socket.io`. */
  readonly path?: string
  readonly browser: BrowserConfig
  /** Reload pages of the site that were open before: identity is sent only on connecting. Default false. */
  readonly reloadOnAttach?: boolean | undefined
}

/** A recording, decoded again as if it were live. */
export interface ReplayConfig {
  readonly kind: 'replay'
  /** What is replayed, for people: a file's name, `game …`, `session …`. */
  readonly name: string
  readonly records: ReplayRecords
  /** Default 1: as recorded. */
  readonly speed?: Speed
  /** Default false. */
  readonly loop?: boolean | undefined
}

/** A source that the caller has put together: orders on a socket of their own, a human's actions. */
export interface ReadyConfig {
  readonly kind: 'ready'
  /** What it is, for the log. */
  readonly name: string
  readonly source: Source
}

/** One thing to record; each becomes a session of its own. */
export type SourceConfig = PublicWsConfig | CdpConfig | ReplayConfig | ReadyConfig

/** Everything a recording can be told. Times in milliseconds. */
export interface RecorderConfig {
  /** Absolute path of the data directory. */
  readonly dataDir: string
  readonly sources: readonly [SourceConfig, ...SourceConfig[]]
  /** How long the first connection of a source may take; 0 waits for ever. */
  readonly connectTimeoutMs: number
  readonly flush: { readonly maxEvents: number; readonly intervalMs: number }
  readonly encoder: 'duckdb' | 'parquetjs'
  /** How often small part files are merged on the side; 0 never. Default 5 minutes, never with `parquetjs`, which needs no DuckDB. */
  readonly compactEveryMs?: number | undefined
  /** Reads all stored files and compares their checksums this often, at 10 MB/s. Default 0: never. */
  readonly scrubEveryMs?: number | undefined
  /** Where status and metrics are served; nowhere when absent. */
  readonly ops?: OpsConfig | undefined
  /** Take over from processes that record the same feed into the same directory: connect first, then ask them to end. */
  readonly takeover?: boolean | undefined
  /** Stop after this long. */
  readonly durationMs?: number | undefined
  /** Stop when this many games have ended. */
  readonly untilGames?: number | undefined
}
