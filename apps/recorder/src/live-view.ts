import { type EventEnvelope, type Phase, phaseOf } from '@vectra/schemas'

/** The round a feed is in, as far as its last frame said. */
export interface LiveView {
  readonly gameId: string | null
  readonly phase: Phase | null
  /** Null in cooldown and presale. */
  readonly tick: number | null
  readonly price: number | null
  /** Games seen to their end: rugged, and the feed has moved on. */
  readonly gamesEnded: number
  /** Rugged, but the frame with its seed may still come. */
  readonly awaiting: string | null
}

/** Nothing seen yet. */
export const EMPTY_VIEW: LiveView = { gameId: null, phase: null, tick: null, price: null, gamesEnded: 0, awaiting: null }

/**
 * The view after one more event; the same object when the event says nothing about the round.
 *
 * A game counts as ended once its history entry came, or the next game reached presale: its seed is revealed in a frame
 * that follows the rug by up to five seconds, may lag behind smaller ones, and is missing now and then.
 *
 * @see domain/events.md sections 3.1 and 3.2
 */
export function nextView(view: LiveView, event: EventEnvelope): LiveView {
  if (event.event_name !== 'gameStateUpdate' || event.direction !== 'received' || !isRecord(event.payload)) return view
  const state = event.payload
  const phase = phaseOf(state) ?? view.phase
  const gameId = typeof state.gameId === 'string' ? state.gameId : view.gameId
  const playing = phase === 'active' || phase === 'rugged'
  const ended =
    view.awaiting !== null &&
    gameId !== view.awaiting &&
    (phase === 'presale' || phase === 'active' || phase === 'rugged' || historyHas(state, view.awaiting))
  return {
    gameId,
    phase,
    tick: playing && typeof state.tickCount === 'number' ? state.tickCount : null,
    price: playing && typeof state.price === 'number' ? state.price : null,
    gamesEnded: view.gamesEnded + (ended ? 1 : 0),
    awaiting: phase === 'rugged' ? gameId : ended ? null : view.awaiting,
  }
}

function historyHas(state: Record<string, unknown>, gameId: string): boolean {
  return Array.isArray(state.gameHistory) && state.gameHistory.some((game) => isRecord(game) && game.id === gameId)
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
