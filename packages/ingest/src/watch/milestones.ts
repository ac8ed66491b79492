import { type EventEnvelope, phaseOf } from '@vectra/schemas'
import { isRecord, NOTHING, type Noted, type Watcher } from './watcher.ts'

/** Connections whose login is remembered; the oldest is forgotten. */
const MAX_CONNECTIONS = 64

/**
 * Notes who logged in, and when games begin and end, as this recording saw it: `auth_success`, `game_start`, `game_end`.
 *
 * A game that ran already when it was first seen starts with the tick it had (`reason: joined`); one whose rug was not seen ends with
 * the first frame of the next (`reason: rug_not_seen`, no tick).
 *
 * @see domain/events.md section 6.11
 */
export class Milestones implements Watcher {
  /** Player by connection. */
  readonly #players = new Map<string, string>()
  #running: string | null = null
  #ended: string | null = null

  onEvent(envelope: EventEnvelope, connection: string): readonly Noted[] {
    if (envelope.direction !== 'received' || envelope.issues !== null || !isRecord(envelope.payload)) return NOTHING
    const { event_name: name, payload } = envelope
    if (name === 'gameStateUpdate') return this.#onState(payload)
    if (name === 'usernameStatus') return this.#onLogin(connection, payload.id, payload.username, name)
    if (name === 'playerUpdate' && payload.authenticated === true) return this.#onLogin(connection, payload.id, null, name)
    return NOTHING
  }

  #onLogin(connection: string, id: unknown, username: unknown, by: string): readonly Noted[] {
    if (typeof id !== 'string' || this.#players.get(connection) === id) return NOTHING
    this.#players.delete(connection)
    this.#players.set(connection, id)
    if (this.#players.size > MAX_CONNECTIONS) {
      const [oldest] = this.#players.keys()
      if (oldest !== undefined) this.#players.delete(oldest)
    }
    const payload = { connection, playerId: id, username: typeof username === 'string' ? username : null, details: { by } }
    return [{ kind: 'system', name: 'auth_success', gameId: null, payload }]
  }

  #onState(state: Readonly<Record<string, unknown>>): readonly Noted[] {
    const { gameId } = state
    const phase = phaseOf(state)
    if (typeof gameId !== 'string' || phase === undefined || gameId === this.#ended) return NOTHING
    const notes: Noted[] = []
    if (this.#running !== null && this.#running !== gameId) notes.push(this.#end(this.#running, null))
    if (phase !== 'active' && phase !== 'rugged') return notes
    const tick = tickOf(state, phase)
    if (this.#running === null) {
      this.#running = gameId
      const joined = tick === 0 ? {} : { reason: 'joined' }
      notes.push({ kind: 'system', name: 'game_start', gameId, payload: { gameId, tick, ...joined } })
    }
    if (phase === 'rugged') notes.push(this.#end(gameId, tick))
    return notes
  }

  #end(gameId: string, tick: number | null): Noted {
    this.#running = null
    this.#ended = gameId
    const reason = tick === null ? { reason: 'rug_not_seen' } : {}
    return { kind: 'system', name: 'game_end', gameId, payload: { gameId, tick, ...reason } }
  }
}

/** The tick of the second rug frame is too high; its price window ends at the true one. */
function tickOf(state: Readonly<Record<string, unknown>>, phase: 'active' | 'rugged'): number | null {
  const window = state.partialPrices
  const tick = phase === 'rugged' && 'gameHistory' in state && isRecord(window) ? window.endTick : state.tickCount
  return typeof tick === 'number' ? tick : null
}
