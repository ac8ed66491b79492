import { isRecord } from './json-value.ts'

/** Distributed-tracing ids that travel as the first argument of most events since Dec 2025. */
export interface TraceContext {
  /** 32 hex digits shared by a request and everything the server emits because of it; null when malformed. */
  readonly traceId: string | null
  /** The W3C `traceparent` as sent; null when it was no string. */
  readonly traceparent: string | null
}

/** The arguments of an event, told apart. */
export interface SplitArguments {
  readonly trace: TraceContext | null
  /** The payload, by reference; null when there is none. */
  readonly payload: unknown
  /** Index of the payload in the arguments; null when there is none. Add 1 for its index in the frame's `[name, …args]`. */
  readonly payloadIndex: number | null
}

/** How the connection shapes arguments. */
export interface SplitOptions {
  /**
   * The connection has Socket.IO's connection state recovery: the server appends an offset string to every event it emits.
   * Default false: then a trailing string is an argument like any other.
   */
  readonly recoveryOffset?: boolean
}

const TRACEPARENT = /^[0-9a-f]{2}-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}(?:-|$)/i

/**
 * Tells trace, payload and recovery offset apart.
 *
 * A leading object with `__trace` or `traceparent` is the trace, whatever the event's name; the payload is the argument
 * after it. Further arguments stay in the frame and are not looked at.
 *
 * @see domain/events.md section 2.3 (105 of 105 traced events have exactly two arguments)
 */
export function splitArguments(args: readonly unknown[], options: SplitOptions = {}): SplitArguments {
  const end = options.recoveryOffset && typeof args.at(-1) === 'string' ? args.length - 1 : args.length
  const trace = end > 0 ? traceOf(args[0]) : null
  const index = trace ? 1 : 0
  if (index >= end) return { trace, payload: null, payloadIndex: null }
  return { trace, payload: args[index] ?? null, payloadIndex: index }
}

function traceOf(first: unknown): TraceContext | null {
  if (!isRecord(first)) return null
  if (!Object.hasOwn(first, 'traceparent') && !Object.hasOwn(first, '__trace')) return null
  const traceparent = Object.hasOwn(first, 'traceparent') ? first.traceparent : null
  if (typeof traceparent !== 'string') return { traceId: null, traceparent: null }
  return { traceId: TRACEPARENT.exec(traceparent)?.[1]?.toLowerCase() ?? null, traceparent }
}
