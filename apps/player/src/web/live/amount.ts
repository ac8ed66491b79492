import { computed, signal } from '@preact/signals'
import { add, compare, floorTo, multiply, plain } from '../exact/text.ts'
import { account, control } from '../feed/feed.ts'
import type { Percentage } from './orders.ts'

const LAMPORTS = 9

/** What the amount field holds, as typed. */
export const amountText = signal('0.001')

/** Part of the position that a sell closes. */
export const percentage = signal<Percentage>(100)

/** May this be in the field while somebody types? */
export function isTypable(text: string): boolean {
  return /^\d{0,6}(?:\.\d{0,9})?$/.test(text)
}

/** The amount to order, exact, or null when the field holds none above zero. */
export const amount = computed((): string | null => {
  const text = amountText.value.replace(/\.$/, '').replace(/^\./, '0.')
  if (!/^\d+(?:\.\d+)?$/.test(text)) return null
  const exact = plain(text)
  return exact === '0' ? null : exact
})

/** The most that may be staked at once: the gateway's limit or the wallet, whichever is less. */
export const most = computed((): string | null => {
  const { cash } = account.value ?? {}
  const limit = control.value?.maxBet
  if (cash === undefined || limit === undefined) return cash === undefined ? (limit ?? null) : floorTo(cash, LAMPORTS)
  return floorTo(compare(cash, limit) < 0 ? cash : limit, LAMPORTS)
})

/** Why this amount cannot be staked, in words; null when it can. */
export const amountProblem = computed((): string | null => {
  if (amount.value === null) return 'type an amount above 0'
  const { cash } = account.value ?? {}
  if (cash !== undefined && compare(amount.value, cash) > 0) return 'more than the wallet holds'
  const limit = control.value?.maxBet
  if (limit !== undefined && compare(amount.value, limit) > 0) return `above the limit of ${plain(limit)} SOL a bet`
  return null
})

/** Changes to the amount, each exact and cut to lamports. */
export const change = {
  clear: (): void => set('0'),
  plus: (step: string): void => set(add(amount.peek() ?? '0', step)),
  half: (): void => set(multiply(amount.peek() ?? '0', '0.5')),
  double: (): void => set(add(amount.peek() ?? '0', amount.peek() ?? '0')),
  max: (): void => set(most.peek() ?? '0'),
}

function set(value: string): void {
  const cut = floorTo(value, LAMPORTS)
  if (isTypable(cut)) amountText.value = cut
}
