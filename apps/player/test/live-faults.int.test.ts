import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { buildPage, chromiumPath, launch, openPage, picture } from './support/browser.ts'
import { openRig, type Rig } from './support/rig.ts'
import { agrees, human, synced, textOf } from './support/session.ts'

let browser: Browser
let webDir: string

beforeAll(async () => {
  if (chromiumPath === null) return
  webDir = await buildPage()
  browser = await launch()
})
afterAll(() => browser?.close())

const ordersAt = (rig: Rig): number => rig.simulator.control.requests().filter(({ name }) => /Order$|Sidebet$/.test(name)).length
const newest = (page: Page): Promise<string> =>
  page
    .locator('[data-t=order]')
    .first()
    .textContent()
    .then((text) => text ?? '')
const problem = (page: Page, topic: string): Promise<string> => textOf(page, `problem-${topic}`)
const gone = (page: Page, topic: string) =>
  expect.poll(() => page.locator(`[data-t=problem-${topic}]`).count(), { timeout: 10_000 }).toBe(0)

/** Armed, in presale, where buys are open for as long as the game stands still. */
async function armed(page: Page, rig: Rig): Promise<void> {
  await rig.simulator.control.waitFor('presale')
  await rig.simulator.control.step()
  await synced(page, rig)
  await human(page, 'keyboard').arm()
  await expect.poll(() => textOf(page, 'arm')).toContain('Armed')
}

describe.runIf(chromiumPath !== null)('P12: nothing is sent twice or late', () => {
  it('game server restarted: the page says so, sends nothing meanwhile, and goes on by itself', async () => {
    await using rig = await openRig({ webDir, simulator: { paused: true, chaos: { restartDownMs: 3_000 } } })
    const { page, faults } = await openPage(browser, rig)
    await armed(page, rig)
    const restarted = rig.simulator.control.inject('restart')
    await expect
      .poll(() => problem(page, 'source').catch(() => ''))
      .toMatch(/The game server is away.*The gateway tries again by itself/)
    await page.keyboard.press('b')
    await picture(page, 'fault-server-away')
    await restarted
    await gone(page, 'source')
    expect(ordersAt(rig)).toBe(0)
    await expect.poll(() => page.getAttribute('[data-t=buy]', 'aria-disabled')).toBe('false')
    await page.keyboard.press('b')
    await expect.poll(() => ordersAt(rig)).toBe(1)
    await agrees(page, rig)
    expect(faults).toEqual([])
    await page.context().close()
  }, 60_000)

  it('connection half open: an order into the silence is unknown, is said to be, and never leaves again', async () => {
    await using rig = await openRig({ webDir, simulator: { paused: true } })
    const { page } = await openPage(browser, rig)
    await armed(page, rig)
    await rig.simulator.control.inject('half_open')
    await page.keyboard.press('b')
    await expect.poll(() => newest(page)).toMatch(/unknown: .*check the position/)
    await picture(page, 'fault-unknown')
    const before = ordersAt(rig)
    expect(before).toBeLessThanOrEqual(1)
    // The line is made anew; what became unknown on the old one stays where it is, and the next order is the next to arrive.
    await rig.simulator.control.inject('kick')
    await expect.poll(() => problem(page, 'source').catch(() => '')).toContain('The game server is away')
    await gone(page, 'source')
    await expect.poll(() => page.getAttribute('[data-t=buy]', 'aria-disabled')).toBe('false')
    await page.keyboard.press('b')
    await expect.poll(() => newest(page)).toContain('in your account')
    expect(ordersAt(rig)).toBe(before + 1)
    expect(rig.actions).toHaveLength(2)
    await agrees(page, rig)
    await page.context().close()
  }, 60_000)

  it('server slow: five presses at once are one order, which is accepted first and in the account when the server says so', async () => {
    await using rig = await openRig({ webDir, simulator: { speed: 1, rugTicks: [400], chaos: { latencyMs: 4_000 } } })
    const { page } = await openPage(browser, rig)
    await human(page, 'keyboard').arm()
    await expect.poll(() => page.getAttribute('[data-t=buy]', 'aria-disabled'), { timeout: 30_000 }).toBe('false')
    const before = await textOf(page, 'cash')
    await page.evaluate(`for (let press = 0; press < 5; press += 1) dispatchEvent(new KeyboardEvent('keydown', { key: 'b' }))`)
    await expect.poll(() => newest(page)).toMatch(/accepted \d+ ms/)
    expect(await textOf(page, 'cash')).toBe(before)
    await expect.poll(() => newest(page)).toMatch(/in your account (?:[4-9]\d{3}|\d{5,}) ms/)
    expect(await textOf(page, 'cash')).not.toBe(before)
    expect(ordersAt(rig)).toBe(1)
    await page.context().close()
  }, 60_000)

  it('gateway gone and back: nothing is kept for later, and the page needs no reload', async () => {
    await using rig = await openRig({ webDir, simulator: { paused: true } })
    const { page, faults } = await openPage(browser, rig)
    await armed(page, rig)
    await page.evaluate('globalThis.sameDocument = true')
    await rig.stopPlayer()
    await expect.poll(() => problem(page, 'gateway').catch(() => ''), { timeout: 8_000 }).toContain('The gateway is away')
    for (const key of ['b', 'd', 's']) await page.keyboard.press(key)
    await expect.poll(() => textOf(page, 'match')).toContain('last known')
    await expect.poll(() => textOf(page, 'arm')).toContain('Not connected')
    await page.click('[data-t=buy]', { force: true })
    await picture(page, 'fault-gateway-away')
    await rig.restartPlayer()
    await gone(page, 'gateway')
    await expect.poll(() => textOf(page, 'arm'), { timeout: 10_000 }).toContain('Disarmed')
    expect(ordersAt(rig)).toBe(0)
    await human(page, 'keyboard').arm()
    await expect.poll(() => page.getAttribute('[data-t=buy]', 'aria-disabled')).toBe('false')
    await page.keyboard.press('b')
    await expect.poll(() => ordersAt(rig)).toBe(1)
    await agrees(page, rig)
    expect(await page.evaluate('globalThis.sameDocument')).toBe(true)
    expect(faults).toEqual([])
    await page.context().close()
  }, 60_000)

  it('gateway of another run: the page says what to do, and follows the pasted address', async () => {
    await using rig = await openRig({ webDir, simulator: { paused: true } })
    const { page } = await openPage(browser, rig)
    await rig.stopPlayer()
    await rig.restartPlayer({ token: 'another-token-000000000' })
    await expect.poll(() => problem(page, 'token').catch(() => ''), { timeout: 10_000 }).toContain('earlier run of vectra')
    expect(await problem(page, 'token')).toContain('Open the address that vectra printed')
    await page.click('text=Paste the address')
    await page.fill('#token-field', 'nonsense')
    await page.click('dialog button.primary')
    const said = (): Promise<string> =>
      page.locator('#token-field').evaluate((field) => (field as unknown as { validationMessage: string }).validationMessage)
    await expect.poll(said).toContain('no address')
    await page.fill('#token-field', rig.player.url)
    await picture(page, 'fault-token')
    await page.click('dialog button.primary')
    await gone(page, 'token')
    await agrees(page, rig)
    await page.context().close()
  }, 60_000)

  it('tab asleep: keys pressed meanwhile are not carried out, and the page catches up', async () => {
    await using rig = await openRig({ webDir, simulator: { paused: true, rugTicks: [200] } })
    const { page } = await openPage(browser, rig)
    await armed(page, rig)
    await rig.simulator.control.waitFor((state) => state.phase === 'active' && state.tick === 3)
    await synced(page, rig)
    // To the human a busy page is one that sleeps; the browser delivers what was pressed meanwhile with the time of the press.
    const asleep = page.evaluate('{ const until = performance.now() + 1000; while (performance.now() < until); }')
    await rig.simulator.control.waitFor((state) => state.phase === 'active' && state.tick === 80)
    await asleep
    const keyboard = await page.context().newCDPSession(page)
    const pressed = { key: 'b', code: 'KeyB', timestamp: Date.now() / 1_000 - 3 }
    await keyboard.send('Input.dispatchKeyEvent', { ...pressed, type: 'keyDown', text: 'b' })
    await keyboard.send('Input.dispatchKeyEvent', { ...pressed, type: 'keyUp' })
    await expect.poll(() => problem(page, 'asleep').catch(() => '')).toContain('not carried out')
    await synced(page, rig)
    expect(ordersAt(rig)).toBe(0)
    await page.keyboard.press('b')
    await expect.poll(() => ordersAt(rig)).toBe(1)
    await agrees(page, rig)
    await page.context().close()
  }, 60_000)

  it('limits and kill switch are the gateway’s: what is above them never leaves', async () => {
    await using rig = await openRig({ webDir, simulator: { paused: true }, limits: { maxBet: '0.01', lossLimit: '0.015' } })
    const { page } = await openPage(browser, rig)
    await armed(page, rig)
    const me = human(page, 'mouse')
    await me.amount('0.02')
    await expect.poll(() => textOf(page, 'buy')).toContain('above the limit of 0.01 SOL a bet')
    await page.keyboard.press('b')
    await me.amount('0.01')
    await me.buy()
    await expect.poll(() => ordersAt(rig)).toBe(1)
    await expect.poll(() => page.getAttribute('[data-t=buy]', 'aria-disabled')).toBe('false')
    await me.buy()
    await expect.poll(() => newest(page)).toContain('loss above 0.015 SOL')
    await page.click('[data-t=kill]')
    await page.click('[data-t=kill-yes]')
    await expect.poll(() => textOf(page, 'arm')).toContain('Stopped for good')
    await picture(page, 'state-killed')
    await page.click('[data-t=buy]', { force: true })
    expect(ordersAt(rig)).toBe(1)
    await page.context().close()
  }, 60_000)
})
