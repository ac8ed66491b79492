import type { SeatView, Short, Sidebet } from '@vectra/game'
import { type Person, PRACTICE_ADDRESS, PRACTICE_COIN, SOL_ADDRESS } from './people.ts'

/** An entry in the server's shape. */
export type LeaderboardEntry = Readonly<Record<string, unknown>> & {
  readonly id: string
  readonly pnl: number
  readonly positionQty: number
  readonly position: number
}

/** A player and what the table says of them. */
export interface Standing {
  readonly person: Person
  readonly view: SeatView
}

/** Entries that a frame shows. */
export const SHOWN = 10

/**
 * All standings, best first. In presale nobody has a profit yet and the three parts of it are absent.
 *
 * Sums are made of doubles on purpose: the server's carry the same noise (`0.00021640500000000024`).
 */
export function rankStandings(gameId: string, standings: readonly Standing[], presale: boolean): LeaderboardEntry[] {
  return standings
    .filter(({ view }) => view.active)
    .map(({ person, view }) => cachedEntry(gameId, person, view, presale))
    .toSorted((a, b) => b.pnl - a.pnl || b.positionQty - a.positionQty || (a.id < b.id ? -1 : 1))
    .map((one, index) => ({ ...one, position: index + 1 }))
}

/** A view that did not change has an entry that did not change. */
const entries = new WeakMap<SeatView, { gameId: string; presale: boolean; entry: LeaderboardEntry }>()

function cachedEntry(gameId: string, person: Person, view: SeatView, presale: boolean): LeaderboardEntry {
  const known = entries.get(view)
  if (known !== undefined && known.gameId === gameId && known.presale === presale) return known.entry
  const made = entry(gameId, person, view, presale)
  entries.set(view, { gameId, presale, entry: made })
  return made
}

function entry(gameId: string, person: Person, view: SeatView, presale: boolean): LeaderboardEntry {
  const [regularPnl, sidebetPnl, shortPnl] = [view.regularPnl.toNumber(), view.sidebetPnl.toNumber(), view.shortPnl.toNumber()]
  const invested = view.totalInvested.toNumber()
  const pnl = presale ? 0 : regularPnl + sidebetPnl + shortPnl
  return {
    id: person.id,
    username: person.username,
    level: person.level,
    pnl,
    ...(presale ? {} : { regularPnl, sidebetPnl, shortPnl }),
    sidebetActive: view.sidebet === null ? null : true,
    sideBet: view.sidebet === null ? null : runningSidebet(view.sidebet, gameId),
    shortPosition: view.short === null ? null : shortPosition(view.short),
    pnlPercent: presale || invested === 0 ? 0 : (pnl / invested) * 100,
    hasActiveTrades: true,
    positionQty: view.positionQty.toNumber(),
    avgCost: view.avgCost.toNumber(),
    totalInvested: invested,
    selectedCoin: view.coin === 'practice' ? PRACTICE_COIN : null,
    position: 0,
  }
}

/** A running bet as leaderboards and `playerUpdate` carry it. */
export function runningSidebet(bet: Sidebet, gameId: string): object {
  const practice = bet.coin === 'practice'
  return {
    startedAtTick: bet.startTick,
    gameId,
    end: bet.endTick,
    betAmount: bet.amount.toNumber(),
    xPayout: 5,
    coinAddress: practice ? PRACTICE_ADDRESS : SOL_ADDRESS,
    bonusPortion: 0,
    realPortion: practice ? 0 : bet.amount.toNumber(),
  }
}

/** An open short as leaderboards and `playerUpdate` carry it. */
export function shortPosition(short: Short): object {
  const practice = short.coin === 'practice'
  return {
    amount: short.amount.toNumber(),
    entryPrice: short.entryPrice.toNumber(),
    entryTick: short.entryTick,
    currentValue: short.value.toNumber(),
    pnl: short.value.sub(short.amount).toNumber(),
    coinAddress: practice ? PRACTICE_ADDRESS : SOL_ADDRESS,
    bonusPortion: 0,
    realPortion: practice ? 0 : short.amount.toNumber(),
  }
}
