import { type CatalogReader, openCatalog } from '@vectra/event-store'
import type { Clock } from '@vectra/schemas'

/** Part files that readers see, by doc_type. */
export type FileCounts = ReadonlyMap<string, { readonly files: number; readonly bytes: number }>

/** Longest that a count is given again without a look at the catalog. */
const KEEP_MS = 10_000

/** Counts part files; asks the catalog again only after a while, and reads it only when it has changed. */
export class PartFiles {
  readonly #dir: string
  readonly #clock: Clock
  #reader: CatalogReader | undefined
  #generation = -1
  #askedAt = Number.NEGATIVE_INFINITY
  #counts: FileCounts = new Map()

  constructor(dir: string, clock: Clock) {
    this.#dir = dir
    this.#clock = clock
  }

  /** The last counts known: a catalog that cannot be read right now must not fail a scrape. */
  counts(): FileCounts {
    if (this.#clock.monotonic() - this.#askedAt < KEEP_MS) return this.#counts
    this.#askedAt = this.#clock.monotonic()
    try {
      this.#reader ??= openCatalog(this.#dir)
      const generation = this.#reader.generation()
      if (generation !== this.#generation) {
        const counts = new Map<string, { files: number; bytes: number }>()
        for (const { docType, bytes } of this.#reader.files()) {
          const count = counts.get(docType) ?? { files: 0, bytes: 0 }
          counts.set(docType, { files: count.files + 1, bytes: count.bytes + bytes })
        }
        this.#counts = counts
        this.#generation = generation
      }
    } catch {
      this.close()
    }
    return this.#counts
  }

  close(): void {
    this.#reader?.close()
    this.#reader = undefined
    this.#generation = -1
  }
}
