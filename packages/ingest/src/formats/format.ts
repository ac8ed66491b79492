import type { Micros } from '@vectra/schemas'
import { eventFrameText } from '../frame.ts'
import type { SourceItem } from '../source.ts'
import { insideArray, type Span, slice } from './json-slice.ts'
import type { LocalTimes } from './local-time.ts'

/** Names of the capture formats; `import:<name>` is the origin of their rows. */
export type FormatName = 'raw_frames' | 'event_log' | 'key_samples' | 'recorded_game'

/** State while one capture is read in order. */
export interface ReadContext {
  readonly times: LocalTimes
  /** Connects seen so far: a capture's own `connect` line starts the next connection. */
  connection: number
}

/** What one line gives: an item, or why it gives none. */
export type LineResult = { readonly item: SourceItem; readonly at: Micros } | { readonly broken: string }

/** A format with one JSON object per line. */
export interface LineFormat {
  readonly name: Exclude<FormatName, 'key_samples'>
  /** Does a parsed line belong to this format? */
  matches(line: unknown): boolean
  /** Reads a line that `JSON.parse` accepted. */
  read(text: string, line: Readonly<Record<string, unknown>>, context: ReadContext): LineResult
}

/** Is `value` a JSON object? */
export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/**
 * The frame that a capture line came from, rebuilt from the line's own text: names and numbers keep their spelling.
 *
 * A `data` array whose first element is a trace becomes two arguments, as on the wire; anything else is one argument.
 */
export function frameOfLine(text: string, name: Span, data: Span | undefined, value: unknown): string {
  if (!data) return eventFrameText(slice(text, name), '')
  const span = isTraced(value) ? insideArray(text, data) : data
  return eventFrameText(slice(text, name), slice(text, span))
}

function isTraced(value: unknown): boolean {
  const first: unknown = Array.isArray(value) ? value[0] : undefined
  return isObject(first) && (Object.hasOwn(first, '__trace') || Object.hasOwn(first, 'traceparent'))
}
