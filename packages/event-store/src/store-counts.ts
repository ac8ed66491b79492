import type { DocType } from '@vectra/schemas'
import type { MaterializeResult } from './materialize.ts'
import type { StoreStats } from './store-api.ts'

type ByDocType = Partial<Record<DocType, number>>

function addUp(sums: ByDocType, more: Readonly<Record<string, number>>): void {
  for (const [docType, count] of Object.entries(more)) sums[docType as DocType] = (sums[docType as DocType] ?? 0) + count
}

/** What a store has done since it was opened. */
export class StoreCounts {
  #acked = 0
  #buffered = 0
  #refused = 0
  #segmentsPublished = 0
  #partsWritten = 0
  #partBytes = 0
  readonly #rows: ByDocType = {}
  readonly #bytes: ByDocType = {}

  /** Events that are not durable yet. */
  taken(events: number): void {
    this.#buffered += events
  }

  acknowledged(events: number): void {
    this.#buffered -= events
    this.#acked += events
  }

  refused(events: number): void {
    this.#buffered -= events
    this.#refused += events
  }

  published(result: MaterializeResult): void {
    if (result.published) this.#segmentsPublished++
    this.#partsWritten += result.files
    this.#partBytes += result.bytes
    addUp(this.#rows, result.rowsByDocType)
    addUp(this.#bytes, result.bytesByDocType)
  }

  stats(): Omit<StoreStats, 'pendingBytes' | 'segmentsPending'> {
    return {
      acked: this.#acked,
      buffered: this.#buffered,
      segmentsPublished: this.#segmentsPublished,
      partsWritten: this.#partsWritten,
      partBytes: this.#partBytes,
      rowsByDocType: { ...this.#rows },
      bytesByDocType: { ...this.#bytes },
      refused: this.#refused,
    }
  }
}
