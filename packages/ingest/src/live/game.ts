import {
  type Decimal,
  type EventEnvelope,
  type ExactView,
  type FinishedGame,
  type GameStateUpdate,
  isNumeral,
  numbersAt,
  phaseOf,
  toDecimal,
} from '@vectra/schemas'
import { type Path, withTicks } from './candles.ts'
import { exactOf, payloadOf, provenanceOf, serverNumber } from './server-number.ts'
import type { LiveGame, LiveState } from './state.ts'

const NO_PATH: Path = { path: [], candles: [] }

/**
 * Applies one `gameStateUpdate`.
 *
 * Older state never overwrites newer: frames of a round that is over, of an earlier tick, or of an earlier moment of the
 * cooldown only fill missing ticks of the path.
 *
 * @see domain/events.md section 3.4: the full frame after connecting is older than the light one before it, the 15000 frame
 * can come after 14900, and the second rug frame counts too far
 */
export function applyGameState(state: LiveState, event: EventEnvelope): LiveState {
  const update = payloadOf<GameStateUpdate>(event)
  if (update === null) return state
  const exact = exactOf(event)
  const settled = settle(state, update)
  const { game, finished } = settled
  if (finished?.gameId === update.gameId)
    return { ...settled, finished: { ...finished, ...filled(finished, update, exact, event) } }
  if (game === null || game.gameId !== update.gameId) {
    const started = advance(newGame(update, event), update, exact, event)
    const ended = game === null ? finished : { ...game, record: recordOf(update, game.gameId) }
    return standings({ ...settled, game: started, finished: started.phase === 'active' ? null : ended }, update, exact, event)
  }
  if (isOlder(game, update)) return { ...settled, game: { ...game, ...filled(game, update, exact, event) } }
  const next = advance(game, update, exact, event)
  return standings({ ...settled, game: next, finished: next.phase === 'active' ? null : finished }, update, exact, event)
}

function newGame(update: GameStateUpdate, event: EventEnvelope): LiveGame {
  return {
    ...provenanceOf(event),
    ...NO_PATH,
    gameId: update.gameId,
    phase: null,
    tick: null,
    price: null,
    cooldownMs: null,
    rugged: false,
    tradeCount: null,
    connectedPlayers: null,
    serverSeedHash: null,
  }
}

/** Is this frame from an earlier moment of the round than what is shown? */
function isOlder(game: LiveGame, update: GameStateUpdate): boolean {
  const phase = phaseOf(update)
  if (game.rugged) return phase !== 'rugged'
  if (game.phase === 'active')
    return phase === 'cooldown' || phase === 'presale' || (phase === 'active' && (update.tickCount ?? 0) < (game.tick ?? 0))
  return (
    (phase === 'cooldown' || phase === 'presale') &&
    game.cooldownMs !== null &&
    update.cooldownTimer !== undefined &&
    update.cooldownTimer > game.cooldownMs
  )
}

function advance(game: LiveGame, update: GameStateUpdate, exact: ExactView, event: EventEnvelope): LiveGame {
  const phase = phaseOf(update) ?? game.phase
  const running = phase === 'active' || phase === 'rugged'
  // The tick of the second rug frame is an artefact: the first rug frame's stays.
  const tick = !running ? game.tick : game.rugged ? game.tick : (update.tickCount ?? game.tick)
  const { path, candles } = filled(game, update, exact, event)
  return {
    ...game,
    ...provenanceOf(event),
    phase,
    tick,
    price: running ? (serverNumber(exact, ['price']) ?? game.price) : game.price,
    cooldownMs: update.cooldownTimer ?? game.cooldownMs,
    rugged: game.rugged || update.rugged === true,
    // The frame at 10000 ms still shows the count of the round before.
    tradeCount: running ? (update.tradeCount ?? game.tradeCount) : game.tradeCount,
    connectedPlayers: update.connectedPlayers ?? game.connectedPlayers,
    serverSeedHash: update.provablyFair?.serverSeedHash ?? game.serverSeedHash,
    path,
    candles,
  }
}

/** The path with every tick this frame tells. */
function filled(game: LiveGame, update: GameStateUpdate, exact: ExactView, event: EventEnvelope): Path {
  return withTicks(game, ticksOf(game, update, exact, event))
}

/** Literals of all prices so far, read in one scan: asking for each on its own scans the frame as often. */
function pricesOf(event: EventEnvelope): readonly (string | undefined)[] {
  const payload = event.payload_index === null ? [] : [event.payload_index]
  return numbersAt(event.raw_json, [...payload, 'prices']) ?? []
}

function* ticksOf(
  game: LiveGame,
  update: GameStateUpdate,
  exact: ExactView,
  event: EventEnvelope,
): Generator<readonly [number, Decimal]> {
  const phase = phaseOf(update)
  if (phase !== 'active' && phase !== 'rugged') return
  if (update.prices?.some((_, index) => game.path[index] === undefined)) {
    for (const [index, literal] of pricesOf(event).entries())
      if (literal !== undefined && game.path[index] === undefined && isNumeral(literal)) yield [index, toDecimal(literal)]
  }
  for (const key of Object.keys(update.partialPrices?.values ?? {})) {
    if (game.path[Number(key)] === undefined) yield* priced(Number(key), exact.decimal(['partialPrices', 'values', key]))
  }
  if (update.tickCount !== undefined && !game.rugged) yield* priced(update.tickCount, exact.decimal(['price']))
}

function* priced(tick: number, price: Decimal | undefined): Generator<readonly [number, Decimal]> {
  if (price !== undefined) yield [tick, price]
}

/** The published result of the finished round, as soon as a history shows it. */
function settle(state: LiveState, update: GameStateUpdate): LiveState {
  const { finished } = state
  if (finished === null || finished.record !== null) return state
  const record = recordOf(update, finished.gameId)
  return record === null ? state : { ...state, finished: { ...finished, record } }
}

function recordOf(update: GameStateUpdate, gameId: string): FinishedGame | null {
  return update.gameHistory?.find((game) => game.id === gameId) ?? null
}

/**
 * In the cooldown the frame still carries the standings of the round before, although it names the next one: they are filed
 * under the round they belong to.
 */
function standings(state: LiveState, update: GameStateUpdate, exact: ExactView, event: EventEnvelope): LiveState {
  if (update.leaderboard === undefined) return state
  const gameId = phaseOf(update) === 'cooldown' ? (state.finished?.gameId ?? null) : update.gameId
  if (gameId === null) return state
  return { ...state, leaderboard: { ...provenanceOf(event), gameId, entries: update.leaderboard, exact } }
}
