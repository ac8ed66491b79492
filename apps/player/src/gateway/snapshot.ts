import type { LiveGame, LiveState } from '@vectra/ingest'
import type { FinishedSummary, Link, Snapshot, SnapshotGame, Truth, TruthField } from '../protocol/messages.ts'

const TRUTH_FIELDS: readonly TruthField[] = [
  'cash',
  'bonusBalance',
  'positionQty',
  'avgCost',
  'cumulativePnL',
  'pnlPercent',
  'totalInvested',
  'sidebetPnl',
]

/** What a page that comes now has to know to show the same as one that was there. */
export function snapshotOf(state: LiveState, history: readonly FinishedSummary[]): Snapshot {
  return { game: gameOf(state.game), finished: gameOf(state.finished), history }
}

/** The account, as read from the stored frame's own text. */
export function truthOf({ me }: LiveState): Truth | null {
  if (me === null) return null
  const fields = Object.fromEntries(TRUTH_FIELDS.map((field) => [field, me[field]?.literal ?? null]))
  return {
    seq: me.seq,
    session: me.sessionId,
    source: me.source,
    at: me.asOf / 1_000,
    fields: fields as Record<TruthField, string | null>,
  }
}

/** The connection to the feed, for the header. A feed that connects to nothing (a replay) is there from its first game on. */
export function linkOf({ connection, game }: LiveState): Link {
  return {
    state: connection.state === 'waiting' && game !== null ? 'connected' : connection.state,
    since: connection.since === null ? null : connection.since / 1_000,
    reason: connection.reason,
  }
}

function gameOf(game: LiveGame | null): SnapshotGame | null {
  if (game === null) return null
  return {
    gameId: game.gameId,
    phase: game.phase,
    tick: game.tick,
    rugged: game.rugged,
    path: Array.from(game.path, (price) => price?.toString() ?? null),
    serverSeedHash: game.serverSeedHash,
  }
}
