/** Life of orders: what may leave, what left, what the server said. Both gateways are this desk over a line of their own. */
import { type Clock, type Decimal, exactView, type PlayerUpdate, toDecimal } from '@vectra/schemas'
import { messageOf } from '../errors.ts'
import { FrameDecoder } from '../frame.ts'
import type { RawFrame } from '../source.ts'
import { checkEvent } from '../validate.ts'
import { type Account, accountOf, proves } from './account.ts'
import { answerOf } from './answer.ts'
import type { OrderControlStatus, OrderLimits, OrderReason, OrderRequest, OrderState } from './order-gateway.ts'
import { faultOf, ORDER_EVENTS, saysTheSame, stakeOf } from './order-request.ts'
import { StateFeed } from './state-feed.ts'

/** How an order gets onto the wire. */
export interface OrderLine {
  /** Why nothing can leave now; null when an order can. */
  obstacle(): string | null
  /** Puts the order on the wire, at most once. What left is told by the frames that the desk is fed. */
  send(request: OrderRequest): SendOutcome | Promise<SendOutcome>
}

/** What a line knows when it has tried. `unsure`: it may leave yet, or has. */
export type SendOutcome =
  | { readonly kind: 'sent' }
  | { readonly kind: 'refused'; readonly code: 'offline' | 'page' | 'killed' | 'not_armed'; readonly reason: string }
  | { readonly kind: 'unsure'; readonly reason: string }

/** What the desk needs beside its line. */
export interface DeskOptions extends OrderLimits {
  readonly clock: Clock
  /** An order without an ack for so long is unknown. Default 2,000 ms. */
  readonly answerWithinMs?: number
  /** `place` waits so long for the account state after an ack. Default 2,000 ms. */
  readonly reflectWithinMs?: number
}

/** An order that is watched. */
interface Order {
  state: OrderState
  /** Account before it left, when no other order could change it: none on its way, none of unknown fate. */
  readonly before: Account | null
  /** The socket it left on. */
  connection: string | null
  ackId: number | null
  traceId: string | null
  /** The server showed its effect: a trade or bet with the order's trace. */
  effectSeen: boolean
  /** An account state that contains the order, if the server says yes: the same change could have another cause. */
  provenAt: number | null
  readonly outcome: PromiseWithResolvers<OrderState>
  cancel: () => void
}

/** Names of frames that matter here; everything else is not even decoded. */
const ORDER_NAMES = new Set(Object.values(ORDER_EVENTS))
const EFFECTS = new Set(['standard/newTrade', 'newTrade', 'currentSidebet'])
const OF_INTEREST =
  /^4(?:3|2\d*\["(?:playerUpdate|standard\/newTrade|newTrade|currentSidebet|buyOrder|sellOrder|requestSidebet)")/

/** Orders whose effect is still waited for; of more, the oldest is given up. Its stake stays counted. */
const MAX_WATCHED = 200
/** States kept to answer a repeated id with. Ids themselves are never forgotten. */
const MAX_REMEMBERED = 1_000

/** The desk of one session. */
export class OrderDesk {
  readonly #line: OrderLine
  readonly #clock: Clock
  readonly #answerWithinMs: number
  readonly #reflectWithinMs: number
  readonly #maxBet: Decimal
  readonly #lossLimit: Decimal
  readonly #feed = new StateFeed()
  readonly #used = new Set<string>()
  readonly #remembered = new Map<string, Order>()
  readonly #watched = new Set<Order>()
  /** The order whose frame is about to leave. */
  #leaving: Order | null = null
  /** Stakes of orders that the account does not show yet. */
  #atRisk = toDecimal(0)
  #account: Account | null = null
  /** Balance last told, by any connection. */
  #cash: Decimal | null = null
  #firstCash: Decimal | null = null
  #armed = false
  #killed: string | null = null
  #closed = false

  constructor(line: OrderLine, options: DeskOptions) {
    this.#line = line
    this.#clock = options.clock
    this.#answerWithinMs = options.answerWithinMs ?? 2_000
    this.#reflectWithinMs = options.reflectWithinMs ?? 2_000
    this.#maxBet = limit('maxBet', options.maxBet ?? '0.01')
    this.#lossLimit = limit('lossLimit', options.lossLimit ?? '0.05')
  }

  /** See `OrderGateway.place`. */
  async place(request: OrderRequest): Promise<OrderState> {
    const fault = faultOf(request)
    if (fault !== null) return refused(request, 'invalid', fault)
    const known = this.#remembered.get(request.id)
    if (known && JSON.stringify(known.state.request) === JSON.stringify(request)) return known.outcome.promise
    if (this.#used.has(request.id)) return refused(request, 'duplicate', 'this id was used for another order')
    this.#used.add(request.id)
    const order = this.#open(request)
    const obstacle = this.#obstacle(request)
    if (obstacle) {
      this.#finish(order, 'rejected', ...obstacle)
      return order.outcome.promise
    }
    this.#leaving = order
    this.#watched.add(order)
    this.#atRisk = this.#atRisk.plus(stakeOf(request))
    this.#forgetOldest()
    this.#feed.publish(order.state)
    let outcome: SendOutcome
    try {
      outcome = await this.#line.send(request)
    } catch (error) {
      outcome = { kind: 'unsure', reason: messageOf(error) }
    }
    if (this.#leaving === order) this.#leaving = null
    // A frame that was seen leaving speaks for itself, whatever the line says.
    if (order.state.sentAt === null && order.state.phase === 'pending') {
      if (outcome.kind === 'refused') this.#finish(order, 'rejected', outcome.code, outcome.reason)
      else if (outcome.kind === 'sent') this.#finish(order, 'rejected', 'offline', 'nothing left: the connection is not open')
      else this.#unknown(order, 'no_answer', outcome.reason)
    }
    return order.outcome.promise
  }

  updates(signal?: AbortSignal): AsyncIterable<OrderState> {
    return this.#feed.read(signal)
  }

  arm(): boolean {
    this.#armed = this.#killed === null && !this.#closed
    return this.#armed
  }

  disarm(): void {
    this.#armed = false
  }

  kill(reason: string): void {
    this.#killed ??= reason
    this.#armed = false
  }

  status(): OrderControlStatus {
    return {
      armed: this.#armed,
      killed: this.#killed,
      ready: this.#offline() === null,
      maxBet: this.#maxBet.toFixed(),
      sessionLoss: this.#loss()?.toFixed() ?? null,
      lossLimit: this.#lossLimit.toFixed(),
    }
  }

  /** The socket is gone: what was not acked will not be. */
  down(connection: string, reason: string): void {
    if (this.#account?.connection === connection) this.#account = null
    for (const order of this.#watched) {
      if (order.connection === connection && order.state.phase === 'pending')
        this.#unknown(order, 'disconnected', `${reason}; check the position`)
    }
  }

  /** Every frame of the line's sockets, both ways, in order. */
  frame({ text, direction, at, connection }: RawFrame): void {
    if (typeof text !== 'string' || !OF_INTEREST.test(text)) return
    const decoded = new FrameDecoder().decode(text)
    if (decoded.socketType === 'ack') {
      if (direction === 'received' && decoded.ackId !== null) this.#ack(connection, decoded.ackId, decoded.args ?? [], at)
      return
    }
    if (decoded.socketType !== 'event' || decoded.args === null) return
    const { event } = decoded
    const checked = checkEvent(event, decoded.args, { recoveryOffset: direction === 'received' })
    if (direction === 'sent') {
      if (!ORDER_NAMES.has(event)) return
      const exact = exactView(decoded.rawJson, checked.payloadIndex, checked.payload)
      const same = this.#leaving !== null && saysTheSame(this.#leaving.state.request, (key) => exact.decimal([key]))
      this.#left(event, same, { at, connection, ackId: decoded.ackId, traceId: checked.traceId })
      return
    }
    if (EFFECTS.has(event)) {
      for (const order of this.#watched) {
        if (checked.traceId !== null && order.traceId === checked.traceId) order.effectSeen = true
      }
    } else if (event === 'playerUpdate' && checked.issues === null) {
      const exact = exactView(decoded.rawJson, checked.payloadIndex, checked.payload)
      this.#reflect(accountOf(checked.payload as PlayerUpdate, exact, at, connection))
    }
  }

  /** Ends it: what is on its way is of unknown fate. */
  close(): void {
    if (this.#closed) return
    this.#closed = true
    this.#armed = false
    for (const order of this.#watched) {
      if (order.state.phase === 'pending') this.#unknown(order, 'closed', 'the gateway was closed; check the position')
      order.cancel()
      order.outcome.resolve(order.state)
    }
    this.#watched.clear()
    this.#feed.close()
  }

  #open(request: OrderRequest): Order {
    const order: Order = {
      state: { ...blank, id: request.id, request: structuredClone(request), phase: 'pending' },
      before: this.#watched.size === 0 ? this.#account : null,
      connection: null,
      ackId: null,
      traceId: null,
      effectSeen: false,
      provenAt: null,
      outcome: Promise.withResolvers(),
      cancel: () => {},
    }
    this.#remembered.set(request.id, order)
    if (this.#remembered.size > MAX_REMEMBERED) {
      const [oldest] = this.#remembered.keys()
      if (oldest !== undefined) this.#remembered.delete(oldest)
    }
    return order
  }

  #obstacle(request: OrderRequest): [OrderReason, string] | null {
    if (this.#killed !== null) return ['killed', `the kill switch was pulled: ${this.#killed}`]
    if (!this.#armed) return ['not_armed', 'the gateway is not armed']
    const stake = stakeOf(request)
    if (stake.gt(this.#maxBet))
      return ['over_max_bet', `${request.amount} SOL is above the largest bet, ${this.#maxBet.toFixed()}`]
    const offline = this.#offline()
    if (offline !== null) return ['offline', offline]
    for (const { state } of this.#watched) {
      if (state.phase === 'pending') return ['busy', 'another order is on its way']
    }
    const loss = this.#loss()
    if (stake.gt(0) && (loss === null || loss.plus(this.#atRisk).plus(stake).gt(this.#lossLimit)))
      return ['loss_limit', `this could bring the session's loss above ${this.#lossLimit.toFixed()} SOL`]
    return null
  }

  #offline(): string | null {
    if (this.#closed) return 'the gateway is closed'
    const obstacle = this.#line.obstacle()
    if (obstacle !== null) return obstacle
    if (this.#account === null) return 'the server has not told the account yet'
    return this.#account.authenticated ? null : 'nobody is logged in'
  }

  /** What the session is short of, with all that is staked counted as lost until it is back. */
  #loss(): Decimal | null {
    if (this.#cash === null || this.#firstCash === null) return null
    return this.#firstCash.gt(this.#cash) ? this.#firstCash.minus(this.#cash) : toDecimal(0)
  }

  #left(
    event: string,
    same: boolean,
    frame: { readonly at: number; readonly connection: string; readonly ackId: number | null; readonly traceId: string | null },
  ): void {
    const order = this.#leaving
    if (order === null || event !== ORDER_EVENTS[order.state.request.kind]) return
    this.#leaving = null
    order.connection = frame.connection
    order.ackId = frame.ackId
    order.traceId = frame.traceId
    order.state = { ...order.state, sentAt: frame.at }
    order.cancel = this.#clock.timer(this.#answerWithinMs, () => {
      this.#unknown(order, 'no_answer', `no answer in ${this.#answerWithinMs} ms; check the position`)
    })
    if (!same) this.kill('what left is not what was ordered')
    this.#feed.publish(order.state)
  }

  #ack(connection: string, ackId: number, args: readonly unknown[], at: number): void {
    for (const order of this.#watched) {
      if (order.connection !== connection || order.ackId !== ackId || order.state.acceptedAt !== null) continue
      const answer = answerOf(args)
      order.state = { ...order.state, ackValue: args[0] ?? null }
      if (answer.kind === 'refused') return this.#finish(order, 'rejected', 'server', answer.reason)
      if (answer.kind === 'unclear') {
        if (order.state.phase === 'pending')
          this.#unknown(order, 'no_answer', 'the answer says neither yes nor no; check the position')
        return
      }
      order.state = { ...order.state, acceptedAt: at, reflectedAt: order.state.reflectedAt ?? order.provenAt }
      if (order.state.reflectedAt !== null) return this.#finish(order, 'reflected', null, null)
      this.#change(order, { phase: 'accepted', code: null, reason: null })
      order.cancel()
      order.cancel = this.#clock.timer(this.#reflectWithinMs, () => order.outcome.resolve(order.state))
      return
    }
  }

  #reflect(account: Account): void {
    for (const order of this.#watched) {
      const { state, before } = order
      if (state.sentAt === null || state.reflectedAt !== null) continue
      if (state.acceptedAt === null && !order.effectSeen) {
        if (this.#shows(before, account, state.request)) order.provenAt ??= account.at
        continue
      }
      order.state = { ...state, reflectedAt: account.at }
      if (state.phase === 'accepted' || state.phase === 'unknown') this.#finish(order, 'reflected', null, null)
    }
    this.#account = account
    this.#cash = account.cash ?? this.#cash
    this.#firstCash ??= this.#cash
  }

  #shows(before: Account | null, after: Account, request: OrderRequest): boolean {
    if (before === null || before.connection !== after.connection) return false
    return proves(before, after, request.kind === 'sell' ? null : stakeOf(request))
  }

  #unknown(order: Order, code: OrderReason, reason: string): void {
    if (order.state.phase !== 'pending') return
    order.cancel()
    if (this.#leaving === order) this.#leaving = null
    // The trace of its own trade, and the account after it, say more than a lost ack.
    if (order.effectSeen && order.state.reflectedAt !== null) return this.#finish(order, 'reflected', null, null)
    this.#change(order, { phase: 'unknown', code, reason })
    order.outcome.resolve(order.state)
  }

  /** Nothing more can come. */
  #finish(order: Order, phase: 'reflected' | 'rejected', code: OrderReason | null, reason: string | null): void {
    order.cancel()
    if (this.#watched.delete(order)) this.#atRisk = this.#atRisk.minus(stakeOf(order.state.request))
    this.#change(order, { phase, code, reason })
    order.outcome.resolve(order.state)
  }

  #change(order: Order, change: Pick<OrderState, 'phase' | 'code' | 'reason'>): void {
    order.state = { ...order.state, ...change }
    this.#feed.publish(order.state)
  }

  #forgetOldest(): void {
    if (this.#watched.size <= MAX_WATCHED) return
    for (const order of this.#watched) {
      if (order.state.phase === 'pending') continue
      this.#watched.delete(order)
      return
    }
  }
}

const blank = {
  sentAt: null,
  acceptedAt: null,
  reflectedAt: null,
  code: null,
  reason: null,
  ackValue: null,
} as const

function refused(request: OrderRequest, code: OrderReason, reason: string): OrderState {
  return { ...blank, id: String(request?.id), request, phase: 'rejected', code, reason }
}

function limit(name: string, text: string): Decimal {
  if (!/^\d{1,9}(\.\d{1,9})?$/.test(text)) throw new TypeError(`${name} is SOL as text, e.g. 0.01, not ${JSON.stringify(text)}`)
  return toDecimal(text)
}
