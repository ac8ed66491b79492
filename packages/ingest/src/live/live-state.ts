import type { EventEnvelope, NewTrade, PlayerUpdate, UsernameStatus } from '@vectra/schemas'
import { applyGameState } from './game.ts'
import { applyAck, applyEffect, applyRequest, expire, orphan, reflect } from './orders.ts'
import { exactOf, payloadOf, provenanceOf, serverNumber } from './server-number.ts'
import { type ConnectionState, emptyLiveState, type LiveState, TRADES_KEPT } from './state.ts'

/** One step of {@link liveState}. */
export interface LiveUpdate {
  readonly state: LiveState
  /** The event that led to it. */
  readonly event: EventEnvelope
}

/**
 * The state after one more event. Pure: the same events in the same order give the same state, live and in replay.
 *
 * Values are the server's own, never computed: an event that fails its schema changes nothing but `asOf`.
 */
export function reduceLiveState(state: LiveState, event: EventEnvelope): LiveState {
  const asOf = Math.max(state.asOf ?? event._ts, event._ts)
  return apply({ ...expire(state, asOf), asOf }, event)
}

function apply(state: LiveState, event: EventEnvelope): LiveState {
  if (event.direction === 'sent') return applyRequest(state, event)
  if (event.direction === 'internal') return applySystem(state, event)
  if (event.acked !== null) return applyAck(state, event)
  switch (event.event_name) {
    case 'gameStateUpdate':
      return applyGameState(state, event)
    case 'playerUpdate':
      return applyPlayer(state, event)
    case 'usernameStatus':
      return applyIdentity(state, event)
    case 'standard/newTrade':
      return applyTrade(applyEffect(state, event), event)
    case 'currentSidebet':
      return applyEffect(state, event)
    default:
      return state
  }
}

/** Every state of a stream of events, each as soon as its event arrives. */
export async function* liveState(
  events: AsyncIterable<EventEnvelope>,
  from: LiveState = emptyLiveState,
): AsyncGenerator<LiveUpdate> {
  let state = from
  for await (const event of events) {
    state = reduceLiveState(state, event)
    yield { state, event }
  }
}

function applyPlayer(state: LiveState, event: EventEnvelope): LiveState {
  const update = payloadOf<PlayerUpdate>(event)
  if (update === null) return state
  const exact = exactOf(event)
  const me = {
    ...provenanceOf(event),
    id: update.id,
    gameId: state.game?.gameId ?? null,
    cash: serverNumber(exact, ['cash']),
    bonusBalance: serverNumber(exact, ['bonusBalance']),
    positionQty: serverNumber(exact, ['positionQty']),
    avgCost: serverNumber(exact, ['avgCost']),
    cumulativePnL: serverNumber(exact, ['cumulativePnL']),
    pnlPercent: serverNumber(exact, ['pnlPercent']),
    totalInvested: serverNumber(exact, ['totalInvested']),
    sidebetPnl: serverNumber(exact, ['sidebetPnl']),
    autosellPrice: serverNumber(exact, ['autosellPrice']),
    sideBet: update.sideBet ?? null,
  }
  return reflect({ ...state, me }, event, state.me)
}

function applyIdentity(state: LiveState, event: EventEnvelope): LiveState {
  const status = payloadOf<UsernameStatus>(event)
  if (status === null) return state
  return { ...state, identity: { ...provenanceOf(event), id: status.id, username: status.username ?? null } }
}

function applyTrade(state: LiveState, event: EventEnvelope): LiveState {
  const trade = payloadOf<NewTrade>(event)
  if (trade === null || state.trades.some((known) => known.trade.id === trade.id)) return state
  const known = { ...provenanceOf(event), trade, exact: exactOf(event) }
  return { ...state, trades: [known, ...state.trades].slice(0, TRADES_KEPT) }
}

const CONNECTION: Readonly<Record<string, ConnectionState>> = {
  connect: 'connected',
  reconnect: 'connected',
  disconnect: 'disconnected',
  connect_error: 'disconnected',
  session_end: 'disconnected',
  stale: 'stale',
}

function applySystem(state: LiveState, event: EventEnvelope): LiveState {
  const next = Object.hasOwn(CONNECTION, event.event_name) ? CONNECTION[event.event_name] : undefined
  if (next === undefined) return state
  const reason =
    next === 'connected' ? null : (textOf(event.payload, 'reason') ?? textOf(event.payload, 'message') ?? event.event_name)
  const connection = { state: next, since: event._ts, reason }
  if (next === 'disconnected')
    return { ...orphan(state, 'the connection was lost before the answer; check the position'), connection }
  return { ...state, connection }
}

function textOf(payload: unknown, key: string): string | null {
  if (typeof payload !== 'object' || payload === null || !Object.hasOwn(payload, key)) return null
  const value = (payload as Record<string, unknown>)[key]
  return typeof value === 'string' ? value : null
}
