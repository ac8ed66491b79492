import type { EventEnvelope, EventSource, Micros } from '@vectra/schemas'
import { phaseOf } from '@vectra/schemas'
import type { Gap } from './gap.ts'

/** What the last state frame said. */
interface Position {
  readonly gameId: string
  readonly at: Micros
  /** Lowest cooldown timer so far; 0 once the game runs. */
  readonly timer: number
  /** Highest tick so far; -1 before tick 0. */
  readonly tick: number
  readonly phase: 'waiting' | 'active' | 'rugged'
}

/** Milliseconds between two frames of cooldown and presale. */
const STEP_MS = 100
/** The 15000 frame of a game comes late or not at all now and then: the countdown is certain from here on. */
const FIRST_CERTAIN_MS = 14_900

/**
 * Finds frames that are missing on a connection that never broke, by the feed's own numbers: ticks and the countdown rise and fall by one.
 *
 * What the server itself sends out of order or twice (an older full state, two frames of tick 0, the late 15000 frame, the second rug frame
 * with a tick too high, or behind the next game's first steps) is no gap. Frames without a number (trades, chat) leave no trace when they are lost.
 *
 * @see domain/events.md sections 3.2, 3.4
 */
export class FeedSequence {
  readonly #source: EventSource
  #last: Position | null = null
  /** The game before: its second rug frame can come behind the first steps of the next game. */
  #ended: string | null = null
  /** Frames since the last state frame that could not be read. */
  #unreadable = 0

  constructor(source: EventSource) {
    this.#source = source
  }

  /** Forget the position: what is missing from here on is told by the connection. */
  reset(): void {
    this.#last = null
    this.#ended = null
    this.#unreadable = 0
  }

  /**
   * Every received frame, in order; returns what is missing before it.
   *
   * Frames that could not be read may be the missing ones: when there were as many, the cause is `decode`.
   */
  onFrame(envelope: EventEnvelope): Gap | null {
    if (envelope.direction === 'received' && isUnreadable(envelope)) this.#unreadable += 1
    if (envelope.event_name !== 'gameStateUpdate' || envelope.direction !== 'received' || !isRecord(envelope.payload)) return null
    const next = positionOf(envelope.payload, envelope._ts)
    if (next === null || next.position.gameId === this.#ended) return null
    const last = this.#last
    if (last === null) {
      this.#last = next.position
      return null
    }
    const same = last.gameId === next.position.gameId
    const missed = same ? missedWithin(last, next) : missedBetween(last, next)
    this.#last = same ? furthest(last, next.position) : next.position
    if (!same) this.#ended = last.gameId
    const unreadable = this.#unreadable
    this.#unreadable = 0
    if (missed === 0) return null
    const { gameId, tick } = next.position
    const ran = same && last.phase === 'active' && tick > last.tick
    return {
      from: last.at,
      to: envelope._ts,
      cause: unreadable >= missed ? 'decode' : 'feed',
      source: this.#source,
      est_missing: missed,
      recovered_by: null,
      gameId: same ? gameId : last.gameId,
      ...(ran && { from_tick: last.tick + 1, to_tick: next.beside ? tick : tick - 1 }),
    }
  }
}

interface Step {
  readonly position: Position
  /** A large frame beside the count: it shows a tick, but is not that tick's own frame. */
  readonly beside: boolean
}

function positionOf(state: Record<string, unknown>, at: Micros): Step | null {
  const { gameId, cooldownTimer } = state
  const phase = phaseOf(state)
  if (typeof gameId !== 'string' || phase === undefined) return null
  const beside = 'gameHistory' in state
  const timer = typeof cooldownTimer === 'number' ? cooldownTimer : 0
  if (phase === 'cooldown' || phase === 'presale') {
    return { beside, position: { gameId, at, timer, tick: -1, phase: 'waiting' } }
  }
  const tick = phase === 'rugged' && beside ? trueTick(state) : state.tickCount
  if (typeof tick !== 'number') return null
  return { beside, position: { gameId, at, timer: 0, tick, phase } }
}

/** Last tick of the price window: the tick count of the second rug frame is too high. */
function trueTick(state: Record<string, unknown>): unknown {
  if (isRecord(state.partialPrices)) return state.partialPrices.endTick
  return Array.isArray(state.prices) ? state.prices.length - 1 : state.tickCount
}

/** Frames missing between two frames of one game; 0 for older and repeated ones. */
function missedWithin(last: Position, { position: next, beside }: Step): number {
  if (next.phase === 'waiting')
    return last.phase === 'waiting' && next.timer < last.timer ? Math.max(0, (last.timer - next.timer) / STEP_MS - 1) : 0
  const countdown = last.phase === 'waiting' ? Math.max(0, last.timer / STEP_MS - 1) : 0
  if (next.tick <= last.tick) return countdown
  return countdown + (next.tick - last.tick) - (beside ? 0 : 1)
}

/**
 * Frames missing around the change from one game to the next. What the old game still had to send is not known, and counts as one.
 * The second rug frame has no number of its own: that it is missing cannot be told from its being late.
 */
function missedBetween(last: Position, { position: next }: Step): number {
  const rest = last.phase === 'rugged' ? 0 : 1
  const begun =
    next.phase === 'waiting'
      ? Math.max(0, (FIRST_CERTAIN_MS - next.timer) / STEP_MS)
      : FIRST_CERTAIN_MS / STEP_MS + Math.max(0, next.tick)
  return rest + begun
}

function furthest(last: Position, next: Position): Position {
  const order = { waiting: 0, active: 1, rugged: 2 } as const
  const phase = order[next.phase] >= order[last.phase] ? next.phase : last.phase
  return {
    gameId: last.gameId,
    at: next.at,
    timer: phase === 'waiting' ? Math.min(last.timer, next.timer) : 0,
    tick: Math.max(last.tick, next.tick),
    phase,
  }
}

/** A frame whose text is broken: whatever it was, it is not told. */
function isUnreadable({ issues, packet }: EventEnvelope): boolean {
  return packet !== 'b' && issues?.some(({ code }) => code === 'frame_json' || code === 'frame_undecodable') === true
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
