/** When to connect, wait, close and give up: decisions only. The socket, timers and clock live in the source. */
import { type BackoffOptions, backoffDelay } from './backoff.ts'

/** State of one source's connection. All times are monotonic milliseconds. */
export interface ConnectionState {
  readonly phase: 'idle' | 'connecting' | 'open' | 'waiting' | 'ended'
  /** Attempts since the last good message. */
  readonly attempt: number
  /** A connection was open before: the next one is a reconnect. */
  readonly opened: boolean
  /** Since when no message could arrive; null while open. */
  readonly downSince: number | null
}

/** What happened. */
export type ConnectionInput =
  | { readonly kind: 'start' | 'retry' | 'message' | 'stop'; readonly at: number }
  | { readonly kind: 'opened'; readonly at: number }
  | { readonly kind: 'failed'; readonly at: number; readonly message: string }
  | { readonly kind: 'closed'; readonly at: number; readonly byServer: boolean }
  | { readonly kind: 'stale'; readonly at: number }

/** What to do about it, in order. */
export type ConnectionEffect =
  | { readonly do: 'open' | 'close' | 'end' }
  | { readonly do: 'wait'; readonly delayMs: number }
  | { readonly do: 'give-up'; readonly downMs: number; readonly message: string }

/** How stubborn a connection is. */
export interface ConnectionPolicy {
  readonly backoff: BackoffOptions
  /** Give up after this long without a connection; null: never. */
  readonly giveUpAfterMs: number | null
  /** What a disconnect packet from the server means. */
  readonly onServerDisconnect: 'reconnect' | 'end'
}

/** Before the start. */
export const IDLE: ConnectionState = { phase: 'idle', attempt: 0, opened: false, downSince: null }

/**
 * The reconnect state machine.
 *
 * Retries have no limit unless `giveUpAfterMs` is set. The wait grows with every attempt and starts small again only after a
 * good message: a server that accepts and drops connections at once is not hammered.
 *
 * @param random uniform in [0, 1), for the jitter of this step
 */
export function step(
  state: ConnectionState,
  input: ConnectionInput,
  policy: ConnectionPolicy,
  random: number,
): { state: ConnectionState; effects: ConnectionEffect[] } {
  if (state.phase === 'ended') return { state, effects: [] }
  switch (input.kind) {
    case 'start':
      return { state: { ...state, phase: 'connecting', downSince: input.at }, effects: [{ do: 'open' }] }
    case 'retry':
      if (state.phase !== 'waiting') return { state, effects: [] }
      return { state: { ...state, phase: 'connecting' }, effects: [{ do: 'open' }] }
    case 'opened':
      return { state: { ...state, phase: 'open', opened: true }, effects: [] }
    case 'message':
      return { state: { ...state, attempt: 0, downSince: null }, effects: [] }
    case 'stop':
      return { state: { ...state, phase: 'ended' }, effects: [{ do: 'close' }, { do: 'end' }] }
    case 'failed':
      return later(state, input.at, input.message, [{ do: 'close' }], policy, random)
    case 'stale':
      return later(state, input.at, 'stale', [{ do: 'close' }], policy, random)
    case 'closed':
      if (input.byServer && policy.onServerDisconnect === 'end') {
        return { state: { ...state, phase: 'ended' }, effects: [{ do: 'close' }, { do: 'end' }] }
      }
      return later(state, input.at, 'connection closed', [{ do: 'close' }], policy, random)
  }
}

function later(
  state: ConnectionState,
  at: number,
  message: string,
  effects: ConnectionEffect[],
  policy: ConnectionPolicy,
  random: number,
): { state: ConnectionState; effects: ConnectionEffect[] } {
  const downSince = state.downSince ?? at
  const downMs = at - downSince
  const left = policy.giveUpAfterMs === null ? Number.POSITIVE_INFINITY : policy.giveUpAfterMs - downMs
  if (left <= 0) {
    return { state: { ...state, phase: 'ended', downSince }, effects: [...effects, { do: 'give-up', downMs, message }] }
  }
  const delayMs = Math.min(left, backoffDelay(state.attempt, random, policy.backoff))
  return {
    state: { ...state, phase: 'waiting', attempt: state.attempt + 1, downSince },
    effects: [...effects, { do: 'wait', delayMs }],
  }
}
