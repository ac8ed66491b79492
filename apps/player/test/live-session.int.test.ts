import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { buildPage, chromiumPath, launch, openPage, picture } from './support/browser.ts'
import { openRig, type Rig } from './support/rig.ts'
import { agrees, human, settles, synced, textOf } from './support/session.ts'

let browser: Browser
let webDir: string

beforeAll(async () => {
  if (chromiumPath === null) return
  webDir = await buildPage()
  browser = await launch()
})
afterAll(() => browser?.close())

/** What the chart draws. */
const drawn = <T>(page: Page, what: 'candles' | 'overlays') =>
  expect.poll(() => page.evaluate<T>(`document.querySelector('figure.chart-box').${what}()`))

/** Candles of five ticks each, counted here and not by the page. */
function candlesOf(prices: readonly number[]): object[] {
  return Array.from({ length: Math.ceil(prices.length / 5) }, (_, index) => {
    const ticks = prices.slice(index * 5, index * 5 + 5)
    return { open: ticks[0], high: Math.max(...ticks), low: Math.min(...ticks), close: ticks.at(-1) }
  })
}

/** The game stands still at the first moment that meets the condition, and the page shows it. */
async function until(rig: Rig, page: Page, condition: Parameters<Rig['simulator']['control']['waitFor']>[0]): Promise<void> {
  await rig.simulator.control.waitFor(condition)
  // The server is in a phase a moment before its frame says so.
  if (typeof condition === 'string') await rig.simulator.control.step()
  await synced(page, rig)
}

describe.runIf(chromiumPath !== null)('a full session', () => {
  it.each(['mouse', 'keyboard'] as const)(
    'by %s: after every action wallet and position are the server’s own digits',
    async (hand) => {
      await using rig = await openRig({ webDir, simulator: { paused: true, rugTicks: [60, 30, 25] } })
      const { page, faults } = await openPage(browser, rig)
      const me = human(page, hand)
      let orders = 0
      const done = async (action: Promise<void>, phase?: 'accepted'): Promise<void> => {
        await action
        orders += 1
        await settles(page, rig, orders, phase)
      }
      await agrees(page, rig)
      await me.arm()
      await expect.poll(() => textOf(page, 'arm')).toContain('Armed')

      // Presale: in at exactly 1.
      await until(rig, page, 'presale')
      await picture(page, `session-${hand}-1-presale`)
      await me.amount('0.0123')
      await done(me.buy())
      expect(await textOf(page, 'positionQty')).toBe('0.0123')

      // The round: more buys, parts sold, a sidebet that loses.
      await until(rig, page, (state) => state.phase === 'active' && state.tick === 5)
      await me.amount('0.002000003')
      await done(me.buy())
      await done(me.sell(10))
      await until(rig, page, (state) => state.phase === 'active' && state.tick === 9)
      await done(me.sell(25))
      await me.amount('0.001')
      await done(me.sidebet())
      await expect.poll(() => textOf(page, 'sidebet-left')).toBe('40 ticks left')
      await until(rig, page, (state) => state.phase === 'active' && state.tick === 20)
      await expect.poll(() => textOf(page, 'sidebet-left')).toBe('29 ticks left')
      await done(me.sell(50))
      await picture(page, `session-${hand}-2-running`)
      const avgCost = await textOf(page, 'avgCost')
      await drawn(page, 'overlays').toMatchObject({
        average: avgCost,
        marks: [
          { tick: 0, side: 'buy', text: '0.012' },
          { tick: 5, side: 'buy', text: '0.002' },
          { tick: 5, side: 'sell' },
          { tick: 9, side: 'sell' },
          { tick: 20, side: 'sell' },
        ],
        window: { from: 9, to: 49, tone: 'running' },
      })
      await until(rig, page, (state) => state.phase === 'active' && state.tick === 55)
      await expect.poll(() => textOf(page, 'sidebet-result')).toBe('Sidebet lost −0.001 SOL')
      await drawn(page, 'overlays').toMatchObject({ window: { from: 9, to: 49, tone: 'lost' } })
      await agrees(page, rig)
      expect(await textOf(page, 'positionQty')).not.toBe('0')

      // The rug takes what is open; the finished round stays through the settlement.
      await until(rig, page, 'rugged')
      await agrees(page, rig)
      expect(await textOf(page, 'positionQty')).toBe('0')
      await picture(page, `session-${hand}-3-rugged`)
      await until(rig, page, 'cooldown')
      await expect.poll(() => textOf(page, 'overlay')).toContain('Rugged at tick 60')
      await expect.poll(() => textOf(page, 'tick')).toBe('tick 60')
      await expect.poll(() => textOf(page, 'sidebet-result')).toBe('Sidebet lost −0.001 SOL')
      await agrees(page, rig)
      await drawn(page, 'candles').toEqual(candlesOf(rig.simulator.control.games().at(-1)?.prices ?? []))
      await drawn(page, 'overlays').toMatchObject({ average: null, window: { tone: 'lost' } })
      await picture(page, `session-${hand}-4-settlement`)

      // The next round: a sidebet in presale that wins at the rug. The account comes before the ack and, with the last round's
      // sums still in it, proves nothing: accepted is what is known.
      await until(rig, page, 'presale')
      await done(me.sidebet(), 'accepted')
      await done(me.buy())
      await until(rig, page, (state) => state.phase === 'active' && state.tick === 12)
      await done(me.sell(100))
      expect(await textOf(page, 'positionQty')).toBe('0')
      await until(rig, page, 'rugged')
      await expect.poll(() => textOf(page, 'sidebet-result')).toBe('Sidebet won +0.004 SOL')
      await drawn(page, 'overlays').toMatchObject({ window: { tone: 'won' } })
      await agrees(page, rig)
      await picture(page, `session-${hand}-5-won`)

      const sent = rig.simulator.control.requests().filter(({ name }) => /Order$|Sidebet$/.test(name))
      expect(sent).toHaveLength(orders)
      expect(rig.actions.map(({ control }) => control.startsWith('key-'))).toEqual(Array(orders).fill(hand === 'keyboard'))
      expect(faults).toEqual([])
      await page.context().close()
    },
    120_000,
  )
})
