import { type Simulator, startSimulator } from '@vectra/simulator'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import {
  type BrowserOrders,
  browserOrders,
  connectDevTools,
  type OrderRequest,
  sessionIdAt,
  systemClock,
  systemRandom,
} from '../../src/index.ts'
import { Chromium, chromiumPath, Hand } from '../sources/cdp/chromium.ts'
import { type Oddity, TradingPage } from './trading-page.ts'

const clock = systemClock()
const random = systemRandom()

function order(more: Partial<OrderRequest>): OrderRequest {
  const shown = { gameId: '20251212-6114b2ff44ef4b71', tick: 0, price: '1' }
  return { id: sessionIdAt(clock.now(), random), kind: 'buy', shown, clientTime: clock.now(), ...more }
}

describe.skipIf(chromiumPath === null)('an order through the browser', () => {
  let browser: Chromium
  let sim: Simulator
  let site: TradingPage
  const closing: (() => Promise<void> | void)[] = []
  beforeAll(async () => {
    browser = await Chromium.launch()
  })
  afterAll(async () => {
    await browser?.[Symbol.asyncDispose]()
  })
  afterEach(async () => {
    for (const close of closing.splice(0)) await close()
  })

  /** A gateway to a page that stands in the presale, armed. */
  async function armed(...odd: Oddity[]): Promise<{ orders: BrowserOrders; tab: (expression: string) => Promise<unknown> }> {
    sim = await startSimulator({ seed: 'orders', paused: true, bots: 0 })
    site = await TradingPage.serve(sim.url)
    await sim.control.waitFor('presale')
    const orders = browserOrders({
      connect: (signal) => connectDevTools(browser.url, signal),
      match: site.match,
      matchPage: (url) => url.startsWith(site.origin),
      clock,
      random,
      sendWithinMs: odd.includes('silent') ? 400 : 20_000,
      answerWithinMs: 20_000,
      backoff: { minMs: 20, maxMs: 100 },
    })
    const hand = await Hand.of(browser)
    const send = await hand.tab(site.url(...odd))
    closing.push(
      () => orders.close(),
      async () => {
        await send('Page.close').catch(() => {})
        hand[Symbol.dispose]()
      },
      () => sim.close(),
      () => site[Symbol.asyncDispose](),
    )
    while (!orders.control.status().ready) await new Promise((resolve) => setImmediate(resolve))
    orders.control.arm()
    return {
      orders,
      tab: async (expression) => (await send('Runtime.evaluate', { expression, awaitPromise: true })).result,
    }
  }
  const sent = (): unknown[] => sim.control.requests().map(({ name, args }) => [name, args.at(-1)])

  it.each<Oddity[]>([[], ['divs']])('is set, read back and clicked; the frame tells that it left %s', async (...odd) => {
    const { orders } = await armed(...odd.filter((one) => one !== undefined))
    const bought = await orders.place(order({ amount: '0.007' }))
    expect(bought).toMatchObject({ phase: 'reflected', code: null, ackValue: { success: true } })
    expect(await orders.place(order({ kind: 'sidebet', amount: '0.003' }))).toMatchObject({ phase: 'reflected' })
    await sim.control.waitFor('active')
    expect(await orders.place(order({ kind: 'sell', percentage: 25 }))).toMatchObject({ phase: 'reflected' })
    expect(sent()).toEqual([
      ['buyOrder', { amount: 0.007 }],
      ['requestSidebet', { amount: 0.003, coinAddress: 'So11111111111111111111111111111111111111112', xPayout: 5 }],
      ['sellOrder', { percentage: 25 }],
    ])
  })

  it.each<[string, Oddity[], Partial<OrderRequest>, RegExp]>([
    ['the amount does not read back equal', ['stubborn'], { amount: '0.007' }, /reads back as "0.5", not 0.007/],
    ['two controls say BUY', ['two'], { amount: '0.007' }, /2 controls on the page say BUY/],
    ['no control says SELL', ['no-sell'], { kind: 'sell', percentage: 50 }, /no control on the page says SELL/],
    ['BUY is switched off', ['off'], { amount: '0.007' }, /switched off/],
    ['nothing shows the percentage', ['unmarked'], { kind: 'sell', percentage: 50 }, /does not show that 50% is chosen/],
  ])('is not clicked when %s', async (_name, odd, request, reason) => {
    const { orders } = await armed(...odd)
    const state = await orders.place(order(request))
    expect(state).toMatchObject({ phase: 'rejected', code: 'page', sentAt: null })
    expect(state.reason).toMatch(reason)
    expect(sent()).toEqual([])
  })

  it('is unknown when the page was clicked and sends nothing', async () => {
    const { orders } = await armed('silent')
    expect(await orders.place(order({ amount: '0.001' }))).toMatchObject({ phase: 'unknown', code: 'no_answer', sentAt: null })
  })

  it('pulls the kill switch when the page sends another amount', async () => {
    const { orders } = await armed('wrong')
    expect(await orders.place(order({ amount: '0.002' }))).toMatchObject({ phase: 'reflected' })
    expect(sent()).toEqual([['buyOrder', { amount: 0.004 }]])
    expect(orders.control.status()).toMatchObject({ armed: false, killed: 'what left is not what was ordered' })
    expect(await orders.place(order({ amount: '0.002' }))).toMatchObject({ phase: 'rejected', code: 'killed' })
    expect(sent()).toHaveLength(1)
  })

  it('P12: nothing is clicked while the page is offline, so that nothing leaves later', async () => {
    const { orders, tab } = await armed()
    await tab('socket.disconnect(); 1')
    while (orders.obstacle() === null) await new Promise((resolve) => setImmediate(resolve))
    expect(await orders.place(order({ amount: '0.001' }))).toMatchObject({ phase: 'rejected', code: 'offline' })
    await tab('socket.connect(); 1')
    while (!orders.control.status().ready) await new Promise((resolve) => setImmediate(resolve))
    expect(await orders.place(order({ amount: '0.003' }))).toMatchObject({ phase: 'reflected' })
    expect(sent()).toEqual([['buyOrder', { amount: 0.003 }]])
  })

  it('does not choose between two pages of the site', async () => {
    const { orders } = await armed()
    using hand = await Hand.of(browser)
    const second = await hand.tab(site.url('silent'))
    expect(await orders.place(order({ amount: '0.001' }))).toMatchObject({ phase: 'rejected', code: 'page' })
    await second('Page.close').catch(() => {})
    expect(sent()).toEqual([])
  })

  it('takes the site’s own words only: nothing else near them is clicked', async () => {
    const { orders, tab } = await armed()
    await tab(`document.getElementById('buy').remove(); 1`)
    const state = await orders.place(order({ amount: '0.001' }))
    expect(state).toMatchObject({ phase: 'rejected', code: 'page', reason: 'no control on the page says BUY' })
  })
})
