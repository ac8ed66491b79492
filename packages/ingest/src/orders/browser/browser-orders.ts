import type { Clock, Random } from '@vectra/schemas'
import type { BackoffOptions } from '../../backoff.ts'
import { messageOf } from '../../errors.ts'
import type { SourceItem } from '../../source.ts'
import { cdpSource } from '../../sources/cdp/cdp.ts'
import type { CdpTransport } from '../../sources/cdp/transport.ts'
import { OrderDesk, type SendOutcome } from '../desk.ts'
import type { OrderGateway, OrderLimits, OrderRequest } from '../order-gateway.ts'
import { ORDER_EVENTS } from '../order-request.ts'
import { type HeldPage, PageHand } from './page-hand.ts'
import { type PageControls, pageExpression, SITE_CONTROLS } from './page-script.ts'

/** What {@link browserOrders} needs. */
export interface BrowserOrdersOptions extends OrderLimits {
  /**
   * Opens a line to the browser; called more than once: one line watches, one acts. A browser on a pipe has only one line, so
   * it needs a port.
   */
  readonly connect: (signal: AbortSignal) => Promise<CdpTransport>
  /** Which sockets are the site's, by URL. */
  readonly match: (url: string) => boolean
  /** Which page has the controls, by URL. */
  readonly matchPage: (url: string) => boolean
  readonly clock: Clock
  readonly random: Random
  /** Texts of the controls, where they differ from {@link SITE_CONTROLS}. */
  readonly controls?: Partial<PageControls>
  /** Reload a page that was open before: the account is told on connecting. Default false. */
  readonly reloadOnAttach?: boolean
  /** Waits between attempts to reach the browser. Default 250 ms doubling to 5 s, ± 50 %. */
  readonly backoff?: BackoffOptions
  /** A click that sends nothing for so long is unknown. Default 1,000 ms. */
  readonly sendWithinMs?: number
  /** An order without an ack for so long is unknown. Default 2,000 ms. */
  readonly answerWithinMs?: number
  /** How long `place` waits for the account state after an ack. Default 2,000 ms. */
  readonly reflectWithinMs?: number
}

/** A gateway through the browser in which the human is logged in. */
export interface BrowserOrders extends OrderGateway {
  /** Why no order can leave now; null when one can. */
  obstacle(): string | null
}

/**
 * Orders through the page of the browser in which the human is logged in: one click of theirs becomes one click there.
 *
 * The amount is set, read back from the page and compared before the click; what left is told by the outgoing frame. If the page
 * sends another amount, the kill switch is pulled. While the page is not connected nothing is clicked: its client would keep the
 * order and send it later.
 *
 * @throws TypeError when a limit is no amount
 */
export function browserOrders(options: BrowserOrdersOptions): BrowserOrders {
  const controls = { ...SITE_CONTROLS, ...options.controls }
  const { clock } = options
  const hand = new PageHand(options.connect, options.matchPage, clock)
  const stop = new AbortController()
  /** Connections of the page that are open. */
  const open = new Set<string>()
  let onSent: ((event: string) => void) | null = null
  const desk: OrderDesk = new OrderDesk({ obstacle, send }, options)
  const watching = watch()

  function obstacle(): string | null {
    return open.size > 0 ? null : 'the page has no connection to the site'
  }

  async function watch(): Promise<void> {
    const { connect, match, matchPage, random, reloadOnAttach = false, backoff = {} } = options
    const source = cdpSource({ connect, match, matchPage, clock, random, reloadOnAttach, backoff })
    for await (const item of source.items(stop.signal)) take(item)
  }

  function take(item: SourceItem): void {
    if (item.kind === 'frame') {
      desk.frame(item.frame)
      const name = item.frame.direction === 'sent' ? /^42\d*\["(\w+)"/.exec(String(item.frame.text))?.[1] : undefined
      if (name !== undefined) onSent?.(name)
    }
    if (item.kind !== 'status') return
    const { status } = item
    if (status.kind === 'connect' || status.kind === 'reconnect') open.add(status.connection)
    if (status.kind !== 'disconnect') return
    open.delete(status.connection)
    desk.down(status.connection, `the page's connection was lost (${status.reason})`)
  }

  async function send(request: OrderRequest): Promise<SendOutcome> {
    const left = leaving(request)
    try {
      using page = await hand.page()
      const problem = await fill(page, request)
      if (problem !== null) return left.seen() ? { kind: 'sent' } : problem
      // A page whose percentage buttons sell at once has sold by now: there is nothing left to click.
      if (left.seen()) return { kind: 'sent' }
      const offline = obstacle()
      if (offline !== null) return { kind: 'refused', code: 'offline', reason: offline }
      const { armed, killed } = desk.status()
      if (!armed)
        return { kind: 'refused', code: killed === null ? 'not_armed' : 'killed', reason: killed ?? 'disarmed meanwhile' }
      return await click(page.run(pageExpression('click', request, controls)), left)
    } catch (error) {
      return left.seen() ? { kind: 'sent' } : refused(messageOf(error))
    } finally {
      left.cancel()
    }
  }

  /** Sets the amount, or chooses the percentage. @returns null when the page did it */
  async function fill(page: HeldPage, request: OrderRequest): Promise<SendOutcome | null> {
    try {
      const { problem } = await page.run(pageExpression('fill', request, controls))
      return problem === null ? null : refused(problem)
    } catch (error) {
      if (request.kind !== 'sell') throw error
      return {
        kind: 'unsure',
        reason: `the browser went while the percentage was chosen (${messageOf(error)}); check the position`,
      }
    }
  }

  /** The click was asked for: from here on only the page itself can say that it did not happen. */
  async function click(clicking: Promise<{ readonly problem: string | null }>, left: Leaving): Promise<SendOutcome> {
    try {
      const { problem } = await clicking
      if (problem !== null) return refused(problem)
    } catch (error) {
      return { kind: 'unsure', reason: `the browser went during the click (${messageOf(error)}); check the position` }
    }
    if (await left.within(options.sendWithinMs ?? 1_000)) return { kind: 'sent' }
    return { kind: 'unsure', reason: 'the page was clicked and sent nothing; it may yet: check the position' }
  }

  interface Leaving {
    seen(): boolean
    within(ms: number): Promise<boolean>
    cancel(): void
  }

  /** Waits for the frame of an order. */
  function leaving(request: OrderRequest): Leaving {
    const { promise, resolve } = Promise.withResolvers<boolean>()
    let seen = false
    let cancel = (): void => {}
    onSent = (event) => {
      if (event !== ORDER_EVENTS[request.kind]) return
      seen = true
      resolve(true)
    }
    return {
      seen: () => seen,
      within(ms) {
        cancel = clock.timer(ms, () => resolve(false))
        return promise
      },
      cancel() {
        cancel()
        resolve(seen)
        onSent = null
      },
    }
  }

  const close = async (): Promise<void> => {
    stop.abort()
    desk.close()
    hand.close()
    await watching
  }
  return {
    place: (request) => desk.place(request),
    updates: (signal) => desk.updates(signal),
    control: desk,
    obstacle,
    close,
    [Symbol.asyncDispose]: close,
  }
}

function refused(reason: string): SendOutcome {
  return { kind: 'refused', code: 'page', reason }
}
