import type { Source, SourceItem } from '@vectra/ingest'

/** A source into whose stream rows of our own can be put while it runs. */
export interface AnnotatedSource {
  readonly source: Source
  /** Stands before the source's next item, or at its end. */
  put(item: SourceItem): void
}

/** Makes room for rows that the process itself has to add to a recording. */
export function annotated(source: Source): AnnotatedSource {
  const waiting: SourceItem[] = []
  return {
    put: (item) => void waiting.push(item),
    source: {
      ...source,
      async *items(signal) {
        for await (const item of source.items(signal)) {
          if (waiting.length > 0) yield* waiting.splice(0)
          yield item
        }
        yield* waiting.splice(0)
      },
    },
  }
}
