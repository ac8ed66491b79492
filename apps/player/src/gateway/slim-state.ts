import { type ExactJson, NumberLiteral, parseExact, stringifyExact } from '@vectra/schemas'

type Members = ReadonlyMap<string, ExactJson>

/** What the page needs of `gameStateUpdate`; histories, records and token lists (350 kB) stay behind. */
const KEPT = [
  'gameId',
  'active',
  'rugged',
  'price',
  'tickCount',
  'cooldownTimer',
  'cooldownPaused',
  'pauseMessage',
  'allowPreRoundBuys',
  'partialPrices',
  'tradeCount',
  'connectedPlayers',
  'provablyFair',
  'averageMultiplier',
  'count2x',
  'count10x',
  'count50x',
  'count100x',
  'gameVersion',
] as const

/** What the page needs of one standing. */
const KEPT_OF_STANDING = [
  'id',
  'username',
  'level',
  'pnl',
  'pnlPercent',
  'positionQty',
  'avgCost',
  'totalInvested',
  'position',
  'sideBet',
  'shortPosition',
  'selectedCoin',
] as const

const KEPT_OF_RUGPOOL = ['instarugCount', 'threshold', 'rugpoolAmount'] as const

/** A state frame made small: its JSON text, and its standings apart, since they rarely change in the cooldown. */
export interface SlimState {
  /** The payload without standings. */
  readonly payload: Members
  /** Null when the frame has none. */
  readonly leaderboard: ExactJson | null
}

/** Cuts a `gameStateUpdate` payload down. Every number that stays keeps its digits. */
export function slimState(payload: Members): SlimState {
  const kept = pick(payload, KEPT)
  const rugpool = payload.get('rugpool')
  if (isMembers(rugpool)) kept.set('rugpool', pick(rugpool, KEPT_OF_RUGPOOL))
  const standings = payload.get('leaderboard')
  return {
    payload: kept,
    leaderboard: Array.isArray(standings)
      ? standings.map((entry) => (isMembers(entry) ? pick(entry, KEPT_OF_STANDING) : entry))
      : null,
  }
}

/** The same for `gameStatePlayerUpdate`: the own standing, without the pool's list of entries. */
export function slimOwnState(payload: Members): Members {
  const kept = pick(payload, ['gameId'])
  const entry = payload.get('leaderboardEntry')
  if (isMembers(entry)) kept.set('leaderboardEntry', pick(entry, KEPT_OF_STANDING))
  return kept
}

/** The payload of a stored frame with exact numbers, or null when it is no object. */
export function exactPayload(rawJson: string, payloadIndex: number | null): Members | null {
  const parsed = parseExact(rawJson)
  const payload =
    payloadIndex === null ? parsed : Array.isArray(parsed) ? (parsed[payloadIndex] as ExactJson | undefined) : undefined
  return isMembers(payload) ? payload : null
}

/** Text of an event as Socket.IO writes it: the page's own decoder keeps the digits. */
export function eventText(name: string, payload: ExactJson): string {
  return `2${stringifyExact([name, payload])}`
}

/** A number's digits, or null. */
export function literalOf(value: ExactJson | undefined): string | null {
  return value instanceof NumberLiteral ? value.text : null
}

/** Is it a JSON object? */
export function isMembers(value: ExactJson | undefined): value is Members {
  return value instanceof Map
}

function pick(from: Members, keys: readonly string[]): Map<string, ExactJson> {
  const kept = new Map<string, ExactJson>()
  for (const key of keys) {
    const value = from.get(key)
    if (value !== undefined) kept.set(key, value)
  }
  return kept
}
