import { listFiles } from '@vectra/event-store'
import type { DocType } from '@vectra/schemas'
import type { TableName } from '@vectra/vectors'

/** Rows that are documents' source, by table: projections repeat what canonical rows say. */
const SOURCES = {
  events: ['ws_event', 'system_event'],
  debug_notes: ['debug_note'],
} as const satisfies Partial<Record<TableName, readonly DocType[]>>

/** How many stored events came since each table was last brought up to date. Known from the first run on. */
export class IndexLag {
  readonly #dataDir: string
  readonly #seen = new Map<TableName, number>()

  constructor(dataDir: string) {
    this.#dataDir = dataDir
  }

  /** Looks before a run; the function it gives back is called when that run came to its end. */
  begin(table: TableName): () => void {
    const stored = this.#stored(table)
    return () => void (stored === undefined ? this.#seen.delete(table) : this.#seen.set(table, stored))
  }

  /** Events in part files that came since, by table; without those that cannot be counted now. */
  now(): Map<string, number> {
    const lags = new Map<string, number>()
    for (const [table, seen] of this.#seen) {
      const stored = this.#stored(table)
      // Retention takes rows away; that is no event to look at.
      if (stored !== undefined) lags.set(table, Math.max(0, stored - seen))
    }
    return lags
  }

  #stored(table: TableName): number | undefined {
    if (table === 'code_context') return undefined
    const wanted: readonly DocType[] = SOURCES[table]
    try {
      return listFiles(this.#dataDir).reduce((sum, file) => sum + (wanted.includes(file.docType) ? file.rows : 0), 0)
    } catch {
      // The run itself tells what is wrong with the catalog.
      return undefined
    }
  }
}
