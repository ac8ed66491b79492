import { type EventEnvelope, type ExactView, exactView, numbersAt, phaseOf } from '@vectra/schemas'
import { type GameTicks, MAX_TICK, TickLedger } from './tick-ledger.ts'
import { isRecord, NOTHING, type Noted, type Watcher } from './watcher.ts'

/** A finished game as a history publishes it. */
export interface RevealedGame {
  readonly gameId: string
  readonly serverSeed: string
  readonly serverSeedHash: string | null
  readonly version: string
  readonly peakMultiplier: number | null
}

/**
 * Computes the prices of a game from its revealed seed, tick 0 first, the rug price last, as number literals. Null when the seed does
 * not fit what was published. The rules of the game live elsewhere: an app wires the two.
 */
export type SeedPath = (game: RevealedGame) => readonly string[] | null

/** Where a price came from; the row's origin is `derived:` and this. */
type By = 'partialPrices' | 'prices' | 'gameHistory' | 'seed'

/** An event with what is needed to read its numbers exactly. */
interface Frame {
  readonly envelope: EventEnvelope
  readonly state: Readonly<Record<string, unknown>>
  readonly exact: ExactView
}

/**
 * Keeps account of the ticks of each game, and gives back those that no frame showed: from the window of the last five prices in each
 * tick frame, from all prices so far in the first frame after connecting, from the history that publishes a finished game, and since
 * histories lost their prices from the revealed seed.
 *
 * Each becomes a `game_tick` row that says where it is from; captured rows go before derived ones in every answer.
 *
 * @see domain/events.md sections 3.2, 4.2, 4.6
 */
export class Backfill implements Watcher {
  readonly #ledger = new TickLedger()
  readonly #seedPath: SeedPath | null

  constructor(seedPath: SeedPath | null = null) {
    this.#seedPath = seedPath
  }

  /** Is the price of each of these ticks known, captured or given back? */
  knows(gameId: string, from: number, to: number): boolean {
    return this.#ledger.get(gameId)?.hasAll(from, to) ?? false
  }

  onEvent(envelope: EventEnvelope): readonly Noted[] {
    const { payload: state } = envelope
    if (envelope.event_name !== 'gameStateUpdate' || envelope.direction !== 'received' || !isRecord(state)) return NOTHING
    const frame = { envelope, state, exact: exactView(envelope.raw_json, envelope.payload_index, state) }
    const notes: Noted[] = []
    const phase = phaseOf(state)
    if (typeof state.gameId === 'string' && (phase === 'active' || phase === 'rugged'))
      this.#running(frame, this.#ledger.open(state.gameId), phase, notes)
    if (Array.isArray(state.gameHistory)) this.#history(frame, state.gameHistory, notes)
    return notes
  }

  #running(frame: Frame, game: GameTicks, phase: 'active' | 'rugged', notes: Noted[]): void {
    const { state, exact } = frame
    const { tickCount: tick, partialPrices: window } = state
    // The second rug frame's own tick is too high.
    const own = phase === 'active' || !('gameHistory' in state)
    if (own && typeof tick === 'number' && typeof state.price === 'number') {
      game.add(tick)
      if (phase === 'rugged') game.rug ??= tick
    }
    if (Array.isArray(state.prices)) {
      const literals = numbersAt(frame.envelope.raw_json, [...payloadPath(frame), 'prices']) ?? []
      // A connection made after the rug is told all prices, the rug's last.
      const ends = phase === 'rugged' && game.rug === null && state.prices.at(-1) === state.price
      this.#give(frame, game, 'prices', literals, ends ? literals.length - 1 : null, notes)
    }
    if (!isRecord(window) || !isRecord(window.values)) return
    const given: (string | undefined)[] = []
    for (const key of Object.keys(window.values)) {
      const at = Number(key)
      if (Number.isInteger(at) && at >= 0 && at <= MAX_TICK && !game.has(at))
        given[at] = exact.literal(['partialPrices', 'values', key])
    }
    const rug = own || game.rug !== null ? null : rugOf(state, window)
    if (given.length > 0) this.#give(frame, game, 'partialPrices', given, rug, notes)
  }

  #history(frame: Frame, history: readonly unknown[], notes: Noted[]): void {
    for (const [index, entry] of history.entries()) {
      if (!isRecord(entry) || typeof entry.id !== 'string') continue
      const game = this.#ledger.get(entry.id)
      if (!game || game.closed) continue
      game.closed = true
      if (game.complete) continue
      if (Array.isArray(entry.prices) && entry.prices.length > 0) {
        const literals = numbersAt(frame.envelope.raw_json, [...payloadPath(frame), 'gameHistory', index, 'prices']) ?? []
        this.#give(frame, game, 'gameHistory', literals, literals.length - 1, notes)
      } else {
        const literals = this.#fromSeed(entry)
        if (literals) this.#give(frame, game, 'seed', literals, literals.length - 1, notes)
      }
    }
  }

  #fromSeed(entry: Readonly<Record<string, unknown>>): readonly string[] | null {
    const { provablyFair: fair, peakMultiplier: peak, gameVersion: version } = entry
    if (this.#seedPath === null || !isRecord(fair) || typeof fair.serverSeed !== 'string') return null
    return this.#seedPath({
      gameId: String(entry.id),
      serverSeed: fair.serverSeed,
      serverSeedHash: typeof fair.serverSeedHash === 'string' ? fair.serverSeedHash : null,
      version: typeof version === 'string' ? version : 'v3',
      peakMultiplier: typeof peak === 'number' ? peak : null,
    })
  }

  /** Rows for the ticks that are not known yet, and one that sums them up. */
  #give(
    { envelope }: Frame,
    game: GameTicks,
    by: By,
    literals: readonly (string | undefined)[],
    rug: number | null,
    notes: Noted[],
  ): void {
    const { gameId } = game
    const given: number[] = []
    for (const [tick, literal] of literals.entries()) {
      const ends = tick === rug && game.rug === null
      if (literal === undefined || (!game.add(tick) && !ends)) continue
      if (ends) game.rug = tick
      given.push(tick)
      const text = `{"type":"tick","game_id":${JSON.stringify(gameId)},"tick":${tick},"price":${literal},"phase":"ACTIVE_GAMEPLAY","active":true,"rugged":${ends},"by":"${by}","seq":${envelope._seq}}`
      notes.push({ kind: 'tick', gameId, text, origin: `derived:${by}` })
    }
    const [from] = given
    if (from === undefined) return
    const payload = { gameId, by, from_tick: from, to_tick: given.at(-1), count: given.length, seq: envelope._seq }
    notes.push({ kind: 'system', name: 'backfill', gameId, payload })
  }
}

function payloadPath({ envelope }: Frame): number[] {
  return envelope.payload_index === null ? [] : [envelope.payload_index]
}

/** The rug tick that the second rug frame tells: the end of its window, if the price there is the frame's own. */
function rugOf(state: Readonly<Record<string, unknown>>, window: Readonly<Record<string, unknown>>): number | null {
  const { endTick, values } = window
  return typeof endTick === 'number' && isRecord(values) && values[String(endTick)] === state.price ? endTick : null
}
