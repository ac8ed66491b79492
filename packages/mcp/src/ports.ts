import type { DocType, Micros } from '@vectra/schemas'

/** What a long call may tell while it runs, and how it is stopped. */
export interface CallScope {
  readonly signal: AbortSignal
  /** Progress for the caller, when it asked for any; `total` when it is known. */
  progress(done: number, total?: number, message?: string): void
}

/** A place in the order (ts, session_id, seq, doc_type) of event rows. */
export interface EventPosition {
  readonly ts: Micros
  readonly session: string
  readonly seq: number
  readonly type: string
}

/** Which event rows. */
export interface EventsQuery {
  readonly gameId?: string | undefined
  readonly sessionId?: string | undefined
  readonly events?: readonly string[] | undefined
  /** Default: canonical rows, each event once. */
  readonly docTypes?: readonly DocType[] | undefined
  readonly since?: Micros | undefined
  readonly until?: Micros | undefined
  readonly order: 'asc' | 'desc'
  readonly limit: number
  /** Rows behind this place only. */
  readonly after?: EventPosition | undefined
}

/** A stored row under its column names: money as exact text, `ts` in microseconds. */
export type EventRecord = Readonly<Record<string, unknown>> & {
  readonly ts: Micros
  readonly session_id: string
  readonly seq: number
  readonly doc_type: string
  readonly event_name: string
}

/** The stored events, read-only. */
export interface EventsPort {
  /** In the order asked for, by (ts, session_id, seq, doc_type). */
  query(query: EventsQuery, scope: CallScope): AsyncIterable<EventRecord>
  /** Columns of every view: name and SQL type. */
  columns(): readonly { readonly name: string; readonly type: string }[]
  readonly views: readonly string[]
}

/** Answer of one SQL statement: cells are JSON, with DECIMAL and BIGINT as text where a number would lose digits. */
export interface SqlAnswer {
  readonly columns: readonly { readonly name: string; readonly type: string }[]
  readonly rows: readonly (readonly unknown[])[]
  readonly truncated: boolean
  /** What is known to be missing from the rows that could be read: damaged files, declared gaps; one sentence each. */
  readonly missing: readonly string[]
}

/** Sandboxed SQL, in a process of its own. */
export interface SqlPort {
  sql(text: string, bounds: { readonly maxRows: number; readonly timeoutMs: number }, scope: CallScope): Promise<SqlAnswer>
}

/** One game, in words an agent can use. */
export interface GameRecord {
  readonly game_id: string
  readonly first_ts: Micros
  readonly last_ts: Micros
  readonly ticks: number
  readonly last_tick: number | null
  readonly peak: string | null
  readonly rugged: boolean
  readonly rug_tick: number | null
  readonly rug_price: string | null
  readonly trades: number | null
  readonly trades_seen: number
  readonly sessions: readonly string[]
  readonly complete: boolean
  /** Why it is not complete: `no_start`, `no_rug`, `missing_ticks`, `gap`, … */
  readonly reasons: readonly string[]
  /** The same in sentences. */
  readonly missing: readonly string[]
}

/** Which games. */
export interface GamesQuery {
  readonly since?: Micros | undefined
  readonly until?: Micros | undefined
  readonly order: 'asc' | 'desc'
}

/** One trade of a game; money as exact text. */
export interface TradeRecord {
  readonly ts: Micros
  readonly tick: number | null
  readonly action: string | null
  readonly player: string | null
  readonly amount: string | null
  readonly qty: string | null
  readonly price: string | null
}

/** Whether a recorded game is the one its revealed seed makes. */
export interface FairnessRecord {
  readonly verdict: 'fair' | 'mismatch' | 'unverifiable'
  /** Ticks compared with the recomputed path, and how many were equal. */
  readonly compared: number
  readonly equal: number
  readonly server_seed: string | null
  readonly faults: readonly string[]
}

/** The recorded games. */
export interface GamesPort {
  list(query: GamesQuery, scope: CallScope): AsyncIterable<GameRecord>
  /** Undefined when no such game is stored. `id` may be a unique beginning or end. @throws when several games fit */
  get(id: string, scope: CallScope): Promise<GameRecord | undefined>
  trades(gameId: string, scope: CallScope): AsyncIterable<TradeRecord>
  /** Price of each tick, exact text; rising by tick. */
  ticks(gameId: string, scope: CallScope): AsyncIterable<{ readonly tick: number; readonly price: string }>
  fairness(gameId: string, scope: CallScope): Promise<FairnessRecord>
}

/** A table of the search index. */
export type SearchTable = 'events' | 'code_context' | 'debug_notes'

/** One search in one table. */
export interface SearchQuery {
  readonly table: SearchTable
  readonly text: string
  readonly k: number
  readonly mode?: 'hybrid' | 'bm25' | 'dense' | undefined
  readonly filter: {
    readonly since?: Micros | undefined
    readonly until?: Micros | undefined
    readonly game?: string | undefined
    readonly event?: string | undefined
    readonly kinds?: readonly string[] | undefined
    readonly tags?: readonly string[] | undefined
    readonly author?: string | undefined
    readonly path?: string | undefined
  }
  readonly cursor?: string | undefined
}

/** One hit; `reference` says where it stands. */
export interface SearchHit {
  readonly id: string
  readonly kind: string
  readonly title: string
  readonly heading_path: string
  readonly body: string
  readonly score: number
  readonly reference: Readonly<Record<string, unknown>>
}

/** How current a table is. */
export interface TableFreshness {
  readonly table: string
  readonly rows: number
  /** Milliseconds since the epoch; null when it was never brought up to date. */
  readonly synced_at: number | null
  readonly complete: boolean
}

/** Answer to a search. */
export interface SearchAnswerRecord {
  readonly hits: readonly SearchHit[]
  readonly next: string | null
  readonly mode: string
  readonly notices: readonly string[]
  readonly freshness: readonly TableFreshness[]
}

/** The search tables. */
export interface SearchPort {
  search(query: SearchQuery, scope: CallScope): Promise<SearchAnswerRecord>
  status(scope: CallScope): Promise<readonly TableFreshness[]>
}

/** One CONTEXT.md with the verdict over each row. */
export interface ContextDocument {
  readonly path: string
  readonly subject: string
  readonly files: readonly string[]
  readonly text: string
  readonly rows: readonly {
    readonly target: string
    readonly relation: string
    readonly line: number
    readonly verdict: string
    readonly reason: string
  }[]
  /** Edges of the code that no row mentions. */
  readonly omitted: readonly { readonly direction: string; readonly path: string; readonly names: readonly string[] }[]
  /** Files whose signature changed since the review; null when it was never reviewed. */
  readonly stale: readonly string[] | null
}

/** Who depends on a file. */
export interface ImpactRecord {
  readonly path: string
  readonly importers: readonly {
    readonly path: string
    readonly line: number
    readonly names: readonly string[]
    readonly test: boolean
  }[]
  /** Rows of CONTEXT.md files that speak of it. */
  readonly rows: readonly {
    readonly path: string
    readonly line: number
    readonly target: string
    readonly relation: string
    readonly verdict: string
  }[]
}

/** The CONTEXT.md files of one repository, checked against its code. */
export interface ContextPort {
  /** The CONTEXT.md that answers for a file, folder or CONTEXT.md. Undefined when none does. @throws outside of the repository */
  get(path: string, scope: CallScope): Promise<ContextDocument | undefined>
  impact(paths: readonly string[], scope: CallScope): Promise<readonly ImpactRecord[]>
  list(): Promise<readonly string[]>
  /** What is to know about a path or question within so many characters, ready to be shown. */
  show(asked: string, maxChars: number): Promise<string>
}

/** A note to be written. */
export interface NoteDraft {
  readonly text: string
  readonly author: string
  readonly tags: readonly string[]
  readonly games: readonly string[]
  readonly files: readonly string[]
  readonly events: readonly string[]
}

/** Writes debug notes, durably. */
export interface NotesPort {
  add(note: NoteDraft): Promise<{ readonly session_id: string; readonly seq: number }>
}

/** What the server serves. An absent port leaves its tools out; nothing else changes. */
export interface VectraPorts {
  readonly events?: EventsPort | undefined
  readonly sql?: SqlPort | undefined
  readonly games?: GamesPort | undefined
  readonly search?: SearchPort | undefined
  readonly context?: ContextPort | undefined
  /** Only where writing is allowed. */
  readonly notes?: NotesPort | undefined
  /** Facts for `status`: paths, versions, the engine that answers. */
  status(scope: CallScope): Promise<Readonly<Record<string, unknown>>>
}
