import type { SqlResult } from '../query/sandbox.ts'

/** Which engine a caller wants: `auto` is the remote when it answers, else the local one. */
export type EngineChoice = 'local' | 'motherduck' | 'auto'

/** What a probe of a remote database found. */
export type ProbeResult =
  | { readonly ok: true; readonly version: string }
  /** `reason` is shown to people: what is missing, and where it was looked for. */
  | { readonly ok: false; readonly reason: string }

/** Bounds of one remote statement. */
export interface RemoteQueryOptions {
  /** The statement has this LIMIT already; a remote may cut off there too, and then says `truncated`. */
  readonly maxRows: number
  readonly timeoutMs: number
  readonly signal?: AbortSignal | undefined
}

/**
 * A DuckDB dialect database somewhere else: MotherDuck attached in this process, a DuckDB behind an MCP server, a test's child process.
 *
 * Each call is one self-contained SELECT (the views are spelled out in it), so that a remote may use a fresh connection every time.
 * Every column of it is VARCHAR: values are exact however the remote carries its rows (JSON included), and NULL is null.
 */
export interface RemoteSql {
  /** Shown in the status, e.g. `mcp-server-motherduck`. */
  readonly name: string
  /** Whether it would answer now. Never throws. */
  probe(signal?: AbortSignal): Promise<ProbeResult>
  /**
   * Runs one statement.
   *
   * @throws an error whose message has DuckDB's own text (`Binder Error: …`) when the database refused the statement; any other
   * error means that it did not answer
   */
  query(sql: string, options: RemoteQueryOptions): Promise<SqlResult>
  close(): Promise<void>
}

/** Which engine answers, and why. */
export interface EngineStatus {
  readonly engine: 'local' | 'motherduck'
  /** In words, e.g. `no remote is configured`. */
  readonly reason: string
  /** Name of the remote that was asked, if one was given. */
  readonly remote: string | null
  /** Version of the engine that answers. */
  readonly version: string | null
}
