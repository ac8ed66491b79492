import { listFiles } from '@vectra/event-store'
import type { DocType } from '@vectra/schemas'
import type { TableName } from '@vectra/vectors'

/** Rows that are documents' source, by table: projections repeat what canonical rows say. */
const SOURCES: readonly { readonly table: TableName; readonly docTypes: readonly DocType[] }[] = [
  { table: 'events', docTypes: ['ws_event', 'system_event'] },
  { table: 'debug_notes', docTypes: ['debug_note'] },
]

/** How many stored events came since each table was last brought up to date. Known from the first run on. */
export class IndexLag {
  readonly #dataDir: string
  readonly #seen = new Map<TableName, number>()

  constructor(dataDir: string) {
    this.#dataDir = dataDir
  }

  /** Looks before a run; the function it gives back is called when that run came to its end. */
  begin(table: TableName): () => void {
    const stored = this.#stored().get(table)
    return () => void (stored === undefined ? this.#seen.delete(table) : this.#seen.set(table, stored))
  }

  /** Events in part files that came since, by table; without those that cannot be counted now. */
  now(): Map<TableName, number> {
    const lags = new Map<TableName, number>()
    for (const [table, stored] of this.#stored()) {
      const seen = this.#seen.get(table)
      // Retention takes rows away; that is no event to look at.
      if (seen !== undefined) lags.set(table, Math.max(0, stored - seen))
    }
    return lags
  }

  /** Rows of the sources as the catalog lists them now, by table; empty while it cannot be read. */
  #stored(): Map<TableName, number> {
    const rows = new Map<TableName, number>(SOURCES.map(({ table }) => [table, 0]))
    try {
      for (const file of listFiles(this.#dataDir))
        for (const { table, docTypes } of SOURCES)
          if (docTypes.includes(file.docType)) rows.set(table, (rows.get(table) ?? 0) + file.rows)
      return rows
    } catch {
      // The run itself tells what is wrong with the catalog.
      return new Map()
    }
  }
}
