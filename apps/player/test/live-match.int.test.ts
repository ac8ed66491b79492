import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { buildPage, chromiumPath, launch, openPage, picture } from './support/browser.ts'
import { openRig } from './support/rig.ts'
import { agrees, human, settles, synced, textOf } from './support/session.ts'

let browser: Browser
let webDir: string

beforeAll(async () => {
  if (chromiumPath === null) return
  webDir = await buildPage()
  browser = await launch()
})
afterAll(() => browser?.close())

describe.runIf(chromiumPath !== null)('the mark beside the account', () => {
  it('turns red when the page understood another number than the gateway', async () => {
    await using rig = await openRig({ webDir, simulator: { paused: true } })
    const { page } = await openPage(browser, rig, {
      init: (context) =>
        context.routeWebSocket(/socket\.io/, (socket) => {
          const server = socket.connectToServer()
          server.onMessage((message) =>
            socket.send(String(message).replace(/^(42\["playerUpdate",.*"cash":)/, (start) => `${start}9`)),
          )
        }),
    })
    await expect.poll(() => textOf(page, 'match')).toMatch(/differs from the server: cash /)
    expect(await page.getAttribute('[data-t=match]', 'role')).toBe('alert')
    await picture(page, 'state-differs')
    await page.context().close()
  })

  it('turns red when the document shows another text than the page meant', async () => {
    await using rig = await openRig({ webDir, simulator: { paused: true } })
    const { page } = await openPage(browser, rig)
    await agrees(page, rig)
    await rig.simulator.control.waitFor('presale')
    await rig.simulator.control.step()
    await synced(page, rig)
    const me = human(page, 'keyboard')
    await me.arm()
    await page.evaluate("document.querySelector('[data-t=sidebetPnl]').firstChild.data = '5'")
    await me.buy()
    await expect.poll(() => textOf(page, 'match')).toMatch(/differs from the server: sidebetPnl /)
    await page.evaluate("document.querySelector('[data-t=sidebetPnl]').firstChild.data = '0'")
    await expect.poll(() => page.getAttribute('[data-t=buy]', 'aria-disabled')).toBe('false')
    await me.buy()
    await settles(page, rig, 2)
    await page.context().close()
  })
})
