import { decodeAck, decodeEvent, type SchemaIssue } from '@vectra/schemas'

/** What the schemas say about one event, as an envelope needs it. */
export interface Checked {
  readonly payload: unknown
  /** Index of the payload in the frame's array; null when there is none. */
  readonly payloadIndex: number | null
  readonly traceId: string | null
  readonly gameId: string | null
  /** The game that is on, when the event is a state of the game; else null. Late trades of an older game say nothing. */
  readonly stateOfGame: string | null
  readonly issues: readonly SchemaIssue[] | null
}

/** Checks an event of a frame `[name, …args]`. */
export function checkEvent(name: string, args: readonly unknown[], options: { readonly recoveryOffset: boolean }): Checked {
  const decoded = decodeEvent(name, args, options)
  const facts = decoded.ok ? decoded.event : decoded.raw
  return {
    payload: facts.payload,
    payloadIndex: facts.payloadIndex === null ? null : facts.payloadIndex + 1,
    traceId: facts.traceId,
    gameId: facts.gameId,
    stateOfGame: name === 'gameStateUpdate' ? facts.gameId : null,
    issues: decoded.ok ? null : decoded.issues,
  }
}

/** Checks an ack `[…args]` against the results of the request it answers; null when that was not seen. */
export function checkAck(request: string | null, args: readonly unknown[]): Checked {
  const decoded = decodeAck(request, args)
  const { payload, payloadIndex, traceId, gameId } = decoded.ok ? decoded.event : decoded.raw
  return { payload, payloadIndex, traceId, gameId, stateOfGame: null, issues: decoded.ok ? null : decoded.issues }
}
