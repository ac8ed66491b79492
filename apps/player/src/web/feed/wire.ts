/** Shapes of the game's events as the page reads them: every number is the text of its digits. */

/** A number as received. */
export type Digits = string

/** A running sidebet, as accounts and standings carry it. */
export interface WireSidebet {
  readonly startedAtTick?: Digits
  readonly end?: Digits
  readonly startTick?: Digits
  readonly endTick?: Digits
  readonly gameId?: string
  readonly betAmount?: Digits
  readonly xPayout?: Digits
}

/** One standing. */
export interface WireStanding {
  readonly id: string
  readonly username?: string | null
  readonly level?: Digits | null
  readonly pnl?: Digits
  readonly pnlPercent?: Digits | null
  readonly positionQty?: Digits
  readonly avgCost?: Digits
  readonly totalInvested?: Digits
  readonly position?: Digits | null
  readonly sideBet?: WireSidebet | null
  readonly shortPosition?: object | null
  readonly selectedCoin?: { readonly ticker?: string } | null
}

/** `gameStateUpdate`, slim. */
export interface WireState {
  readonly gameId: string
  readonly active?: boolean
  readonly rugged?: boolean
  readonly price?: Digits
  readonly tickCount?: Digits
  readonly cooldownTimer?: Digits
  readonly cooldownPaused?: boolean
  readonly pauseMessage?: string | null
  readonly allowPreRoundBuys?: boolean
  readonly partialPrices?: { readonly values?: Readonly<Record<string, Digits>> } | null
  readonly tradeCount?: Digits
  readonly connectedPlayers?: Digits
  readonly provablyFair?: { readonly serverSeedHash?: string }
  readonly count2x?: Digits
  readonly count10x?: Digits
  readonly count50x?: Digits
  readonly count100x?: Digits
  readonly leaderboard?: readonly WireStanding[]
  readonly rugpool?: { readonly rugpoolAmount?: Digits; readonly instarugCount?: Digits; readonly threshold?: Digits } | null
}

/** `playerUpdate`. */
export interface WireAccount {
  readonly id: string
  readonly cash?: Digits
  readonly bonusBalance?: Digits
  readonly positionQty?: Digits
  readonly avgCost?: Digits
  readonly cumulativePnL?: Digits
  readonly pnlPercent?: Digits
  readonly totalInvested?: Digits
  readonly sidebetPnl?: Digits
  readonly sideBet?: WireSidebet | null
  readonly autosellPrice?: Digits | null
}

/** `standard/newTrade`. */
export interface WireTrade {
  readonly id: string
  readonly gameId: string
  readonly playerId: string
  readonly username?: string | null
  readonly level?: Digits
  readonly type: string
  readonly price?: Digits
  readonly tickIndex?: Digits
  readonly coin?: string
  readonly amount: Digits
  readonly qty?: Digits
}

/** `currentSidebet` and `currentSidebetResult`. */
export interface WireSidebetEvent extends WireSidebet {
  readonly tickIndex?: Digits
  readonly payout?: Digits
  readonly profit?: Digits
  readonly type?: string
}

/** The payload among an event's arguments: the last object that is no trace. */
export function payloadOf<T>(args: readonly unknown[]): T | null {
  const found = args.findLast(
    (arg) => typeof arg === 'object' && arg !== null && !Array.isArray(arg) && !('__trace' in arg) && !('traceparent' in arg),
  )
  return (found as T | undefined) ?? null
}

/** A small whole number out of digits: ticks, counts, milliseconds. Never money. */
export function whole(digits: Digits | null | undefined): number | null {
  return digits === undefined || digits === null || !/^-?\d{1,15}$/.test(digits) ? null : Number(digits)
}
