import type { EventEnvelope } from '@vectra/schemas'

/** A row that a watcher wants written behind the event it saw. */
export type Noted =
  | { readonly kind: 'system'; readonly name: string; readonly gameId: string | null; readonly payload: object }
  /** The price of a tick that no frame showed. `text` is the row's JSON, its numbers taken verbatim. */
  | { readonly kind: 'tick'; readonly gameId: string; readonly text: string; readonly origin: string }

/** Sees every envelope of a live recording that was a frame, in order, and notes what follows from it. Never throws; its memory is bounded. */
export interface Watcher {
  onEvent(envelope: EventEnvelope, connection: string): readonly Noted[]
}

/** Nothing to note. */
export const NOTHING: readonly Noted[] = []

/** A payload whose members can be looked at. */
export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
