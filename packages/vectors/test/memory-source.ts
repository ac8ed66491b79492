import type { CodeDocument, DocumentOf, DocumentSource, NoteDocument, TableName } from '../src/index.ts'

/** A source whose scopes a test changes by hand; it counts what was loaded. */
export function memorySource<Table extends TableName>(
  table: Table,
  scopes: Map<string, readonly DocumentOf[Table][]>,
): DocumentSource<Table> & { loaded: string[] } {
  const loaded: string[] = []
  return {
    table,
    loaded,
    position: () => `${scopes.size} scopes`,
    async *scopes() {
      for (const [scope, documents] of scopes) {
        yield {
          scope,
          version: JSON.stringify(documents),
          load: async () => {
            loaded.push(scope)
            return { documents }
          },
        }
      }
    },
  }
}

export function codeDocument(id: string, body: string, more: Partial<CodeDocument> = {}): CodeDocument {
  return {
    table: 'code_context',
    kind: 'section',
    id,
    headings: ['src/CONTEXT.md', id],
    body,
    path: 'src/CONTEXT.md',
    module: 'src',
    line: 1,
    ...more,
  }
}

export function noteDocument(id: string, body: string, more: Partial<NoteDocument> = {}): NoteDocument {
  return {
    ...{ table: 'debug_notes', kind: 'note', id, headings: [id], body, ts: 1_765_000_000_000_000, sessionId: 's', seq: 1 },
    ...{ author: 'ada', tags: [], games: [], files: [], events: [] },
    ...more,
  }
}
