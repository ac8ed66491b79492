/** Everything a recording can be told. Times in milliseconds. */
export interface RecorderConfig {
  /** Absolute path of the data directory. */
  readonly dataDir: string
  /** What is recorded. More kinds come with later sources. */
  readonly source: 'public_ws'
  /** Address of the Socket.IO server. */
  readonly url: string
  /** Socket.IO path. */
  readonly path: string
  /** How long the first connection may take; 0 waits for ever. */
  readonly connectTimeoutMs: number
  /** Silence after which a connection is renewed; heartbeats do not count. */
  readonly staleAfterMs: number
  readonly flush: { readonly maxEvents: number; readonly intervalMs: number }
  readonly encoder: 'duckdb' | 'parquetjs'
  /** How often small part files are merged on the side; 0 never. Default 5 minutes, never with `parquetjs`, which needs no DuckDB. */
  readonly compactEveryMs?: number | undefined
  /** Take the server's disconnect as the end of the feed instead of connecting again. Default false. */
  readonly untilEnd?: boolean | undefined
  /** Stop after this long. */
  readonly durationMs?: number | undefined
  /** Stop when this many games have ended. */
  readonly untilGames?: number | undefined
}
