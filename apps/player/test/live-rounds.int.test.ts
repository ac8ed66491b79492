import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { buildPage, chromiumPath, launch, openPage } from './support/browser.ts'
import { openRig } from './support/rig.ts'
import { agrees, human, synced } from './support/session.ts'

const ROUNDS = 30
const SPEED = 30

let browser: Browser
let webDir: string

beforeAll(async () => {
  if (chromiumPath === null) return
  webDir = await buildPage()
  browser = await launch()
})
afterAll(() => browser?.close())

/** Counts, inside the page, every moment at which the mark said that page and server differ. */
const WATCH_THE_MARK = `
  globalThis.differences = []
  new MutationObserver(() => {
    const mark = document.querySelector('[data-t=match].bad')
    if (mark !== null) globalThis.differences.push(mark.textContent)
  }).observe(document.querySelector('main'), { subtree: true, childList: true, characterData: true, attributes: true })
`

describe.runIf(chromiumPath !== null)('thirty rounds', () => {
  it(`at ${SPEED} times the pace: page and server never differ`, async () => {
    const rugTicks = Array.from({ length: ROUNDS + 2 }, (_, index) => 24 + ((index * 17) % 40))
    await using rig = await openRig({ webDir, simulator: { speed: SPEED, rugTicks } })
    const { page, faults } = await openPage(browser, rig)
    await page.evaluate(WATCH_THE_MARK)
    const me = human(page, 'keyboard')
    await me.arm()
    const { control } = rig.simulator
    const orders = (): number => control.requests().filter(({ name }) => /Order$|Sidebet$/.test(name)).length
    /** The game runs until a moment, stands still while the human acts and everything is compared, and runs on. */
    const at = async (moment: Parameters<typeof control.waitFor>[0], act: () => Promise<void>): Promise<void> => {
      await control.waitFor(moment)
      control.pause()
      const { phase } = control.state()
      await synced(page, rig)
      const before = orders()
      await act()
      if (phase === 'active' || phase === 'presale') await expect.poll(orders).toBe(before + 1)
      await agrees(page, rig)
      control.resume()
    }
    for (let round = 0; round < ROUNDS; round += 1) {
      await at(
        (state) => state.phase === 'presale' && state.cooldownTimer < 9_000,
        () => me.buy(),
      )
      await at(
        (state) => state.phase === 'active' && state.tick >= 6,
        () => (round % 3 === 0 ? me.sidebet() : me.sell(round % 2 === 0 ? 25 : 100)),
      )
      await control.waitFor('cooldown')
    }
    control.pause()
    await agrees(page, rig)
    expect(control.games().length).toBeGreaterThanOrEqual(ROUNDS)
    expect(await page.evaluate('globalThis.differences')).toEqual([])
    expect(orders()).toBe(2 * ROUNDS)
    expect(orders()).toBe(rig.actions.length)
    expect(faults).toEqual([])
    await page.context().close()
  }, 150_000)
})
