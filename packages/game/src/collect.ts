import type { GameRecord, RecordConflict } from './game-record.ts'
import { isSameObserved, literalOf, type ObservedNumber, toDouble } from './observed-number.ts'

/** Where the knowledge about a game came from: its own frames, a later frame's history, or both. */
export type GameProvenance = 'live' | 'history' | 'both'

/** A game put together from stored frames. */
export interface CollectedGame extends GameRecord {
  readonly ticks: ReadonlyMap<number, ObservedNumber>
  readonly provenance: GameProvenance
  /** End of the game, Unix milliseconds, from its history entry. */
  readonly endedAt: number | null
}

/**
 * Puts games together from `gameStateUpdate` payloads in any order.
 *
 * Each full frame repeats the last ten games with their seeds, so a game whose own frames were missed, or whose reveal was lost,
 * is back-filled from any later one. A game is one game however often it is seen: entries are merged by id.
 */
export interface GameCollector {
  /** Takes one `gameStateUpdate` payload; anything that is no game state is ignored. Numbers may be doubles or parsed-number objects with their text. */
  add(payload: unknown): void
  /** Takes one `tick` line of a recorded-game file (`game_id`, `tick`, `price`, `active`, `rugged`, `phase`); other lines are ignored. */
  addRecordedTick(line: unknown): void
  /** Oldest id date first, then in the order of first sight. */
  games(): CollectedGame[]
}

interface Draft {
  gameId: string
  serverSeed: string | null
  serverSeedHash: string | null
  version: string | null
  prices: readonly ObservedNumber[] | undefined
  ticks: Map<number, ObservedNumber>
  peakMultiplier: ObservedNumber | undefined
  rugTick: number | undefined
  rugPrice: ObservedNumber | undefined
  live: boolean
  history: boolean
  endedAt: number | null
  conflicts: RecordConflict[]
}

/** An empty collector. Holds about one number per tick and game. */
export function createGameCollector(): GameCollector {
  const drafts = new Map<string, Draft>()
  const draftOf = (gameId: string): Draft => {
    let draft = drafts.get(gameId)
    if (draft === undefined) {
      draft = {
        gameId,
        serverSeed: null,
        serverSeedHash: null,
        version: null,
        prices: undefined,
        ticks: new Map(),
        peakMultiplier: undefined,
        rugTick: undefined,
        rugPrice: undefined,
        live: false,
        history: false,
        endedAt: null,
        conflicts: [],
      }
      drafts.set(gameId, draft)
    }
    return draft
  }
  return {
    add(payload) {
      if (!isRecord(payload)) return
      if (typeof payload.gameId === 'string') addLive(draftOf(payload.gameId), payload)
      if (Array.isArray(payload.gameHistory)) {
        for (const entry of payload.gameHistory)
          if (isRecord(entry) && typeof entry.id === 'string') addHistory(draftOf(entry.id), entry)
      }
    },
    addRecordedTick(line) {
      if (!isRecord(line) || typeof line.game_id !== 'string' || line.active !== true || !isObserved(line.price)) return
      const tick = numberOf(line.tick)
      // `RUG_EVENT_1` is the repeated rug frame, whose tick is too high.
      if (tick === null || line.phase === 'RUG_EVENT_1') return
      const draft = draftOf(line.game_id)
      draft.live = true
      addTick(draft, tick, line.price)
      if (line.rugged === true) addRug(draft, tick, line.price)
    },
    games: () => [...drafts.values()].map(finish),
  }
}

function addLive(draft: Draft, state: Record<string, unknown>): void {
  draft.live = true
  addFairness(draft, state.provablyFair)
  if (typeof state.gameVersion === 'string') draft.version = state.gameVersion
  if (state.active !== true) return
  if (isNumbers(state.prices)) state.prices.forEach((price, tick) => addTick(draft, tick, price))
  const window = addWindow(draft, state.partialPrices)
  // The full frame that repeats the rug carries a tick that is 0 to 3 too high; only its price window tells the true one.
  const repeated = state.rugged === true && 'gameHistory' in state
  const tick = repeated ? window : numberOf(state.tickCount)
  if (tick === null || !isObserved(state.price)) return
  addTick(draft, tick, state.price)
  if (state.rugged === true) addRug(draft, tick, state.price)
}

function addTick(draft: Draft, tick: number, price: ObservedNumber): void {
  draft.ticks.set(tick, agree(draft, 'price', draft.ticks.get(tick), price, tick))
}

function addRug(draft: Draft, tick: number | null, price: ObservedNumber): void {
  if (tick !== null) draft.rugTick = toDouble(agree(draft, 'rugTick', draft.rugTick, tick))
  draft.rugPrice = agree(draft, 'rugPrice', draft.rugPrice, price)
}

/** Keeps the first recording of a value; literals win over doubles. A different second one is a conflict. */
function agree(
  draft: Draft,
  field: RecordConflict['field'],
  first: ObservedNumber | undefined,
  other: ObservedNumber,
  tick: number | null = null,
): ObservedNumber {
  if (first === undefined) return other
  if (!isSameObserved(first, other)) addConflict(draft, { field, tick, first: literalOf(first), other: literalOf(other) })
  return first
}

function addConflict(draft: Draft, conflict: RecordConflict): void {
  const known = draft.conflicts.some(
    ({ field, tick, other }) => field === conflict.field && tick === conflict.tick && other === conflict.other,
  )
  if (!known) draft.conflicts.push(conflict)
}

/** @returns the window's last tick */
function addWindow(draft: Draft, window: unknown): number | null {
  if (!isRecord(window) || !isRecord(window.values)) return null
  for (const [tick, price] of Object.entries(window.values)) {
    if (/^\d+$/.test(tick) && isObserved(price)) addTick(draft, Number(tick), price)
  }
  return numberOf(window.endTick)
}

function addHistory(draft: Draft, entry: Record<string, unknown>): void {
  draft.history = true
  addFairness(draft, entry.provablyFair)
  if (typeof entry.gameVersion === 'string') draft.version = entry.gameVersion
  if (isNumbers(entry.prices) && entry.prices.length > 0) addPath(draft, entry.prices)
  if (isObserved(entry.peakMultiplier))
    draft.peakMultiplier = agree(draft, 'peakMultiplier', draft.peakMultiplier, entry.peakMultiplier)
  draft.endedAt = numberOf(entry.timestamp) ?? draft.endedAt
  if (!Array.isArray(entry.globalSidebets)) return
  // A won sidebet is booked at the rug: it names the rug's tick and price even when prices are no longer sent.
  const won = entry.globalSidebets.find(
    (bet) => isRecord(bet) && bet.type === 'payout' && (numberOf(bet.payout) ?? 0) > 0 && isObserved(bet.price),
  )
  if (!isRecord(won)) return
  if (isObserved(won.price)) addRug(draft, numberOf(won.tickIndex), won.price)
}

function addPath(draft: Draft, path: readonly ObservedNumber[]): void {
  const known = draft.prices
  if (known === undefined) {
    draft.prices = path
    return
  }
  const length = Math.max(known.length, path.length)
  for (let tick = 0; tick < length; tick += 1) {
    const [first, other] = [known[tick], path[tick]]
    if (first === undefined || other === undefined) {
      addConflict(draft, {
        field: 'price',
        tick,
        first: first === undefined ? 'absent' : literalOf(first),
        other: other === undefined ? 'absent' : literalOf(other),
      })
      return
    }
    agree(draft, 'price', first, other, tick)
  }
}

function addFairness(draft: Draft, fairness: unknown): void {
  if (!isRecord(fairness)) return
  for (const field of ['serverSeed', 'serverSeedHash'] as const) {
    const [first, other] = [draft[field], fairness[field]]
    if (typeof other !== 'string') continue
    if (first === null) draft[field] = other
    else if (first !== other) addConflict(draft, { field, tick: null, first, other })
  }
  if (typeof fairness.version === 'string') draft.version ??= fairness.version
}

function finish(draft: Draft): CollectedGame {
  const { live, history, ...record } = draft
  return { ...record, ticks: new Map(draft.ticks), provenance: live && history ? 'both' : live ? 'live' : 'history' }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isObserved(value: unknown): value is ObservedNumber {
  return (
    typeof value === 'number' ||
    (isRecord(value) && typeof value.text === 'string' && value.text !== '' && Number.isFinite(Number(value.text)))
  )
}

function isNumbers(value: unknown): value is ObservedNumber[] {
  return Array.isArray(value) && value.every(isObserved)
}

function numberOf(value: unknown): number | null {
  if (!isObserved(value)) return null
  const number = toDouble(value)
  return Number.isFinite(number) ? number : null
}
