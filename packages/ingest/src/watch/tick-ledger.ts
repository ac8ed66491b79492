/** Longest game by the rules. */
export const MAX_TICK = 5_000

/** Games kept in mind: a history shows the ten before. */
const MAX_GAMES = 12

/** Which ticks of one game have a price, from whatever it came. */
export class GameTicks {
  readonly gameId: string
  readonly #known = new Uint8Array(MAX_TICK + 1)
  #highest = -1
  /** The tick that ended it; null until it is known. */
  rug: number | null = null
  /** Its published result was looked at: nothing more will come. */
  closed = false

  constructor(gameId: string) {
    this.gameId = gameId
  }

  /** @returns whether it was unknown */
  add(tick: number): boolean {
    if (!Number.isInteger(tick) || tick < 0 || tick > MAX_TICK || this.#known[tick] === 1) return false
    this.#known[tick] = 1
    if (tick > this.#highest) this.#highest = tick
    return true
  }

  has(tick: number): boolean {
    return this.#known[tick] === 1
  }

  /** Is every tick from the first to the last of these known? */
  hasAll(from: number, to: number): boolean {
    for (let tick = from; tick <= to; tick++) if (!this.has(tick)) return false
    return true
  }

  /** Every tick from 0 to the rug. */
  get complete(): boolean {
    return this.rug !== null && this.hasAll(0, this.rug)
  }
}

/** The games of a recording that may still be told about, the newest. */
export class TickLedger {
  readonly #games = new Map<string, GameTicks>()

  get(gameId: string): GameTicks | undefined {
    return this.#games.get(gameId)
  }

  /** The game's ticks; begins them when it is new. */
  open(gameId: string): GameTicks {
    const known = this.#games.get(gameId)
    if (known) return known
    const fresh = new GameTicks(gameId)
    this.#games.set(gameId, fresh)
    if (this.#games.size > MAX_GAMES) {
      const [oldest] = this.#games.keys()
      if (oldest !== undefined) this.#games.delete(oldest)
    }
    return fresh
  }
}
