import { readFileSync } from 'node:fs'
import { EVENTS } from '@vectra/schemas'
import {
  contextDocuments,
  type DocumentOf,
  type DocumentSource,
  type EventDocument,
  noteDocument,
  protocolDocuments,
  schemaDocument,
  type TableName,
} from '../../src/index.ts'
import { memorySource } from '../memory-source.ts'
import { storedEvent } from '../stored-event.ts'

/** One labelled query. `relevant` are conditions on rows: any of them makes a row relevant. */
export interface LabelledQuery {
  readonly table: TableName
  readonly form: 'question' | 'identifier' | 'operation'
  readonly text: string
  readonly relevant: readonly string[]
}

const read = <T>(name: string): T =>
  JSON.parse(readFileSync(new URL(`../fixtures/retrieval/${name}.json`, import.meta.url), 'utf8')) as T

/** The labelled queries: questions that avoid the documents' words, identifiers, operations. */
export const labelledQueries = (): LabelledQuery[] => read('queries')

/** A second set, written after everything was tuned on the first, to see whether it holds: never choose anything by it. */
export const heldOutQueries = (): LabelledQuery[] => read('queries-held-out')

/** Sources over the frozen corpus: CONTEXT.md files, protocol page, simulated events, notes, and the schemas as they are today. */
export function corpusSources(): DocumentSource<TableName>[] {
  const files = Object.entries(read<Record<string, string>>('files'))
  const code = new Map(
    files.filter(([path]) => path.endsWith('CONTEXT.md')).map(([path, text]) => [path, contextDocuments(path, text)]),
  )
  const events = new Map<string, readonly EventDocument[]>([
    ...files.filter(([path]) => path.startsWith('docs/')).map(([path, text]) => [path, protocolDocuments(path, text)] as const),
    ...Object.values(EVENTS).map((definition) => [`schema:${definition.name}`, [schemaDocument(definition)]] as const),
    ['stored', read<EventDocument[]>('events')],
  ])
  const notes = read<{ author: string; tags: string[]; text: string }[]>('notes').flatMap(
    (payload, at) => noteDocument(storedEvent({ event_name: 'debug_note', seq: at + 1, payload })) ?? [],
  )
  const source = <Table extends TableName>(table: Table, scopes: Map<string, readonly DocumentOf[Table][]>) =>
    memorySource(table, scopes) as unknown as DocumentSource<TableName>
  return [source('code_context', code), source('events', events), source('debug_notes', new Map([['notes', notes]]))]
}

/** The ids of a table's rows that are relevant to a query. */
export function relevantIds(query: LabelledQuery, rows: readonly Record<string, unknown>[]): Set<string> {
  const holds = (row: Record<string, unknown>, condition: string): boolean => {
    if (condition.startsWith('schema ')) return row['kind'] === 'schema' && row['event_name'] === condition.slice(7)
    const [field = '', ...rest] = condition.split(':')
    const value = rest.join(':')
    if (field === 'heading') return String(row['heading_path']).includes(value)
    if (field === 'body') return String(row['body']).includes(value)
    const column = { game: 'game_id', event: 'event_name' }[field] ?? field
    return row[column] === value
  }
  return new Set(rows.filter((row) => query.relevant.some((condition) => holds(row, condition))).map((row) => String(row['id'])))
}
