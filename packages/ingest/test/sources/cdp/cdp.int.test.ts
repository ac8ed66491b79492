import type { Socket } from 'socket.io'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import {
  type ConnectionStatus,
  cdpSource,
  connectDevTools,
  type RawFrame,
  type SourceItem,
  systemClock,
  systemRandom,
} from '../../../src/index.ts'
import { Chromium, chromiumPath, Hand } from './chromium.ts'
import { Site } from './site.ts'

/** Collects what a source yields, and lets a test wait for it. */
class Watch {
  readonly items: SourceItem[] = []
  readonly #stop = new AbortController()
  readonly #done: Promise<void>
  #waiters: (() => void)[] = []

  constructor(browser: () => Chromium, site: Site) {
    const source = cdpSource({
      connect: (signal) => connectDevTools(browser().url, signal),
      clock: systemClock(),
      random: systemRandom(),
      match: (url) => url.includes(new URL(site.origin).port) && url.includes('/socket.io/'),
      backoff: { minMs: 20, maxMs: 100 },
    })
    this.#done = this.#run(source.items(this.#stop.signal))
  }

  async #run(items: AsyncIterable<SourceItem>): Promise<void> {
    for await (const item of items) {
      this.items.push(item)
      for (const wake of this.#waiters.splice(0)) wake()
    }
  }

  get frames(): RawFrame[] {
    return this.items.flatMap((item) => (item.kind === 'frame' ? [item.frame] : []))
  }

  get texts(): string[] {
    return this.frames.map(({ text }) => String(text))
  }

  get ticks(): string[] {
    return this.texts.filter((text) => text.startsWith('42["tick"'))
  }

  get statuses(): ConnectionStatus[] {
    return this.items.flatMap((item) => (item.kind === 'status' ? [item.status] : []))
  }

  async until(predicate: (watch: Watch) => boolean): Promise<void> {
    while (!predicate(this)) await new Promise<void>((resolve) => this.#waiters.push(resolve))
  }

  /** Sends ticks until the source shows one of them: from then on nothing may be missing. */
  async synced(site: Site): Promise<void> {
    const before = this.ticks.length
    const timer = setInterval(() => site.tick(1), 20)
    await this.until((watch) => watch.ticks.length > before)
    clearInterval(timer)
    await this.until((watch) => watch.ticks.at(-1) === site.sent.at(-1))
  }

  async stop(): Promise<void> {
    this.#stop.abort()
    await this.#done
  }
}

describe.skipIf(chromiumPath === null)('cdp source in a real browser', () => {
  let browser: Chromium
  let site: Site
  let hand: Hand
  const tabs: (() => Promise<unknown>)[] = []

  beforeAll(async () => {
    browser = await Chromium.launch()
    site = await Site.start()
    hand = await Hand.of(browser)
  })

  afterEach(async () => {
    for (const close of tabs.splice(0)) await close()
    await site.empty()
  })

  afterAll(async () => {
    hand[Symbol.dispose]()
    await site[Symbol.asyncDispose]()
    await browser[Symbol.asyncDispose]()
  })

  async function watched(body: (watch: Watch) => Promise<void>): Promise<void> {
    const watch = new Watch(() => browser, site)
    try {
      await body(watch)
    } finally {
      await watch.stop()
    }
  }

  async function open(
    path: string,
  ): Promise<{ send: Awaited<ReturnType<Hand['tab']>>; socket: Socket; close: () => Promise<void> }> {
    const connected = site.connection()
    const send = await hand.tab(site.origin + path)
    tabs.push(() => send('Page.close').catch(() => {}))
    const socket = await connected
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
    const tab = await open('/?transports=websocket')
    await watch.until(({ statuses }) => statuses.some(({ kind }) => kind === 'connect' || kind === 'reconnect'))
    await tab.close()
    await watch.until(({ statuses }) => statuses.at(-1)?.kind === 'disconnect')
    watch.items.length = 0
  }

  it('P3: a connection that starts by polling: every packet, both ways, in order, with identity and acks', async () => {
    await watched(async (watch) => {
      await attached(watch)
      const from = site.sent.length
      const tab = await open('/')
      site.tick(50)
      await tab.send('Runtime.evaluate', { expression: `socket.emitWithAck('buyOrder', { amount: 0.002 })`, awaitPromise: true })
      site.tick(50)
      await watch.until(({ ticks }) => ticks.at(-1) === site.sent.at(-1))
      expect(watch.ticks).toEqual(site.sent.slice(from))
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
      expect(new Set(watch.frames.map(({ connection }) => connection)).size).toBe(1)
      const now = systemClock().now()
      for (const { at } of watch.frames) expect(Math.abs(now - at)).toBeLessThan(60_000_000)
    })
  })

  it('a socket that was open before attaching is adopted, and nothing is missed from then on', async () => {
    await open('/?transports=websocket')
    await watched(async (watch) => {
      await watch.synced(site)
      const from = site.sent.length
      site.tick(100)
      await watch.until(({ ticks }) => ticks.at(-1) === site.sent.at(-1))
      expect(watch.ticks.slice(-100)).toEqual(site.sent.slice(from))
      expect(watch.statuses[0]).toMatchObject({ kind: 'connect', details: { late_attach: true, target: 'page' } })
    })
  })

  it('polling only: every packet, though there is no socket at all', async () => {
    await watched(async (watch) => {
      await attached(watch)
      const from = site.sent.length
      await open('/?transports=polling')
      for (let round = 0; round < 10; round++) {
        site.tick(5)
        await watch.until(({ ticks }) => ticks.at(-1) === site.sent.at(-1))
      }
      expect(watch.ticks).toEqual(site.sent.slice(from))
    })
  })

  it('a reload is a disconnect and a reconnect', async () => {
    await watched(async (watch) => {
      await attached(watch)
      const tab = await open('/?transports=websocket')
      await watch.until(({ statuses }) => statuses.at(-1)?.kind === 'reconnect')
      const again = site.connection()
      await tab.send('Page.reload')
      await again
      await watch.until(({ statuses }) => statuses.filter(({ kind }) => kind === 'reconnect').length === 2)
      expect(watch.statuses.map(({ kind }) => kind)).toEqual(['reconnect', 'disconnect', 'reconnect'])
      const from = site.sent.length
      site.tick(20)
      await watch.until(({ ticks }) => ticks.at(-1) === site.sent.at(-1))
      expect(watch.ticks).toEqual(site.sent.slice(from))
    })
  })

  it('a kick by the server and the client’s return are seen', async () => {
    await watched(async (watch) => {
      await attached(watch)
      const tab = await open('/?transports=websocket')
      await watch.until(({ statuses }) => statuses.at(-1)?.kind === 'reconnect')
      const again = site.connection()
      tab.socket.conn.close()
      await again
      await watch.until(({ statuses }) => statuses.filter(({ kind }) => kind === 'reconnect').length === 2)
      expect(watch.statuses.map(({ kind }) => kind)).toEqual(['reconnect', 'disconnect', 'reconnect'])
    })
  })

  it.each([
    ['a frame of another site', () => `/frame?src=${encodeURIComponent(`${site.otherOrigin}/?transports=websocket`)}`, 'iframe'],
    ['a worker', () => '/worker', 'worker'],
  ])('%s', async (_name, path, target) => {
    await watched(async (watch) => {
      await attached(watch)
      const from = site.sent.length
      await open(path())
      site.tick(60)
      await watch.until(({ ticks }) => ticks.at(-1) === site.sent.at(-1))
      expect(watch.ticks).toEqual(site.sent.slice(from))
      expect(watch.statuses.at(-1)).toMatchObject({ details: { target } })
    })
  })

  it('a tab that crashes is a disconnect; after the reload nothing is missing', async () => {
    await watched(async (watch) => {
      await attached(watch)
      const tab = await open('/?transports=websocket')
      await watch.until(({ statuses }) => statuses.at(-1)?.kind === 'reconnect')
      tab.send('Page.crash').catch(() => {})
      await watch.until(({ statuses }) => statuses.at(-1)?.kind === 'disconnect')
      expect(watch.statuses.at(-1)).toMatchObject({ reason: 'tab crashed' })
      const again = site.connection()
      await tab.send('Page.reload')
      await again
      await watch.until(({ statuses }) => statuses.at(-1)?.kind === 'reconnect')
      const from = site.sent.length
      site.tick(20)
      await watch.until(({ ticks }) => ticks.at(-1) === site.sent.at(-1))
      expect(watch.ticks).toEqual(site.sent.slice(from))
    })
  })

  it('secrets never leave the source: a sent token is cut and marked', async () => {
    await watched(async (watch) => {
      await attached(watch)
      const tab = await open('/?transports=websocket')
      const expression = `socket.emit('authenticate', { __trace: true, traceparent: '00-a-b-01' }, { token: 'tok_0123456789abcdef' })`
      await tab.send('Runtime.evaluate', { expression })
      await watch.until(({ texts }) => texts.some((text) => text.includes('authenticate')))
      const frame = watch.frames.find(({ text }) => String(text).includes('authenticate'))
      expect(frame?.text).toBe('42["authenticate",{"__trace":true,"traceparent":"00-a-b-01"},{"token":"[redacted 20]"}]')
      expect(frame?.redacted).toBe(1)
      expect(JSON.stringify(watch.items)).not.toContain('tok_0123456789abcdef')
    })
  })

  it('sockets of other sites are not captured', async () => {
    await using other = await Site.start()
    await watched(async (watch) => {
      await attached(watch)
      const connected = other.connection()
      const send = await hand.tab(`${other.origin}/?transports=websocket`)
      await connected
      const tab = await open('/?transports=websocket')
      await watch.synced(site)
      other.tick(5)
      site.tick(1)
      await watch.until(({ ticks }) => ticks.at(-1) === site.sent.at(-1))
      expect(new Set(watch.frames.map(({ connection }) => connection)).size).toBe(1)
      await tab.close()
      await send('Page.close')
    })
  })

  it('a browser that is killed: disconnect, and the next browser is found by itself', async () => {
    let mine = await Chromium.launch()
    const watch = new Watch(() => mine, site)
    try {
      let own = await Hand.of(mine)
      let connected = site.connection()
      await own.tab(`${site.origin}/?transports=websocket`)
      await connected
      await watch.synced(site)
      await mine[Symbol.asyncDispose]()
      await watch.until(({ statuses }) => statuses.some(({ kind }) => kind === 'disconnect'))
      await watch.until(({ statuses }) => statuses.some(({ kind }) => kind === 'connect_error'))
      mine = await Chromium.launch()
      own = await Hand.of(mine)
      connected = site.connection()
      await own.tab(`${site.origin}/?transports=websocket`)
      await connected
      await watch.synced(site)
      expect(watch.statuses.at(-1)).toMatchObject({ kind: 'reconnect', recovered: false })
    } finally {
      await watch.stop()
      await mine[Symbol.asyncDispose]()
    }
  })
})
