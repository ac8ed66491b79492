import type { Socket } from 'socket.io'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type CdpTransport, systemClock } from '../../../src/index.ts'
import { Chromium, chromiumPath, Hand, type LinkKind } from './chromium.ts'
import { Site } from './site.ts'
import { Watch } from './watch.ts'

const LINKS: LinkKind[] = ['websocket debugging', 'pipe']
const SOCKET = '/?transports=websocket'

/** Sends nothing for itself: a moment in which this process does nothing at all. */
function blockFor(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms)
}

/** The table of what a browser shows over DevTools: frames sent = frames stored, or a gap row where Chrome cannot replay. */
describe.skipIf(chromiumPath === null).each(LINKS)('P9: cdp source in a real browser, by %s', (link) => {
  let browser: Chromium
  let site: Site
  let hand: Hand
  const tabs: (() => Promise<unknown>)[] = []

  const launch = async (): Promise<void> => {
    browser = await Chromium.launch(link)
    hand = await Hand.of(browser)
  }
  const leave = async (): Promise<void> => {
    hand[Symbol.dispose]()
    await browser[Symbol.asyncDispose]()
  }

  beforeAll(async () => {
    site = await Site.start()
    if (link !== 'pipe') await launch()
  })
  // The one reader of a pipe takes the browser along when it goes.
  beforeEach(async () => {
    site.sent.length = 0
    if (link === 'pipe') await launch()
  })
  afterEach(async () => {
    for (const close of tabs.splice(0)) await close()
    if (link === 'pipe') await leave()
    site.empty()
  })
  afterAll(async () => {
    if (link !== 'pipe') await leave()
    await site[Symbol.asyncDispose]()
  })

  async function watched(
    body: (watch: Watch) => Promise<void>,
    options: { connect?: (signal: AbortSignal) => Promise<CdpTransport | null>; reloadOnAttach?: boolean } = {},
  ): Promise<Watch> {
    const { connect = (signal) => browser.connect(signal, link), ...more } = options
    const watch = new Watch(connect, site, more)
    try {
      await body(watch)
    } finally {
      await watch.stop()
    }
    return watch
  }

  async function open(path: string) {
    const connected = site.connection()
    const send = await hand.tab(site.origin + path)
    tabs.push(() => send('Page.close').catch(() => {}))
    const socket: Socket = await connected
    return {
      send,
      socket,
      async close() {
        const gone = new Promise((resolve) => socket.once('disconnect', resolve))
        await send('Page.close')
        if (socket.connected) await gone
      },
    }
  }

  /** Lets the source attach before anything happens: a tab is seen when its blank page was. */
  async function attached(watch: Watch): Promise<void> {
    const tab = await open(SOCKET)
    await watch.until(({ statuses }) => statuses.some(({ kind }) => kind === 'connect' || kind === 'reconnect'))
    await tab.close()
    await watch.until(({ statuses }) => statuses.at(-1)?.kind === 'disconnect')
    watch.forget()
  }

  /** A page that is seen from its first packet on, and everything after it. */
  async function seenFromTheStart(path: string): Promise<{ watch: Watch; target: unknown }> {
    const watch = await watched(async (watch) => {
      await attached(watch)
      await open(path)
      site.tick(60)
      await watch.caughtUp(site)
    })
    expect(watch.ticks).toEqual(site.sent)
    expect(watch.accounted(site)).toBe(0)
    const status = watch.statuses.find(({ kind }) => kind === 'reconnect')
    return { watch, target: status?.details?.['target'] }
  }

  it('before load, websocket only: every frame both ways, from the handshake on', async () => {
    const { watch, target } = await seenFromTheStart(SOCKET)
    expect(target).toBe('page')
    expect(watch.texts[0]).toMatch(/^0\{"sid"/)
    expect(watch.texts[1]).toBe('40')
    expect(watch.texts.some((text) => text.startsWith('42["usernameStatus"'))).toBe(true)
  })

  it('P3: a connection that starts by polling: every packet, both ways, in order, with identity and acks', async () => {
    const watch = await watched(async (watch) => {
      await attached(watch)
      const tab = await open('/')
      site.tick(50)
      await tab.send('Runtime.evaluate', { expression: `socket.emitWithAck('buyOrder', { amount: 0.002 })`, awaitPromise: true })
      site.tick(50)
      await watch.caughtUp(site)
    })
    expect(watch.ticks).toEqual(site.sent)
    expect(watch.accounted(site)).toBe(0)
    const [first, second] = watch.frames
    expect(String(first?.text)).toMatch(/^0\{"sid"/)
    expect([second?.direction, second?.text]).toEqual(['sent', '40'])
    expect(watch.texts.some((text) => text.startsWith('42["usernameStatus"'))).toBe(true)
    const order = watch.frames.find(({ text }) => /^42\d+\["buyOrder"/.test(String(text)))
    expect(order).toMatchObject({ direction: 'sent', text: '420["buyOrder",{"amount":0.002}]' })
    expect(watch.frames.find(({ text }) => String(text).startsWith('43'))).toMatchObject({
      direction: 'received',
      text: '430[{"success":true}]',
    })
    const connections = watch.frames.slice(watch.texts.indexOf('40')).map(({ connection }) => connection)
    expect(new Set(connections).size).toBe(1)
    const now = systemClock().now()
    for (const { at } of watch.frames) expect(Math.abs(now - at)).toBeLessThan(60_000_000)
  })

  it('polling only: every packet, though there is no socket at all', async () => {
    const watch = await watched(async (watch) => {
      await attached(watch)
      await open('/?transports=polling')
      for (let round = 0; round < 10; round++) {
        site.tick(5)
        await watch.caughtUp(site)
      }
    })
    expect(watch.ticks).toEqual(site.sent)
    expect(watch.accounted(site)).toBe(0)
  })

  it('a namespace of its own', async () => {
    const watch = await watched(async (watch) => {
      await attached(watch)
      const joined = site.feedConnection()
      const send = await hand.tab(`${site.origin}${SOCKET}&namespace=/feed`)
      tabs.push(() => send('Page.close').catch(() => {}))
      await joined
      site.feedTick(40)
      await watch.caughtUp(site)
    })
    expect(watch.ticks).toEqual(site.sent)
  })

  it('a socket that was open before attaching is adopted, and nothing is missed from then on', async () => {
    await open(SOCKET)
    const watch = await watched(async (watch) => {
      await watch.synced(site)
      site.tick(100)
      await watch.caughtUp(site)
      expect(watch.statuses[0]).toMatchObject({ kind: 'connect', details: { late_attach: true, target: 'page' } })
    })
    expect(watch.sink.system('gap')).toEqual([])
    expect(watch.ticks.slice(-100)).toEqual(site.sent.slice(-100))
    expect(watch.accounted(site)).toBe(0)
  })

  it('a page that was open before is reloaded on request, and says who is logged in', async () => {
    await open(SOCKET)
    const again = site.connection()
    const watch = await watched(
      async (watch) => {
        await again
        await watch.until(({ texts }) => texts.some((text) => text.startsWith('42["usernameStatus"')))
        site.tick(20)
        await watch.caughtUp(site)
      },
      { reloadOnAttach: true },
    )
    expect(watch.accounted(site)).toBe(0)
  })

  it('a reload is a disconnect and a reconnect, and what the page missed lies behind a gap row', async () => {
    const watch = await watched(async (watch) => {
      await attached(watch)
      const tab = await open(SOCKET)
      await watch.until(() => watch.count('reconnect') === 1)
      using _ticking = site.ticking(2)
      await watch.until(({ ticks }) => ticks.length > 10)
      for (let round = 2; round <= 4; round++) {
        await tab.send('Page.reload')
        await watch.until(() => watch.count('reconnect') === round)
        const before = watch.ticks.length
        await watch.until(({ ticks }) => ticks.length > before + 10)
      }
      _ticking[Symbol.dispose]()
      await watch.caughtUp(site)
      expect(watch.statuses.map(({ kind }) => kind)).toEqual([
        'reconnect',
        ...['disconnect', 'reconnect', 'disconnect', 'reconnect', 'disconnect', 'reconnect'],
      ])
    })
    expect(watch.accounted(site)).toBeGreaterThan(0)
  })

  it('a navigation away from the site ends the connection; coming back starts one', async () => {
    const watch = await watched(async (watch) => {
      await attached(watch)
      const tab = await open(SOCKET)
      await watch.until(() => watch.count('reconnect') === 1)
      site.tick(10)
      await watch.caughtUp(site)
      await tab.send('Page.navigate', { url: `${site.origin}/blank` })
      await watch.until(() => watch.statuses.at(-1)?.kind === 'disconnect')
      site.tick(10)
      await tab.send('Page.navigate', { url: site.origin + SOCKET })
      await watch.until(() => watch.count('reconnect') === 2)
      site.tick(10)
      await watch.caughtUp(site)
    })
    expect(watch.accounted(site)).toBe(10)
  })

  it('a kick by the server and the client’s return are seen, and the ticks between lie behind a gap row', async () => {
    const watch = await watched(async (watch) => {
      await attached(watch)
      const tab = await open(SOCKET)
      await watch.until(() => watch.count('reconnect') === 1)
      site.tick(5)
      await watch.caughtUp(site)
      const again = site.connection()
      tab.socket.conn.close()
      await watch.until(({ statuses }) => statuses.at(-1)?.kind === 'disconnect')
      site.tick(7)
      await again
      await watch.until(() => watch.count('reconnect') === 2)
      site.tick(5)
      await watch.caughtUp(site)
      expect(watch.statuses.map(({ kind }) => kind)).toEqual(['reconnect', 'disconnect', 'reconnect'])
    })
    expect(watch.accounted(site)).toBeLessThanOrEqual(7)
  })

  it.each([
    ['a frame of the same site', () => `/frame?src=${encodeURIComponent(SOCKET)}`, 'page'],
    ['a frame of another site', () => `/frame?src=${encodeURIComponent(`${site.otherOrigin}${SOCKET}`)}`, 'iframe'],
    ['a worker', () => '/worker', 'worker'],
    ['a shared worker', () => '/shared', 'shared_worker'],
  ])('%s', async (_name, path, target) => {
    expect((await seenFromTheStart(path())).target).toBe(target)
  })

  it('a service worker: each frame once, though browser and page both announce it', async () => {
    const watch = await watched(async (watch) => {
      await attached(watch)
      const tab = await open('/service')
      site.tick(60)
      await watch.caughtUp(site)
      expect(watch.ticks).toEqual(site.sent)
      expect(watch.statuses.at(-1)).toMatchObject({ details: { target: 'service_worker' } })
      const expression = `navigator.serviceWorker.getRegistration().then((found) => found.unregister())`
      await tab.send('Runtime.evaluate', { expression, awaitPromise: true })
    })
    expect(watch.accounted(site)).toBe(0)
  })

  it('a hidden tab: nothing is missing while another is in front', async () => {
    const watch = await watched(async (watch) => {
      await attached(watch)
      await open(SOCKET)
      const other = await hand.tab('about:blank')
      await other('Page.bringToFront')
      for (let round = 0; round < 10; round++) {
        site.tick(5)
        await watch.caughtUp(site)
      }
      await other('Page.close')
    })
    expect(watch.accounted(site)).toBe(0)
  })

  it('a frozen tab: Chrome closes its socket, and what it misses lies behind a gap row', async () => {
    const watch = await watched(async (watch) => {
      await attached(watch)
      const tab = await open(SOCKET)
      await watch.synced(site)
      const before = watch.count('reconnect')
      await tab.send('Page.setWebLifecycleState', { state: 'frozen' })
      // The page freezes some time after the answer: when a tick stays away.
      for (let seen = -1; watch.ticks.length > seen; ) {
        seen = watch.ticks.length
        site.tick(1)
        await new Promise((resolve) => setTimeout(resolve, 300))
      }
      site.tick(20)
      await tab.send('Page.setWebLifecycleState', { state: 'active' })
      await watch.until(() => watch.count('reconnect') > before)
      await watch.synced(site)
    })
    expect(watch.accounted(site)).toBeGreaterThan(0)
  })

  it('a tab that crashes is a disconnect; after the reload nothing is missing but what a gap row says', async () => {
    const watch = await watched(async (watch) => {
      await attached(watch)
      const tab = await open(SOCKET)
      await watch.until(({ statuses }) => statuses.at(-1)?.kind === 'reconnect')
      site.tick(5)
      await watch.caughtUp(site)
      tab.send('Page.crash').catch(() => {})
      await watch.until(({ statuses }) => statuses.at(-1)?.kind === 'disconnect')
      expect(watch.statuses.at(-1)).toMatchObject({ reason: 'tab crashed' })
      site.tick(10)
      const again = site.connection()
      await tab.send('Page.reload')
      await again
      await watch.until(({ statuses }) => statuses.at(-1)?.kind === 'reconnect')
      site.tick(20)
      await watch.caughtUp(site)
    })
    expect(watch.accounted(site)).toBe(10)
  })

  it('this process blocked for seconds: nothing is lost, Chrome buffers', async () => {
    const sent = 3_000
    const watch = await watched(async (watch) => {
      await attached(watch)
      const tab = await open(SOCKET)
      const expression = `let n = 0; const timer = setInterval(() => { for (let k = 0; k < 10; k++) socket.emit('note', n++); if (n >= ${sent}) clearInterval(timer) }, 5)`
      await tab.send('Runtime.evaluate', { expression })
      blockFor(2_000)
      await watch.until(({ texts }) => texts.at(-1) === `42["note",${sent - 1}]`)
    })
    const notes = watch.sink.frames().filter(({ name }) => name === 'note')
    expect(notes.map(({ text }) => text)).toEqual(Array.from({ length: sent }, (_, n) => `42["note",${n}]`))
  })

  it('a burst of thousands and one frame of many megabytes arrive whole and in order', async () => {
    const watch = await watched(async (watch) => {
      await attached(watch)
      await open(SOCKET)
      site.tick(5_000, { filler: 'x'.repeat(450) })
      await watch.caughtUp(site)
      site.tick(1, { blob: 'y'.repeat(20_000_000) })
      await watch.caughtUp(site)
    })
    expect(watch.ticks.length).toBe(5_001)
    expect(watch.ticks.at(-1) === site.sent.at(-1)).toBe(true)
    expect(watch.accounted(site)).toBe(0)
  })

  it('secrets never leave the source: a sent token is cut and marked', async () => {
    const watch = await watched(async (watch) => {
      await attached(watch)
      const tab = await open(SOCKET)
      const expression = `socket.emit('authenticate', { __trace: true, traceparent: '00-a-b-01' }, { token: 'tok_0123456789abcdef' })`
      await tab.send('Runtime.evaluate', { expression })
      await watch.until(({ texts }) => texts.some((text) => text.includes('authenticate')))
      const frame = watch.frames.find(({ text }) => String(text).includes('authenticate'))
      expect(frame?.text).toBe('42["authenticate",{"__trace":true,"traceparent":"00-a-b-01"},{"token":"[redacted 20]"}]')
      expect(frame?.redacted).toBe(1)
    })
    expect(JSON.stringify([watch.items, watch.sink.events])).not.toContain('tok_0123456789abcdef')
  })

  it('no login, header, cookie, address or wallet key of the page is stored, however it was handed over', async () => {
    const watch = await watched(async (watch) => {
      await attached(watch)
      await open('/secrets')
      await watch.until(({ texts }) => texts.some((text) => text.startsWith('42["note"')))
      while (!JSON.stringify(site.heard).includes('url-s3cret')) await new Promise((resolve) => setImmediate(resolve))
    })
    const handedOver = JSON.stringify(site.heard)
    const all = JSON.stringify([watch.items, watch.sink.events, [...watch.sink.sessions.values()]])
    const bytes = watch.frames.map(({ text }) => {
      const raw =
        typeof text !== 'string'
          ? Buffer.from(text)
          : Buffer.from(text.replace(/^b/, ''), text.startsWith('b') ? 'base64' : 'utf8')
      return raw.toString('latin1')
    })
    for (const secret of [
      'auth-s3cret-1',
      'auth-s3cret-3',
      'cookie-s3cret',
      'query-s3cret',
      'header-s3cret',
      'bare-s3cret',
      'tok-s3cret',
      'binary-s3cret',
      'url-s3cret',
      '5'.repeat(88),
    ])
      expect(handedOver, `the page handed over ${secret}`).toContain(secret)
    expect([all, ...bytes].join('\n')).not.toMatch(/s3cret|5{40}/)
    const sent = (start: string): unknown => watch.frames.find(({ text }) => String(text).startsWith(start))?.text
    expect(sent('40{"token"')).toBe('40{"token":"[redacted 13]","ticket":"[redacted 13]","nested":{"any":"[redacted 13]"}}')
    expect(sent('42["authenticate"')).toBe('42["authenticate","[redacted 11]",{"token":"[redacted 10]"}]')
    expect(sent('42["note"')).toBe('42["note",{"url":"https://site/?token=[redacted 10]","key":"[redacted 88]","odds":1.1}]')
    site.heard.length = 0
  })

  it('sockets of other sites are not captured', async () => {
    await using other = await Site.start()
    await watched(async (watch) => {
      await attached(watch)
      const connected = other.connection()
      const send = await hand.tab(other.origin + SOCKET)
      await connected
      const tab = await open(SOCKET)
      await watch.synced(site)
      other.tick(5)
      site.tick(1)
      await watch.caughtUp(site)
      expect(new Set(watch.frames.map(({ connection }) => connection)).size).toBe(1)
      await tab.close()
      await send('Page.close')
    })
  })

  it('a browser that is killed: disconnect, and the next browser is found by itself', async () => {
    let mine = await Chromium.launch(link)
    const watch = new Watch((signal) => mine.connect(signal, link), site)
    try {
      let own = await Hand.of(mine)
      let connected = site.connection()
      await own.tab(site.origin + SOCKET)
      await connected
      await watch.synced(site)
      await mine[Symbol.asyncDispose]()
      await watch.until(({ statuses }) => statuses.some(({ kind }) => kind === 'disconnect'))
      await watch.until(({ statuses }) => statuses.some(({ kind }) => kind === 'connect_error'))
      site.tick(8)
      mine = await Chromium.launch(link)
      own = await Hand.of(mine)
      connected = site.connection()
      await own.tab(site.origin + SOCKET)
      await connected
      await watch.synced(site)
      expect(watch.statuses.at(-1)).toMatchObject({ kind: 'reconnect', recovered: false })
    } finally {
      await watch.stop()
      await mine[Symbol.asyncDispose]()
    }
    expect(watch.accounted(site)).toBeGreaterThanOrEqual(8)
  })

  it('a browser that a person closed is the end, when the caller says so', async () => {
    let calls = 0
    const watch = new Watch(async (signal) => {
      calls += 1
      return calls === 1 ? browser.connect(signal, link) : null
    }, site)
    await open(SOCKET)
    await watch.synced(site)
    await hand.closeBrowser()
    const summary = await watch.ended
    expect(summary).toMatchObject({ reason: 'source_ended', closes: true })
    if (link !== 'pipe') await launch()
    tabs.length = 0
  })
})

describe.skipIf(chromiumPath === null)('the DevTools line breaks while the browser runs', () => {
  it('P9: it is picked up again within the session, and the frames in between lie behind a gap row', async () => {
    await using browser = await Chromium.launch()
    await using site = await Site.start()
    using hand = await Hand.of(browser)
    let line: CdpTransport | null = null
    const watch = new Watch(async (signal) => (line = await browser.connect(signal, 'websocket debugging')), site)
    const connected = site.connection()
    await hand.tab(site.origin + SOCKET)
    await connected
    await watch.synced(site)
    for (let round = 0; round < 3; round++) {
      const before = watch.count('disconnect')
      ;(line as CdpTransport | null)?.close()
      await watch.until(() => watch.count('disconnect') > before)
      site.tick(5)
      await watch.synced(site)
    }
    await watch.stop()
    expect(watch.count('reconnect')).toBe(3)
    expect(watch.accounted(site)).toBeGreaterThan(0)
  })
})
