/** SQL type of a stored column, as DuckDB and every Parquet reader sees it. */
export type ColumnType = 'TIMESTAMP' | 'BIGINT' | 'INTEGER' | 'BOOLEAN' | 'VARCHAR' | 'DECIMAL(38,20)' | 'DECIMAL(18,9)'

/**
 * The one physical schema of every part file, whatever its doc_type, in column order.
 *
 * `doc_type` and `date` are not columns: they are the Hive folders. `DECIMAL(38,20)` holds prices (multiples of the presale
 * price), `DECIMAL(18,9)` SOL amounts and token quantities (1e-9 = 1 lamport). Canonical rows carry `raw_json`; projections
 * leave it null and point back by (`session_id`, `seq`).
 */
export const COLUMNS = {
  ts: 'TIMESTAMP',
  seq: 'BIGINT',
  source: 'VARCHAR',
  session_id: 'VARCHAR',
  game_id: 'VARCHAR',
  direction: 'VARCHAR',
  event_name: 'VARCHAR',
  ack_id: 'BIGINT',
  trace_id: 'VARCHAR',
  origin: 'VARCHAR',
  phase: 'VARCHAR',
  tick: 'INTEGER',
  price: 'DECIMAL(38,20)',
  cooldown_ms: 'INTEGER',
  active: 'BOOLEAN',
  rugged: 'BOOLEAN',
  trade_count: 'INTEGER',
  player_id: 'VARCHAR',
  username: 'VARCHAR',
  action: 'VARCHAR',
  amount: 'DECIMAL(18,9)',
  qty: 'DECIMAL(18,9)',
  cash: 'DECIMAL(18,9)',
  position_qty: 'DECIMAL(18,9)',
  avg_cost: 'DECIMAL(38,20)',
  pnl: 'DECIMAL(18,9)',
  total_invested: 'DECIMAL(18,9)',
  request_seq: 'BIGINT',
  latency_us: 'BIGINT',
  success: 'BOOLEAN',
  /** Comma-separated columns whose value was rounded to the column's scale; the literal stands in `raw_json`. */
  inexact: 'VARCHAR',
  /** JSON array of schema issues; null when valid. */
  issues: 'VARCHAR',
  payload_index: 'INTEGER',
  packet: 'VARCHAR',
  raw_json: 'VARCHAR',
} as const satisfies Record<string, ColumnType>

export type ColumnName = keyof typeof COLUMNS

/** Version of the physical schema, in every part's key-value metadata as `vectra.schema_version`. */
export const SCHEMA_VERSION = 1
