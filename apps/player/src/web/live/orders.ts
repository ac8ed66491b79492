import { computed, effect, signal } from '@preact/signals'
import type { OrderNews } from '../../protocol/messages.ts'
import { clockOffset, obstacle, orderNews, sendOrder, view } from '../feed/feed.ts'
import { announce } from '../shell/announce.ts'

/** The site's own four. */
export type Percentage = 10 | 25 | 50 | 100
/** What the human wants. */
export type Wish =
  | { readonly kind: 'buy'; readonly amount: string }
  | { readonly kind: 'sidebet'; readonly amount: string }
  | { readonly kind: 'sell'; readonly percentage: Percentage }

/** One order as the page shows it. `sending`: the gateway has not answered yet; `refused`: it never left the page. */
export interface OrderLine {
  readonly id: string
  readonly label: string
  readonly phase: OrderNews['phase'] | 'sending' | 'refused'
  readonly reason: string | null
  /** Milliseconds from leaving to the server's ack, and to the account that contains it. */
  readonly ackMs: number | null
  readonly reflectMs: number | null
  /** Milliseconds from the click to the page knowing that it is in the account. */
  readonly clickMs: number | null
  readonly clickedAt: number
}

const KEPT = 8
const EVENTS = { buy: 'buyOrder', sell: 'sellOrder', sidebet: 'requestSidebet' } as const
const SOL = 'So11111111111111111111111111111111111111112'

/** Newest first. */
export const orderLines = signal<readonly OrderLine[]>([])

/** An order is on its way: the next one has to wait. */
export const busy = computed(() => orderLines.value.some(({ phase }) => phase === 'sending' || phase === 'pending'))

/** Sends what the human asked for, once. Says so when it does not leave. */
export function place(wish: Wish, by: string): void {
  const label = labelOf(wish)
  const id = uuidv7()
  const why = obstacle.peek() ?? (busy.peek() ? 'another order is on its way' : null)
  const clickedAt = performance.now()
  const line: OrderLine = { id, label, phase: 'sending', reason: null, ackMs: null, reflectMs: null, clickMs: null, clickedAt }
  if (why !== null) return put({ ...line, phase: 'refused', reason: `${why}; nothing was sent` })
  put(line)
  const { game } = view.peek()
  const mark = {
    id,
    shown: { gameId: game?.gameId ?? '', tick: game?.tick ?? 0, price: game?.price ?? '1' },
    clickedAt: Date.now() + clockOffset.peek(),
    control: by,
  }
  const payload =
    wish.kind === 'sell'
      ? { percentage: wish.percentage }
      : wish.kind === 'buy'
        ? { amount: wish.amount }
        : { amount: wish.amount, coinAddress: SOL, xPayout: 5 }
  const left = sendOrder(EVENTS[wish.kind], mark, payload, (ack) => {
    const present = orderLines.peek().find((one) => one.id === id)
    if (present === undefined || present.phase !== 'sending') return
    // The gateway's own news say more and come first; an answer without news was a refusal, no answer is no knowledge.
    if (ack === null) put({ ...present, phase: 'unknown', reason: 'the gateway did not answer; look at the position' })
    else if (!ack.success) put({ ...present, phase: 'rejected', reason: ack.message ?? ack.error ?? 'refused' })
  })
  if (!left) put({ ...line, phase: 'refused', reason: 'no connection to the gateway; nothing was sent' })
}

/** What is said of an order, in one line. */
export function wordsOf({ phase, reason, ackMs, reflectMs }: OrderLine): string {
  const ms = (value: number | null): string => (value === null ? '' : ` ${Math.round(value)} ms`)
  if (phase === 'sending' || phase === 'pending') return 'on its way …'
  if (phase === 'accepted') return `accepted${ms(ackMs)}`
  if (phase === 'reflected') return `in your account${ms(reflectMs ?? ackMs)}`
  if (phase === 'unknown') return `unknown: ${reason ?? 'no answer'}`
  if (phase === 'refused') return `not sent: ${reason ?? ''}`
  return `rejected: ${reason ?? ''}`
}

function labelOf(wish: Wish): string {
  if (wish.kind === 'sell') return `Sell ${wish.percentage} %`
  return `${wish.kind === 'buy' ? 'Buy' : 'Sidebet'} ${wish.amount} SOL`
}

function put(line: OrderLine): void {
  const known = orderLines.peek().some(({ id }) => id === line.id)
  orderLines.value = known
    ? orderLines.peek().map((one) => (one.id === line.id ? line : one))
    : [line, ...orderLines.peek()].slice(0, KEPT)
  if (line.phase !== 'sending' && line.phase !== 'pending') announce(`${line.label}: ${wordsOf(line)}`)
}

/** What the gateway knows of an order, for lines of this page; orders of other pages are shown too. */
effect(() => {
  const news = orderNews.value
  if (news === null) return
  const known = orderLines.peek().find(({ id }) => id === news.id)
  const label = known?.label ?? labelOf(wishOf(news))
  const since = (at: number | null): number | null => (at === null || news.sentAt === null ? null : at - news.sentAt)
  put({
    id: news.id,
    label,
    phase: news.phase,
    reason: news.reason,
    ackMs: since(news.acceptedAt),
    reflectMs: since(news.reflectedAt),
    clickMs: known?.clickMs ?? (news.phase === 'reflected' && known !== undefined ? performance.now() - known.clickedAt : null),
    clickedAt: known?.clickedAt ?? performance.now(),
  })
})

function wishOf({ kind, amount, percentage }: OrderNews): Wish {
  if (kind === 'sell') return { kind, percentage: (percentage ?? 100) as Percentage }
  return { kind, amount: amount ?? '?' }
}

/** Time in front, randomness behind: unique, and sorted by when it was clicked. */
function uuidv7(): string {
  const random = crypto.getRandomValues(new Uint8Array(10))
  const time = Date.now().toString(16).padStart(12, '0')
  const hex = Array.from(random, (byte) => byte.toString(16).padStart(2, '0')).join('')
  const variant = (8 + (Number.parseInt(hex.slice(3, 4), 16) & 3)).toString(16)
  return `${time.slice(0, 8)}-${time.slice(8)}-7${hex.slice(0, 3)}-${variant}${hex.slice(4, 7)}-${hex.slice(7, 19)}`
}
