import type { Micros } from '@vectra/schemas'

/** The three tables. They are never mixed: no search crosses them unless all are named. */
export const TABLES = ['events', 'code_context', 'debug_notes'] as const
export type TableName = (typeof TABLES)[number]

/** Kinds of documents in `events`. */
export const EVENT_KINDS = [
  'protocol',
  'schema',
  'shape',
  'game',
  'rug',
  'god_candle',
  'trade',
  'sidebet',
  'player_state',
  'order',
  'gap',
  'schema_issue',
  'system',
] as const
export type EventKind = (typeof EVENT_KINDS)[number]

/** Kinds of documents in `code_context`. */
export const CODE_KINDS = ['purpose', 'relations', 'data_flow', 'decision', 'status', 'section'] as const
export type CodeKind = (typeof CODE_KINDS)[number]

interface DocumentText {
  /** Unique inside its scope. */
  readonly id: string
  /** From the outermost heading to the nearest: file or table first, the document's own title last. */
  readonly headings: readonly string[]
  /** What is shown and searched. */
  readonly body: string
}

/** A text about the protocol or about stored events. Points back to (`sessionId`, `seq`), a game, or a file. */
export interface EventDocument extends DocumentText {
  readonly table: 'events'
  readonly kind: EventKind
  readonly ts?: Micros | undefined
  readonly gameId?: string | undefined
  readonly sessionId?: string | undefined
  readonly seq?: number | undefined
  readonly eventName?: string | undefined
  readonly playerId?: string | undefined
  readonly path?: string | undefined
}

/** A section, decision or relation of a CONTEXT.md. */
export interface CodeDocument extends DocumentText {
  readonly table: 'code_context'
  readonly kind: CodeKind
  /** File of the text, relative to the repository, with `/`. */
  readonly path: string
  /** Folder or script that the text is about. */
  readonly module: string
  /** First line, from 1. */
  readonly line: number
  /** `verified`, `contradicted`, `unverifiable` or `stale`, when a check said so. */
  readonly verdict?: string | undefined
}

/** A note of a person or an agent. */
export interface NoteDocument extends DocumentText {
  readonly table: 'debug_notes'
  readonly kind: 'note'
  readonly ts: Micros
  readonly sessionId: string
  readonly seq: number
  readonly author: string
  readonly tags: readonly string[]
  readonly games: readonly string[]
  readonly files: readonly string[]
  /** `<session id>:<seq>` */
  readonly events: readonly string[]
}

/** What may be written to which table. */
export interface DocumentOf {
  readonly events: EventDocument
  readonly code_context: CodeDocument
  readonly debug_notes: NoteDocument
}

/** Any document. */
export type AnyDocument = DocumentOf[TableName]

/** What a scope holds. */
export interface LoadedScope<Document> {
  readonly documents: readonly Document[]
  /** Small derived facts that later scopes of the same source need; kept with the checkpoint. */
  readonly facts?: string | undefined
}

/**
 * A unit that changes as a whole: one file, one game, one block of a session.
 *
 * Equal `version` means equal documents: an unchanged scope is not even loaded.
 */
export interface DocumentScope<Document> {
  readonly scope: string
  readonly version: string
  load(signal?: AbortSignal): Promise<LoadedScope<Document>>
}

/** What a source is told about the table while it lists its scopes. */
export interface SourceContext {
  /** Facts of a scope that was loaded in this run or an earlier one. */
  facts(scope: string): string | undefined
  readonly signal?: AbortSignal | undefined
}

/**
 * Where documents come from. Owned by this package, implemented by who has the data.
 *
 * `scopes` names every scope that exists now; what it does not name is deleted from the table.
 */
export interface DocumentSource<Table extends TableName = TableName> {
  readonly table: Table
  /** Equal stamps mean equal scopes: a table that was completed under the same stamp is not looked at. */
  readonly stamp?: string | undefined
  /** Whether a scope that was not named is this source's to delete. Default: every scope is. */
  owns?(scope: string): boolean
  scopes(context: SourceContext): AsyncIterable<DocumentScope<DocumentOf[Table]>>
  /** How many scopes there will be, about, as soon as it is known; for progress. */
  total?(): number | undefined
  /** How far the source is, in words; shown as freshness. Asked after the last scope. */
  position?(): string
}
