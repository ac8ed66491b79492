import { Decimal } from '@vectra/schemas'
import type { OrderRequest } from '../../src/index.ts'
import { ORDER_EVENTS, payloadOfOrder } from '../../src/orders/order-request.ts'
import { uuidV7 } from '../../src/session-id.ts'

/** How the server answers one order. */
export interface Behaviour {
  readonly verdict: 'execute' | 'refuse'
  /** What it sends because of it, in this order. */
  readonly sends: readonly ('trade' | 'account' | 'ack' | 'unclear' | 'rug')[]
}

interface Frame {
  readonly id: string
  readonly connection: number
  readonly text: string
}

/** A server that knows the truth: what was executed, and what everybody owns. Frames in both directions wait until they are delivered. */
export class ModelServer {
  cash = new Decimal('1')
  invested = new Decimal(0)
  qty = new Decimal(0)
  connection = 0
  connected = false
  readonly executed = new Set<string>()
  readonly refusedIds = new Set<string>()
  /** Frames that left, by order. */
  readonly left = new Map<string, number>()
  /** On the way to the server; they may arrive after their connection broke. */
  uplink: Frame[] = []
  /** On the way to the client, of the present connection. */
  downlink: string[] = []
  #ackId = 0
  #requests = new Map<string, OrderRequest>()

  connect(): void {
    this.connection += 1
    this.connected = true
    this.downlink = []
    this.account()
  }

  disconnect(): void {
    this.connected = false
    this.downlink = []
  }

  get name(): string {
    return `order-${this.connection}`
  }

  /** A frame leaves the client. @returns its text */
  take(request: OrderRequest): string {
    this.left.set(request.id, (this.left.get(request.id) ?? 0) + 1)
    this.#requests.set(request.id, request)
    const trace = { __trace: true, traceparent: `00-${traceOf(request.id)}-0000000000000001-01` }
    const text = `42${this.#ackId++}${JSON.stringify([ORDER_EVENTS[request.kind], trace, payloadOfOrder(request)])}`
    this.uplink.push({ id: request.id, connection: this.connection, text })
    return text
  }

  /** The oldest frame on its way arrives. */
  process(behaviour: Behaviour): void {
    const frame = this.uplink.shift()
    if (!frame) return
    const request = this.#requests.get(frame.id) as OrderRequest
    const executed = behaviour.verdict === 'execute' && this.#execute(request)
    const heard = this.connected && frame.connection === this.connection
    for (const what of behaviour.sends) {
      if (what === 'rug') this.rug()
      else if (what === 'account') this.account()
      else if (what === 'trade' && executed) this.#trade(request)
      else if (what === 'ack' && heard) this.#ack(frame, executed ? '[{"success":true}]' : '[{"success":false,"error":"NO"}]')
      else if (what === 'unclear' && heard) this.#ack(frame, '[]')
    }
  }

  /** The state of the account, for any reason. */
  account(): void {
    this.#send(
      `42["playerUpdate",{"id":"did:privy:cm1","authenticated":true,"cash":${this.cash.toFixed()},"totalInvested":${this.invested.toFixed()},"positionQty":${this.qty.toFixed()},"contains":${JSON.stringify([...this.executed])}}]`,
    )
  }

  /** A round ends: positions are worth next to nothing. */
  rug(): void {
    this.cash = this.cash.plus(this.qty.times('0.01').toDecimalPlaces(9, Decimal.ROUND_DOWN))
    this.qty = new Decimal(0)
    this.invested = new Decimal(0)
    this.account()
  }

  win(amount: string): void {
    this.cash = this.cash.plus(amount)
    this.account()
  }

  #execute(request: OrderRequest): boolean {
    if (request.kind === 'sell') {
      if (this.qty.isZero()) return this.#refuse(request)
      const sold = this.qty.times(request.percentage ?? 0).div(100)
      this.qty = this.qty.minus(sold)
      this.cash = this.cash.plus(sold.times('0.9').toDecimalPlaces(9, Decimal.ROUND_DOWN))
    } else {
      const amount = new Decimal(request.amount ?? 0)
      if (amount.gt(this.cash)) return this.#refuse(request)
      this.cash = this.cash.minus(amount)
      this.invested = this.invested.plus(amount)
      if (request.kind === 'buy') this.qty = this.qty.plus(amount)
    }
    if (this.executed.has(request.id)) throw new Error(`${request.id} was executed twice`)
    this.executed.add(request.id)
    return true
  }

  #refuse(request: OrderRequest): false {
    this.refusedIds.add(request.id)
    return false
  }

  #trade(request: OrderRequest): void {
    const trace = `{"__trace":true,"traceparent":"00-${traceOf(request.id)}-0000000000000002-01"}`
    const name = request.kind === 'sidebet' ? 'currentSidebet' : 'standard/newTrade'
    this.#send(`42["${name}",${trace},{"id":"t-${request.id}"}]`)
  }

  #ack(frame: Frame, args: string): void {
    const id = /^42(\d+)/.exec(frame.text)?.[1] ?? ''
    this.#send(`43${id}${args}`)
  }

  #send(text: string): void {
    if (this.connected) this.downlink.push(text)
  }
}

/** A request's id, distinct for each number. */
export function orderId(n: number): string {
  return uuidV7(1_765_577_802_000_000 + n, new Uint8Array(8).fill(n % 251))
}

function traceOf(id: string): string {
  return id.replaceAll('-', '')
}
