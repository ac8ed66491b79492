import type { OrderGateway, OrderRequest, OrderState, SellPercentage } from '@vectra/ingest'
import type { ControlNews, OrderAck, OrderMark, OrderNews } from '../protocol/messages.ts'

/** A human's action at the page, for the recording: the order with the control that was used. */
export interface HumanAction {
  readonly request: OrderRequest
  /** Name of the control: `buy-button`, `key-b`. */
  readonly control: string
}

const KINDS = { buyOrder: 'buy', sellOrder: 'sell', requestSidebet: 'sidebet' } as const

/** The game's own names of the three requests. */
export const ORDER_EVENTS = Object.keys(KINDS) as readonly (keyof typeof KINDS)[]

const AMOUNT = /^(?:0|[1-9]\d{0,5})(?:\.\d{1,9})?$/
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/
const PERCENTAGES: readonly number[] = [10, 25, 50, 100] satisfies readonly SellPercentage[]

/** A click that took longer than this to get here is not what the human meant any more, milliseconds. */
const LATE_MS = 2_000
/** Ticks that the screen may be behind; a tab that slept is further. */
const LATE_TICKS = 40

/** What the gateway knows when an order comes in. */
export interface OrderMoment {
  readonly connection: string
  /** Unix milliseconds. */
  readonly now: number
  readonly game: { readonly gameId: string; readonly tick: number | null } | null
}

/** An order as the page sent it, or why it is none. */
export type ParsedOrder = { readonly action: HumanAction } | { readonly refused: OrderAck }

/**
 * Reads an order of the page. The mark names the connection it was clicked on: what arrives on another one was held back
 * somewhere and comes too late (P12). So does a click that is old, or made on a screen that had fallen behind.
 */
export function parseOrder(
  event: keyof typeof KINDS,
  args: readonly unknown[],
  { connection, now, game }: OrderMoment,
): ParsedOrder {
  const [mark, payload] = args
  if (!isMark(mark) || !isRecord(payload)) return refused('INVALID', 'this is no order')
  if (mark.connection !== connection) return refused('LATE', 'this click belongs to an earlier connection; nothing was sent')
  if (now - mark.clickedAt > LATE_MS)
    return refused('LATE', `this click is ${Math.round((now - mark.clickedAt) / 100) / 10} s old; nothing was sent`)
  if (game !== null && (game.gameId !== mark.shown.gameId || (game.tick ?? 0) - mark.shown.tick > LATE_TICKS))
    return refused('LATE', 'the page showed an earlier moment of the game; nothing was sent')
  const kind = KINDS[event]
  const { amount, percentage } = payload
  if (kind === 'sell') {
    if (typeof percentage !== 'number' || !PERCENTAGES.includes(percentage))
      return refused('INVALID', 'a sell is 10, 25, 50 or 100 percent')
  } else if (typeof amount !== 'string' || !AMOUNT.test(amount) || /^[0.]+$/.test(amount))
    return refused('INVALID', 'the amount is no SOL amount above 0 with at most nine decimals')
  const request: OrderRequest = {
    id: mark.id,
    kind,
    ...(kind === 'sell' ? { percentage: percentage as SellPercentage } : { amount: amount as string }),
    shown: { gameId: mark.shown.gameId, tick: mark.shown.tick, price: mark.shown.price },
    clientTime: Math.round(mark.clickedAt * 1_000),
  }
  return { action: { request, control: mark.control } }
}

/** The game's own form of an answer. */
export function ackOf(state: OrderState): OrderAck {
  if (state.phase === 'accepted' || state.phase === 'reflected') return { success: true }
  return { success: false, error: (state.code ?? state.phase).toUpperCase(), message: state.reason ?? state.phase }
}

/** An order's life for the page; times in milliseconds. */
export function newsOf({ request, ...state }: OrderState): OrderNews {
  const ms = (at: number | null): number | null => (at === null ? null : at / 1_000)
  return {
    id: state.id,
    kind: request.kind,
    amount: request.amount ?? null,
    percentage: request.percentage ?? null,
    phase: state.phase,
    sentAt: ms(state.sentAt),
    acceptedAt: ms(state.acceptedAt),
    reflectedAt: ms(state.reflectedAt),
    code: state.code,
    reason: state.reason,
  }
}

/** Switches for the page. */
export function controlOf(orders: OrderGateway): ControlNews {
  return orders.control.status()
}

function refused(error: string, message: string): ParsedOrder {
  return { refused: { success: false, error, message } }
}

function isMark(value: unknown): value is OrderMark {
  return (
    isRecord(value) &&
    typeof value.id === 'string' &&
    UUID.test(value.id) &&
    typeof value.connection === 'string' &&
    typeof value.clickedAt === 'number' &&
    Number.isFinite(value.clickedAt) &&
    typeof value.control === 'string' &&
    /^[\w-]{1,40}$/.test(value.control) &&
    isRecord(value.shown) &&
    typeof value.shown.gameId === 'string' &&
    value.shown.gameId.length <= 64 &&
    typeof value.shown.tick === 'number' &&
    Number.isInteger(value.shown.tick) &&
    typeof value.shown.price === 'string' &&
    value.shown.price.length <= 64
  )
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
