import { frameOfLine, isObject, type LineResult } from './format.ts'
import { memberSpans } from './json-slice.ts'
import { isMicros } from './local-time.ts'

/** One sample of the document, in its place. */
export interface Sample {
  /** Key in the document, for reports. */
  readonly key: string
  /** Line of the document at which the sample starts, from 1. */
  readonly line: number
  readonly result: LineResult
}

/** Is this one object of samples `{"_meta", "event_type", "timestamp_ms", "data"}`? */
export function isKeySamples(document: unknown): document is Readonly<Record<string, unknown>> {
  if (!isObject(document)) return false
  return Object.values(document).some(
    (sample) => isObject(sample) && isObject(sample._meta) && 'event_type' in sample && 'data' in sample,
  )
}

/**
 * The samples in order of arrival, which `_meta.index` gives and the keys do not. Times are Unix milliseconds.
 *
 * The numbers and blanks of each `data` stay as they stand, line breaks included.
 */
export function readKeySamples(text: string, document: Readonly<Record<string, unknown>>): Sample[] {
  const spans = memberSpans(text)
  const samples = Object.entries(document).map(([key, sample], position) => {
    const span = spans.get(key)
    const start = span?.start ?? 0
    const index =
      isObject(sample) && isObject(sample._meta) && typeof sample._meta.index === 'number' ? sample._meta.index : position
    return { key, start, index, result: span ? readSample(text, start, sample) : { broken: 'sample not found' } }
  })
  samples.sort((a, b) => a.index - b.index || a.start - b.start)
  return samples.map(({ key, start, result }) => ({ key, line: lineAt(text, start), result }))
}

function readSample(text: string, start: number, sample: unknown): LineResult {
  if (!isObject(sample)) return { broken: 'sample is no object' }
  const ms = sample.timestamp_ms
  if (typeof ms !== 'number' || !isMicros(ms * 1000)) return { broken: 'timestamp_ms is missing or no time' }
  const members = memberSpans(text, start)
  const name = members.get('event_type')
  if (!name || typeof sample.event_type !== 'string') return { broken: 'event_type is missing or no text' }
  const at = ms * 1000
  const frame = frameOfLine(text, name, members.get('data'), sample.data)
  return { at, item: { kind: 'frame', frame: { text: frame, direction: 'received', at, connection: 'import-0' } } }
}

function lineAt(text: string, position: number): number {
  let line = 1
  for (let at = text.indexOf('\n'); at >= 0 && at < position; at = text.indexOf('\n', at + 1)) line += 1
  return line
}
