import { plain } from '../exact/text.ts'
import { obstacle, phase as runningPhase, account as shownAccount } from '../feed/feed.ts'
import { amount, amountProblem, percentage } from './amount.ts'
import { busy, place } from './orders.ts'

/** Buys the amount in the field, if it can be bought now. */
export function buy(by: string): void {
  if (whyNoStake() === null) place({ kind: 'buy', amount: amount.peek() ?? '0' }, by)
}

/** Sells the chosen part. */
export function sell(by: string): void {
  if (whyNotSell() === null) place({ kind: 'sell', percentage: percentage.peek() }, by)
}

/** Bets the amount in the field, if no bet runs. */
export function sidebet(by: string): void {
  if (whyNoStake() === null && shownAccount.peek()?.sideBet == null) place({ kind: 'sidebet', amount: amount.peek() ?? '0' }, by)
}

/** Why nothing can be staked, in words; null when it can. */
function whyNotBuy(): string | null {
  if (obstacle.value !== null) return obstacle.value
  const phase = runningPhase.value
  if (phase === 'cooldown') return 'opens with the presale'
  if (phase === 'rugged') return 'this round is over'
  return busy.value ? 'an order is on its way' : null
}

/** Why nothing can be sold, in words; null when it can. */
export function whyNotSell(): string | null {
  if (obstacle.value !== null) return obstacle.value
  const account = shownAccount.value
  const phase = runningPhase.value
  if (account?.positionQty === undefined || plain(account.positionQty) === '0') return 'no position'
  if (phase !== 'active') return phase === 'presale' ? 'selling opens with the round' : 'this round is over'
  return busy.value ? 'an order is on its way' : null
}

/** The same with the amount's own fault. */
export function whyNoStake(): string | null {
  return whyNotBuy() ?? amountProblem.value
}
