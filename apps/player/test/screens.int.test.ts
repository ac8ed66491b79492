import { systemClock } from '@vectra/ingest'
import axe from 'axe-core'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startPlayer } from '../src/index.ts'
import { buildPage, chromiumPath, launch, openPage, picture } from './support/browser.ts'
import { openRig, type Rig } from './support/rig.ts'
import { human, synced } from './support/session.ts'

let browser: Browser
let webDir: string

beforeAll(async () => {
  if (chromiumPath === null) return
  webDir = await buildPage()
  browser = await launch()
})
afterAll(() => browser?.close())

/** What axe-core objects to, as `rule: element`. */
async function violations(page: Page): Promise<string[]> {
  if ((await page.evaluate('typeof axe')) === 'undefined') await page.evaluate(axe.source)
  return page.evaluate<string[]>(`axe.run(document, { resultTypes: ['violations'] }).then(({ violations }) =>
    violations.flatMap(({ id, nodes }) => nodes.map(({ html, failureSummary }) => id + ': ' + html.slice(0, 160) + ' ' + failureSummary)))`)
}

/** Is there anything to scroll sideways? */
const overflows = (page: Page): Promise<boolean> =>
  page.evaluate<boolean>('document.documentElement.scrollWidth > document.documentElement.clientWidth')

async function toMoment(rig: Rig, page: Page, moment: Parameters<Rig['simulator']['control']['waitFor']>[0]): Promise<void> {
  await rig.simulator.control.waitFor(moment)
  if (typeof moment === 'string') await rig.simulator.control.step()
  await synced(page, rig)
}

describe.runIf(chromiumPath !== null)('screens', () => {
  it.each(['dark', 'light'] as const)(
    '%s: axe finds nothing on any screen or state',
    async (colorScheme) => {
      await using rig = await openRig({ webDir, simulator: { paused: true, rugTicks: [120] } })
      const { page, faults } = await openPage(browser, rig, { colorScheme })
      const me = human(page, 'keyboard')
      const check = async (name: string): Promise<void> => {
        await picture(page, `${name}-${colorScheme}`)
        expect(await violations(page), name).toEqual([])
        expect(await overflows(page), name).toBe(false)
      }
      await check('live-cooldown')
      await toMoment(rig, page, 'presale')
      await me.arm()
      await me.buy()
      await expect.poll(() => page.locator('[data-t=order][data-phase=reflected]').count()).toBe(1)
      await check('live-presale')
      await toMoment(rig, page, (state) => state.phase === 'active' && state.tick === 30)
      await me.sidebet()
      await expect.poll(() => page.locator('[data-t=sidebet-left]').count()).toBe(1)
      await me.amount('5')
      await expect.poll(() => page.textContent('[data-t=buy]')).toContain('more than the wallet holds')
      await check('live-running')
      await page.keyboard.press('?')
      await page.waitForSelector('dialog[open]')
      await check('help')
      await page.keyboard.press('Escape')
      await page.waitForSelector('dialog[open]', { state: 'detached' })
      await toMoment(rig, page, 'rugged')
      await check('live-rugged')
      await page.click('[data-t=kill]')
      await page.click('[data-t=kill-yes]')
      await page.waitForSelector('.arm.killed')
      await check('live-killed')
      for (const screen of ['replay', 'data'] as const) {
        await page.click(`nav a[href="#/${screen}"]`)
        // This player has no data directory, and the screen says so.
        await page.waitForSelector(`.${screen} [data-t=problem]`)
        await check(screen)
      }
      expect(faults).toEqual([])
      await page.context().close()
    },
    90_000,
  )

  it.each([
    ['phone', 320, 640],
    ['phone-tall', 390, 844],
    ['tablet', 820, 1180],
    ['laptop', 1280, 720],
    ['desktop', 1920, 1080],
    ['4k', 3840, 2160],
  ] as const)(
    '%s (%i × %i): nothing is cut off',
    async (name, width, height) => {
      await using rig = await openRig({ webDir, simulator: { paused: true, rugTicks: [400] } })
      const { page } = await openPage(browser, rig, { viewport: { width, height } })
      const me = human(page, 'keyboard')
      await toMoment(rig, page, 'presale')
      await me.arm()
      await me.buy()
      await expect.poll(() => page.locator('[data-t=order][data-phase=reflected]').count()).toBe(1)
      await toMoment(rig, page, (state) => state.phase === 'active' && state.tick === 230)
      await me.sidebet()
      await expect.poll(() => page.locator('[data-t=sidebet-left]').count()).toBe(1)
      expect(await overflows(page)).toBe(false)
      await picture(page, `size-${name}`, width < 860)
      if (width === 320) expect(await violations(page)).toEqual([])
      for (const control of ['buy', 'sell', 'arm', 'cash', 'positionQty', 'price']) {
        const box = await page.locator(`[data-t=${control}]`).boundingBox()
        expect(box, control).not.toBeNull()
        expect(box?.x ?? -1, control).toBeGreaterThanOrEqual(0)
        expect((box?.x ?? 0) + (box?.width ?? 0), control).toBeLessThanOrEqual(width)
      }
      await page.context().close()
    },
    60_000,
  )

  it('recorded data alone: Live says how to play', async () => {
    await using player = await startPlayer({ mode: 'serve', webDir })
    const page = await browser.newPage()
    await page.goto(player.url)
    await page.waitForSelector('text=recorded data, no live game')
    await picture(page, 'live-serve')
    expect(await violations(page)).toEqual([])
    await page.close()
  })

  it('opened without its token: the page says what to open', async () => {
    await using player = await startPlayer({ mode: 'serve', webDir })
    const page = await browser.newPage()
    await page.goto(player.origin)
    await page.waitForSelector('[data-t=problem-token]')
    expect(await page.textContent('[data-t=problem-token]')).toContain('opened without its token')
    await picture(page, 'no-token')
    expect(await violations(page)).toEqual([])
    await page.close()
  })

  it('full disk, ended feed, wrong clock, other version: each is said in words, with the next step', async () => {
    const clock = systemClock()
    await using player = await startPlayer({
      mode: 'play',
      webDir,
      clock: { ...clock, now: () => clock.now() + 90_000_000 },
      feed: {
        label: 'public feed',
        source: 'public_ws',
        url: null,
        events: (async function* () {})(),
        recording: () => ({ recording: true, events: 9, stored: 4, gaps: 0, fault: 'no space left on the disk' }),
      },
    })
    const page = await browser.newPage()
    await page.routeWebSocket(/socket\.io/, (socket) => {
      const server = socket.connectToServer()
      server.onMessage((message) => socket.send(String(message).replace('"protocol":1', '"protocol":2')))
    })
    await page.goto(player.url)
    const problem = (topic: string) => expect.poll(() => page.textContent(`[data-t=problem-${topic}]`))
    await problem('recording').toMatch(/Nothing is written at the moment\. No space left on the disk\. .*vectra doctor/)
    await problem('source').toMatch(/Nothing more comes\. The feed has ended\. /)
    await problem('clock').toMatch(/(?:89|9[01]) s apart.*set the clock/)
    await problem('version').toMatch(/different versions.*Reload the page/)
    await picture(page, 'problems')
    expect(await violations(page)).toEqual([])
    await page.close()
  })

  it('a token that the game server refuses is said to be the reason, with what to do', async () => {
    await using rig = await openRig({ webDir, login: 'nonsense' })
    const page = await browser.newPage()
    await page.goto(rig.player.url)
    await expect
      .poll(() => page.textContent('[data-t=problem-source]'))
      .toMatch(/The game server refuses the login.*unauthorized.*VECTRA_PLAY_TOKEN/)
    expect(await page.textContent('[data-t=problem-source]')).not.toContain('is away')
    await picture(page, 'fault-login')
    await page.close()
  })

  it('who wants no motion gets none', async () => {
    await using rig = await openRig({ webDir, simulator: { paused: true } })
    const { page } = await openPage(browser, rig, { reducedMotion: 'reduce' })
    const moving = (): Promise<string> =>
      page.evaluate("getComputedStyle(document.querySelector('[data-t=buy]')).transitionDuration")
    expect(await moving()).toMatch(/^0s(?:, 0s)*$/)
    await page.emulateMedia({ reducedMotion: 'no-preference' })
    expect(await moving()).toMatch(/0\.\d+s/)
    await page.context().close()
  })

  it('paints itself with what this server sends: nothing is asked from elsewhere', async () => {
    await using rig = await openRig({ webDir, simulator: { paused: true } })
    const foreign: string[] = []
    const { page } = await openPage(browser, rig, {
      init: async (context) => {
        context.on('request', (request) => {
          if (!request.url().startsWith(rig.player.origin) && !request.url().startsWith('data:')) foreign.push(request.url())
        })
      },
    })
    await expect.poll(() => page.evaluate<number>("performance.getEntriesByName('first-contentful-paint').length")).toBe(1)
    expect(foreign).toEqual([])
    await page.context().close()
  })
})
