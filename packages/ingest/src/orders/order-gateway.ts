/** The port through which a human's clicks become orders, and what is known of each. */
import type { Micros } from '@vectra/schemas'

/** What a human can order. */
export type OrderKind = 'buy' | 'sell' | 'sidebet'

/** Part of the position a sell closes, percent: the site's own buttons. */
export type SellPercentage = 10 | 25 | 50 | 100

/** One click. The caller makes the id, and everything that follows carries it. */
export interface OrderRequest {
  /** Correlation id of request, ack and effect: a UUIDv7, used once. */
  readonly id: string
  readonly kind: OrderKind
  /** SOL of a buy or sidebet, as exact text, e.g. `0.001`. Not for a sell. */
  readonly amount?: string
  /** Of a sell. */
  readonly percentage?: SellPercentage
  /** What the screen showed when the human clicked. */
  readonly shown: { readonly gameId: string; readonly tick: number; readonly price: string }
  /** When the human clicked, by the clock of the screen, microseconds. */
  readonly clientTime: Micros
}

/**
 * Life of an order.
 *
 * `pending`: it left, or is about to. `accepted`: the server acked it. `reflected`: the server's own account state contains it (acked,
 * or, when the ack was lost, shown by a trade with the order's trace). `rejected`: it did not leave, or the server refused it.
 * `unknown`: it left, or may have, and nobody knows; the position shows its fate, and it is never sent again (P12). A late ack
 * or trade still settles an unknown order.
 */
export type OrderPhase = 'pending' | 'accepted' | 'reflected' | 'rejected' | 'unknown'

/** Why an order is `rejected` or `unknown`, stable; `reason` says it in words. */
export type OrderReason =
  /** Rejected, nothing left: the gateway is not armed. */
  | 'not_armed'
  /** Rejected, nothing left: the kill switch was pulled. */
  | 'killed'
  /** Rejected, nothing left: the amount is above the largest allowed bet. */
  | 'over_max_bet'
  /** Rejected, nothing left: the session may lose no more, or could with this order. */
  | 'loss_limit'
  /** Rejected, nothing left: there is no connection, or nobody is logged in. */
  | 'offline'
  /** Rejected, nothing left: another order is on its way. */
  | 'busy'
  /** Rejected, nothing left: this id was used before. */
  | 'duplicate'
  /** Rejected, nothing left: amount, percentage or id make no order. */
  | 'invalid'
  /** Rejected, nothing left: a page's controls were not found, or its amount did not read back equal. */
  | 'page'
  /** Rejected by the server. */
  | 'server'
  /** Unknown: no answer in time. */
  | 'no_answer'
  /** Unknown: the connection went before the answer. */
  | 'disconnected'
  /** Unknown: the gateway was closed before the answer. */
  | 'closed'

/** What is known of one order. */
export interface OrderState {
  readonly id: string
  readonly request: OrderRequest
  readonly phase: OrderPhase
  /** When the frame left, microseconds; null: nothing left. */
  readonly sentAt: Micros | null
  /** When the server's ack came. */
  readonly acceptedAt: Micros | null
  /** When the first account state that contains the order came; often before the ack. */
  readonly reflectedAt: Micros | null
  /** Of a rejected or unknown order. */
  readonly code: OrderReason | null
  /** The same in words, or what the server said. */
  readonly reason: string | null
  /** First value of the server's ack, as it came; null without one. */
  readonly ackValue: unknown
}

/** The switches now. Amounts are exact SOL texts. */
export interface OrderControlStatus {
  readonly armed: boolean
  /** Why the kill switch was pulled; null: it was not. Nothing brings a killed gateway back. */
  readonly killed: string | null
  /** Can an order leave: connected and logged in. */
  readonly ready: boolean
  readonly maxBet: string
  /** SOL below the first balance the server told this session, stakes in play included; `0` at or above it, null before the first word. */
  readonly sessionLoss: string | null
  readonly lossLimit: string
}

/** Arm switch and kill switch. */
export interface OrderControl {
  /** @returns whether it is armed now: a killed gateway stays disarmed */
  arm(): boolean
  disarm(): void
  /** Disarms for good. An order on its way is still watched. */
  kill(reason: string): void
  status(): OrderControlStatus
}

/** What the gateway may do without asking. Exact SOL texts. */
export interface OrderLimits {
  /** Largest amount of one buy or sidebet. Default `0.01`. */
  readonly maxBet?: string
  /**
   * Most that this session may lose, with every stake in play, on its way or of unknown fate counted as lost: a buy or
   * sidebet that could pass it is refused, a sell never is. Default `0.05`.
   */
  readonly lossLimit?: string
}

/** Where a human's clicks go: a socket of our own, or the browser in which the human is logged in. */
export interface OrderGateway extends AsyncDisposable {
  /**
   * Sends one order, at most once, whatever happens (P12). Nothing waits for a connection, nothing is tried again.
   *
   * An id that comes again with the same order sends nothing and gets the first one's state.
   *
   * @returns when the order is reflected, rejected or unknown, or accepted and not reflected in time. Never rejects
   */
  place(request: OrderRequest): Promise<OrderState>
  /** Every change of every order from now on, late answers included. A slow reader sees the newest state of each order. */
  updates(signal?: AbortSignal): AsyncIterable<OrderState>
  readonly control: OrderControl
  /** Idempotent. Orders without an answer become unknown. */
  close(): Promise<void>
}
