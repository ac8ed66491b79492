/**
 * What the page knows of the feed. Pure: the same events in the same order give the same view.
 *
 * Values are the server's own digits; nothing is computed in their place.
 */
import type { Snapshot, SnapshotGame } from '../../protocol/messages.ts'
import {
  type Digits,
  type WireAccount,
  type WireSidebetEvent,
  type WireStanding,
  type WireState,
  type WireTrade,
  whole,
} from './wire.ts'

/** Where a round is. */
export type Phase = 'cooldown' | 'presale' | 'active' | 'rugged'

/** One round. */
export interface Round {
  readonly gameId: string
  readonly phase: Phase | null
  /** After the rug: the rug tick, not the inflated number of the second rug frame. */
  readonly tick: number | null
  readonly price: Digits | null
  readonly cooldownMs: number | null
  readonly rugged: boolean
  readonly hash: string | null
  /** Price by tick; null where a tick was missed. Grows in place: `length` tells what is new. */
  readonly path: readonly (Digits | null)[]
}

/** The account, as the last `playerUpdate` said. */
export interface Account extends WireAccount {
  /** How many came before it on this page. */
  readonly number: number
}

/** The last sidebet that was settled; it names its round, and is told while that is on screen. */
export interface SettledBet {
  readonly gameId: string | null
  readonly won: boolean
  readonly payout: Digits | null
  readonly profit: Digits | null
  /** The ticks it was about. */
  readonly from: number | null
  readonly to: number | null
}

/** Facts of the feed around the round. */
export interface Surroundings {
  readonly players: number | null
  readonly counts: readonly (readonly [label: string, count: number])[]
  readonly rugpool: Digits | null
  /** The server's own announcement while it is paused. */
  readonly pause: string | null
}

/** Everything at one moment. */
export interface View {
  readonly game: Round | null
  /** The round before, on screen until the next one can be bought into. */
  readonly finished: Round | null
  readonly board: { readonly gameId: string; readonly entries: readonly WireStanding[] } | null
  /** Own standing, as the server tells it after each tick. */
  readonly standing: { readonly gameId: string; readonly entry: WireStanding } | null
  readonly account: Account | null
  readonly identity: { readonly id: string; readonly username: string | null } | null
  /** Newest first. */
  readonly trades: readonly WireTrade[]
  /** Own trades of this round and the one before, oldest first. */
  readonly own: readonly WireTrade[]
  readonly settledBet: SettledBet | null
  readonly around: Surroundings
}

/** Before the first event. */
export const EMPTY_VIEW: View = {
  game: null,
  finished: null,
  board: null,
  standing: null,
  account: null,
  identity: null,
  trades: [],
  own: [],
  settledBet: null,
  around: { players: null, counts: [], rugpool: null, pause: null },
}

const TRADES_KEPT = 60
const OWN_KEPT = 200
const MAX_TICK = 5_000

/** Phase of one frame, in the order that real frames need. Undefined: the frame does not tell. */
export function phaseOf(state: WireState): Phase | undefined {
  if (state.rugged === true) return 'rugged'
  if (state.active === true) return 'active'
  if (state.allowPreRoundBuys === true) return 'presale'
  return (whole(state.cooldownTimer) ?? 0) > 0 ? 'cooldown' : undefined
}

/** The round on screen: the finished one is held through the settlement. */
export function shownRound({ game, finished }: View): Round | null {
  return game !== null && game.phase === 'cooldown' && finished !== null ? finished : game
}

/** After `vectra:snapshot`: what a page that came late missed. Trades and account follow as events. */
export function applySnapshot(view: View, { game, finished }: Snapshot): View {
  return {
    ...EMPTY_VIEW,
    account: view.account,
    identity: view.identity,
    trades: view.trades,
    own: view.own,
    game: roundOf(game),
    finished: roundOf(finished),
  }
}

/** After `gameStateUpdate`. */
export function applyState(before: View, state: WireState): View {
  const view = { ...before, around: surroundings(before.around, state) }
  const { game, finished } = view
  if (finished?.gameId === state.gameId) return { ...view, finished: fill(finished, state) }
  if (game === null || game.gameId !== state.gameId) {
    const next = advance(newRound(state.gameId), state)
    const ended = game !== null && game.path.length > 0 ? game : finished
    return withBoard({ ...view, game: next, finished: next.phase === 'active' ? null : ended }, state)
  }
  if (isOlder(game, state)) return { ...view, game: fill(game, state) }
  const next = advance(game, state)
  return withBoard({ ...view, game: next, finished: next.phase === 'active' ? null : finished }, state)
}

/** After `playerUpdate`. */
export function applyAccount(view: View, account: WireAccount): View {
  return { ...view, account: { ...account, number: (view.account?.number ?? 0) + 1 } }
}

/** After `gameStatePlayerUpdate`. */
export function applyOwnState(
  view: View,
  own: { readonly gameId: string; readonly leaderboardEntry?: WireStanding | null },
): View {
  return { ...view, standing: own.leaderboardEntry ? { gameId: own.gameId, entry: own.leaderboardEntry } : null }
}

/** After `standard/newTrade`. */
export function applyTrade(view: View, trade: WireTrade): View {
  if (view.trades.some(({ id }) => id === trade.id)) return view
  const mine = trade.playerId === (view.account?.id ?? view.identity?.id)
  return {
    ...view,
    trades: [trade, ...view.trades].slice(0, TRADES_KEPT),
    own: mine ? [...view.own, trade].slice(-OWN_KEPT) : view.own,
  }
}

/** After `currentSidebetResult`. There is no flag: a payout above zero is a win. */
export function applySidebetResult(view: View, result: WireSidebetEvent): View {
  const payout = result.payout ?? null
  return {
    ...view,
    settledBet: {
      gameId: result.gameId ?? null,
      won: payout !== null && !/^-?[0.]+$/.test(payout),
      payout,
      profit: result.profit ?? null,
      from: whole(result.startedAtTick ?? result.startTick),
      to: whole(result.end ?? result.endTick),
    },
  }
}

function newRound(gameId: string): Round {
  return { gameId, phase: null, tick: null, price: null, cooldownMs: null, rugged: false, hash: null, path: [] }
}

function roundOf(game: SnapshotGame | null): Round | null {
  if (game === null) return null
  return {
    ...newRound(game.gameId),
    phase: game.phase as Phase | null,
    tick: game.tick,
    rugged: game.rugged,
    price: game.path.at(-1) ?? null,
    hash: game.serverSeedHash,
    path: game.path,
  }
}

/** Full frames lag behind small ones: is this one from an earlier moment of the round? */
function isOlder(game: Round, state: WireState): boolean {
  const phase = phaseOf(state)
  if (game.rugged) return phase !== 'rugged'
  if (game.phase === 'active')
    return phase === 'cooldown' || phase === 'presale' || (phase === 'active' && (whole(state.tickCount) ?? 0) < (game.tick ?? 0))
  return (
    (phase === 'cooldown' || phase === 'presale') &&
    game.cooldownMs !== null &&
    (whole(state.cooldownTimer) ?? 0) > game.cooldownMs
  )
}

function advance(game: Round, state: WireState): Round {
  const phase = phaseOf(state) ?? game.phase
  const running = phase === 'active' || phase === 'rugged'
  const tick = !running || game.rugged ? game.tick : (whole(state.tickCount) ?? game.tick)
  return fill(
    {
      ...game,
      phase,
      tick,
      price: running ? (state.price ?? game.price) : game.price,
      cooldownMs: whole(state.cooldownTimer) ?? game.cooldownMs,
      rugged: game.rugged || state.rugged === true,
      hash: state.provablyFair?.serverSeedHash ?? game.hash,
    },
    state,
    !game.rugged,
  )
}

/** The round with every tick that this frame tells and that was not known. */
function fill(game: Round, state: WireState, own = false): Round {
  const phase = phaseOf(state)
  if (phase !== 'active' && phase !== 'rugged') return game
  const told: [number, Digits][] = Object.entries(state.partialPrices?.values ?? {}).map(([key, price]) => [Number(key), price])
  const tick = whole(state.tickCount)
  if (own && tick !== null && state.price !== undefined) told.push([tick, state.price])
  const fresh = told.filter(([at]) => Number.isInteger(at) && at >= 0 && at <= MAX_TICK && (game.path[at] ?? null) === null)
  if (fresh.length === 0) return game
  const path = game.path.slice()
  for (const [at, price] of fresh) {
    while (path.length < at) path.push(null)
    path[at] = price
  }
  return { ...game, path }
}

/** In the cooldown the frame names the next round but carries the standings of the one before. */
function withBoard(view: View, state: WireState): View {
  if (state.leaderboard === undefined) return view
  const gameId = phaseOf(state) === 'cooldown' ? view.finished?.gameId : state.gameId
  return gameId === undefined ? view : { ...view, board: { gameId, entries: state.leaderboard } }
}

function surroundings(before: Surroundings, state: WireState): Surroundings {
  const counts = (['2', '10', '50', '100'] as const).flatMap((times) => {
    const count = whole(state[`count${times}x`])
    return count === null ? [] : [[`${times}×`, count] as const]
  })
  const pause = state.cooldownPaused === true ? (state.pauseMessage ?? 'The server has paused the game.') : null
  const after = {
    players: whole(state.connectedPlayers) ?? before.players,
    counts: counts.length > 0 && counts.join() !== before.counts.join() ? counts : before.counts,
    rugpool: state.rugpool?.rugpoolAmount ?? before.rugpool,
    pause: state.cooldownPaused === undefined ? before.pause : pause,
  }
  const keys = ['players', 'counts', 'rugpool', 'pause'] as const
  return keys.every((key) => after[key] === before[key]) ? before : after
}
