import type { Micros } from '@vectra/schemas'
import type { Source } from '../source.ts'

/** One recorded frame: its exact text (`packet + raw_json` of a stored event) and when it came. */
export interface ReplayRecord {
  readonly at: Micros
  /** Engine.IO text with its type digit, or the bytes of a binary frame. */
  readonly text: string | Uint8Array
  readonly direction: 'received' | 'sent'
  readonly connection?: string
}

/** Recorded frames in order. To play them more than once (loop, several clients) give an array or a function. */
export type ReplayRecords =
  | Iterable<ReplayRecord>
  | AsyncIterable<ReplayRecord>
  | (() => Iterable<ReplayRecord> | AsyncIterable<ReplayRecord>)

/** The frames of a source as records, e.g. of an imported capture. Lines that never were frames are left out. */
export function replayRecords(
  source: Source,
  signal: AbortSignal = new AbortController().signal,
): () => AsyncIterable<ReplayRecord> {
  return async function* () {
    for await (const item of source.items(signal)) {
      if (item.kind === 'frame') yield item.frame
    }
  }
}

/** One pass over the records. */
export function openRecords(records: ReplayRecords): Iterable<ReplayRecord> | AsyncIterable<ReplayRecord> {
  return typeof records === 'function' ? records() : records
}

/** Can the records be read again from the start? A generator cannot. */
export function isRepeatable(records: ReplayRecords): boolean {
  if (typeof records === 'function') return true
  const iterator: unknown = Symbol.asyncIterator in records ? records[Symbol.asyncIterator]() : records[Symbol.iterator]()
  return iterator !== records
}
