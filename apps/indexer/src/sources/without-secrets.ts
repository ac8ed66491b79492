import type { DocumentOf, DocumentScope, DocumentSource, SourceContext, TableName } from '@vectra/vectors'

/** A source whose texts have lost what looks like a credential: neither the tables nor an embedding service get to see it. */
export function withoutSecrets<Table extends TableName>(source: DocumentSource<Table>): DocumentSource<Table> {
  return {
    ...source,
    async *scopes(context: SourceContext) {
      for await (const scope of source.scopes(context)) yield { ...scope, load: (signal) => loaded(scope, signal) }
    },
  }
}

async function loaded<Document extends DocumentOf[TableName]>(
  scope: DocumentScope<Document>,
  signal?: AbortSignal,
): ReturnType<DocumentScope<Document>['load']> {
  const [{ redact }, whole] = await Promise.all([import('@vectra/context-tools'), scope.load(signal)])
  const documents = whole.documents.map((document) => ({
    ...document,
    headings: document.headings.map((heading) => redact(heading)),
    body: redact(document.body),
  }))
  return { ...whole, documents }
}
