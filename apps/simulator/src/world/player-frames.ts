import type { Coin, SeatView, Table } from '@vectra/game'
import type { EraShape } from './era.ts'
import { type LeaderboardEntry, runningSidebet, shortPosition } from './leaderboard.ts'
import { type Person, PRACTICE_ADDRESS, PRACTICE_COIN } from './people.ts'

/** `playerUpdate`: the player's own money, as the table has it. */
export function playerUpdate(shape: EraShape, table: Table, person: Person, now: number): Readonly<Record<string, unknown>> {
  const view = table.view(person.id)
  const balance = (coin: Coin): number => table.balance(person.id, coin).toNumber()
  const position = view ?? null
  return {
    id: person.id,
    role: null,
    authenticated: true,
    cash: balance('solana'),
    bonusBalance: 0,
    bonusWagerReq: 0,
    bonusWagered: 0,
    ...positionFields(position, table.gameId),
    leveragedPositions: [],
    hasInteracted: true,
    hitMaxWin: false,
    autobuysEnabled: false,
    autosellPrice: null,
    selectedCoin: position?.active === true && position.coin === 'practice' ? PRACTICE_COIN : null,
    shitcoinBalances: { [PRACTICE_ADDRESS]: balance('practice') },
    levelInfo: { level: person.level, xp: 120, xpForNextLevel: 500, totalXP: 120 + person.level * 500 },
    xpBoost: { active: false, activeUntil: null, available: false },
    crateKeys: {
      gold: 0,
      diamond: 0,
      coal: 1,
      iron: 0,
      tier0: 0,
      tier1: 0,
      ...(shape.era === 'aug2025' ? { tier2: 0, referral: 0 } : {}),
    },
    recentCrateRewards: [],
    ...(shape.era === 'aug2025' ? { crateCooldown: { active: false, cooldownEnds: now, remainingSeconds: 0 } } : {}),
  }
}

function positionFields(view: SeatView | null, gameId: string): object {
  return {
    positionQty: view?.positionQty.toNumber() ?? 0,
    avgCost: view?.avgCost.toNumber() ?? 0,
    cumulativePnL: view?.pnl.toNumber() ?? 0,
    pnlPercent: view?.pnlPercent.toNumber() ?? 0,
    totalInvested: view?.totalInvested.toNumber() ?? 0,
    sidebetPnl: view?.sidebetPnl.toNumber() ?? 0,
    // The list stays empty even while a bet runs; `sideBet` is the one that tells.
    sideBet: view?.sidebet == null ? null : runningSidebet(view.sidebet, gameId),
    sidebets: [],
    shortPosition: view?.short == null ? null : shortPosition(view.short),
  }
}

/** `gameStatePlayerUpdate`: follows each state frame; the own entry only after a stake in this game. */
export function gameStatePlayerUpdate(
  shape: EraShape,
  gameId: string,
  entry: LeaderboardEntry | undefined,
  rugpool: object,
): Readonly<Record<string, unknown>> {
  if (shape.era === 'aug2025' && entry === undefined) return { gameId }
  return { gameId, ...(entry === undefined ? {} : { leaderboardEntry: entry }), rugpool }
}
