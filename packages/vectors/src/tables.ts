import type { Field, Schema } from 'apache-arrow'
import type { AnyDocument, DocumentOf, TableName } from './documents/document.ts'
import type { Entry } from './documents/entry.ts'
import { arrow } from './lance.ts'

/** A row as LanceDB takes it. */
export type Row = Readonly<Record<string, unknown>>

/** Arrow types of the columns that only some tables have. */
type ColumnKind = 'text' | 'texts' | 'time' | 'integer'

/** What makes one table: its own columns, and how a document fills them. */
export interface TableDefinition<Document extends AnyDocument> {
  readonly columns: Readonly<Record<string, ColumnKind>>
  values(document: Document): Row
}

const time = (micros: number | undefined): number | null => (micros === undefined ? null : Math.floor(micros / 1000))
const whole = (value: number | undefined): bigint | null => (value === undefined ? null : BigInt(value))

/** The three tables: each its own columns, so that a row of one fits no other. */
export const DEFINITIONS: { readonly [Table in TableName]: TableDefinition<DocumentOf[Table]> } = {
  events: {
    columns: {
      ts: 'time',
      game_id: 'text',
      session_id: 'text',
      seq: 'integer',
      event_name: 'text',
      player_id: 'text',
      path: 'text',
    },
    values: (document) => ({
      ts: time(document.ts),
      game_id: document.gameId ?? null,
      session_id: document.sessionId ?? null,
      seq: whole(document.seq),
      event_name: document.eventName ?? null,
      player_id: document.playerId ?? null,
      path: document.path ?? null,
    }),
  },
  code_context: {
    columns: { path: 'text', module: 'text', line: 'integer', verdict: 'text' },
    values: (document) => ({
      path: document.path,
      module: document.module,
      line: whole(document.line),
      verdict: document.verdict ?? null,
    }),
  },
  debug_notes: {
    columns: {
      ts: 'time',
      session_id: 'text',
      seq: 'integer',
      author: 'text',
      tags: 'texts',
      games: 'texts',
      files: 'texts',
      events: 'texts',
    },
    values: (document) => ({
      ts: time(document.ts),
      session_id: document.sessionId,
      seq: whole(document.seq),
      author: document.author,
      tags: [...document.tags],
      games: [...document.games],
      files: [...document.files],
      events: [...document.events],
    }),
  },
}

const COMMON = ['id', 'scope', 'hash', 'kind', 'title', 'heading_path', 'body', 'fts_text'] as const

/** Columns of a table without the vector, in order. */
export function columnNames(table: TableName): string[] {
  return [...COMMON, ...Object.keys(DEFINITIONS[table].columns)]
}

/** Arrow schema of a table; `metadata` goes into the table's own metadata. */
export function tableSchema(table: TableName, dimensions: number, metadata: ReadonlyMap<string, string>): Schema {
  const { Field, FixedSizeList, Float32, Int64, List, Schema, TimestampMillisecond, Utf8 } = arrow
  const item = (): Field => new Field('item', new Utf8(), true)
  const own = Object.entries(DEFINITIONS[table].columns).map(([name, kind]) => {
    if (kind === 'time') return new Field(name, new TimestampMillisecond('UTC'), true)
    if (kind === 'integer') return new Field(name, new Int64(), true)
    return new Field(name, kind === 'texts' ? new List(item()) : new Utf8(), true)
  })
  return new Schema(
    [
      ...COMMON.map((name) => new Field(name, new Utf8(), false)),
      ...own,
      new Field('vector', new FixedSizeList(dimensions, new Field('item', new Float32(), true)), true),
    ],
    new Map(metadata),
  )
}

/** The row of an entry; a null vector is one that was not computed. */
export function rowOf<Table extends TableName>(table: Table, entry: Entry<DocumentOf[Table]>, vector: Float32Array | null): Row {
  return {
    id: entry.id,
    scope: entry.scope,
    hash: entry.hash,
    kind: entry.document.kind,
    title: entry.title,
    heading_path: entry.headingPath,
    body: entry.body,
    fts_text: entry.ftsText,
    ...DEFINITIONS[table].values(entry.document),
    vector: vector === null ? null : Array.from(vector),
  }
}
