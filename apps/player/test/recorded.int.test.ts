import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { openEventStore, openQuery } from '@vectra/event-store'
import { createPipeline, type Source, systemClock, systemRandom } from '@vectra/ingest'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Player, startPlayer } from '../src/index.ts'
import { buildPage, chromiumPath, launch, picture } from './support/browser.ts'
import { captures, dataDirectory, importCaptures, recordSimulated } from './support/recorded.ts'

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
const REAL = '20251212-25dcb17086a24ad7'

interface Candle {
  readonly open: number
  readonly high: number
  readonly low: number
  readonly close: number
}

let browser: Browser
let webDir: string
const data = dataDirectory()

beforeAll(async () => {
  if (chromiumPath === null) return
  webDir = await buildPage()
  browser = await launch()
  if (captures !== null) await importCaptures(data.path, captures, 3)
  await recordSimulated(data.path, 2)
}, 120_000)
afterAll(async () => {
  await browser?.close()
  data[Symbol.dispose]()
})

/** Records states of one game as a live source would hear them, each so many seconds after 2025-12-06 05:46:40. */
async function recordStates(dir: string, states: readonly { readonly second: number; readonly state: object }[]): Promise<void> {
  await using store = await openEventStore({ dir })
  const source: Source = {
    name: 'public_ws',
    origin: null,
    async *items() {
      for (const { second, state } of states) {
        const payload = { gameId: '20251206-0123456789abcdef', active: true, rugged: false, price: 1, ...state }
        const frame = { direction: 'received', at: (1_765_000_000 + second) * 1_000_000, connection: 'one' } as const
        yield { kind: 'frame', frame: { ...frame, text: `42${JSON.stringify(['gameStateUpdate', payload])}` } }
      }
    },
  }
  await createPipeline({ source, sink: store, clock: systemClock(), random: systemRandom() }).run()
}

/** Opens the page at a place, and collects what it must not do. */
async function open(
  player: Player,
  place: string,
  colorScheme: 'dark' | 'light' = 'dark',
): Promise<{ page: Page; faults: string[] }> {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, colorScheme, acceptDownloads: true })
  const page = await context.newPage()
  const faults: string[] = []
  page.on('pageerror', (error) => faults.push(error.message))
  page.on('console', (message) => {
    if (message.type() === 'error' && !/Failed to load resource|WebSocket/.test(message.text())) faults.push(message.text())
  })
  await page.goto(player.url)
  await page.waitForSelector('nav a[href="#/replay"]')
  await page.evaluate(`location.hash = ${JSON.stringify(place)}`)
  return { page, faults }
}

/** Waits for a game: its chart is made when its keys are heard, too. */
async function opened(page: Page): Promise<void> {
  await page.waitForSelector('figure.chart-box canvas')
  await page.waitForSelector('[data-t=replay-price]')
}

/** What is drawn, as soon as it is: the candles of the picture. */
const drawn = (page: Page) => expect.poll(() => page.evaluate<Candle[]>("document.querySelector('figure.chart-box').candles()"))

/** Candles of five ticks out of what the store holds, up to a tick; counted here, not by the page. */
async function recorded(gameId: string, upTo: number): Promise<Candle[]> {
  await using query = await openQuery({ dir: data.path })
  const groups = new Map<number, number[]>()
  for await (const { tick, price } of query.ticks({ gameId })) {
    if (tick <= upTo) groups.set(Math.floor(tick / 5), [...(groups.get(Math.floor(tick / 5)) ?? []), price.toNumber()])
  }
  return [...groups.values()].map((prices) => ({
    open: prices[0] ?? 0,
    high: Math.max(...prices),
    low: Math.min(...prices),
    close: prices.at(-1) ?? 0,
  }))
}

async function goTo(page: Page, tick: number): Promise<void> {
  await page.fill('[data-t=go-tick]', String(tick))
  await page.press('[data-t=go-tick]', 'Enter')
  await expect.poll(() => page.textContent('[data-t=replay-tick]')).toContain(`tick ${tick} `)
}

async function simulatedGame(): Promise<string> {
  await using query = await openQuery({ dir: data.path })
  for await (const game of query.games({ order: 'desc' }))
    if (game.sessions.length === 2 && game.rugged && game.ticks > 20) return game.gameId
  throw new Error('no simulated game was recorded twice')
}

const serve = (): Promise<Player> => startPlayer({ mode: 'serve', dataDir: data.path, webDir })

describe.runIf(chromiumPath !== null)('Replay', () => {
  it.runIf(captures !== null)(
    'the chart of a real recorded game is the recorded path, candle for candle, at every stop',
    async () => {
      await using player = await serve()
      const { page, faults } = await open(player, '#/replay')
      await page.fill('[data-t=game-search]', REAL)
      await page.click('[data-t=game]')
      await opened(page)
      for (const tick of [229, 0, 4, 5, 100, 101, 160, 228]) {
        await goTo(page, tick)
        await drawn(page).toEqual(await recorded(REAL, tick))
      }
      await picture(page, 'replay-real')
      expect(faults).toEqual([])
      await page.context().close()
    },
    60_000,
  )

  it('a simulated game: transport by keys, jumps, state in the address, two recordings that agree', async () => {
    const gameId = await simulatedGame()
    await using player = await serve()
    const { page, faults } = await open(player, `#/replay/${gameId}`)
    await opened(page)
    await page.keyboard.press('r')
    await expect.poll(() => page.textContent('[data-t=replay-price]')).toMatch(/×/)
    const [, last = '0'] = /of (\d+)/.exec((await page.textContent('[data-t=replay-tick]')) ?? '') ?? []
    await expect.poll(() => page.textContent('[data-t=replay-tick]')).toContain(`tick ${last} `)
    await drawn(page).toEqual(await recorded(gameId, Number(last)))
    await page.keyboard.press('Home')
    await page.keyboard.press('ArrowRight')
    await page.keyboard.press('Shift+ArrowRight')
    await expect.poll(() => page.textContent('[data-t=replay-tick]')).toContain('tick 6 ')
    await expect.poll(() => page.url()).toContain('tick=6')
    await page.reload()
    await opened(page)
    await expect.poll(() => page.textContent('[data-t=replay-tick]')).toContain('tick 6 ')
    for (let press = 0; press < 3; press += 1) await page.keyboard.press('.')
    await page.keyboard.press('l')
    await expect.poll(() => page.url()).toMatch(/tick=6.*speed=max.*loop=on/)
    await page.reload()
    await opened(page)
    await expect.poll(() => page.getAttribute('.transport button:text-is("max")', 'aria-pressed')).toBe('true')
    await expect.poll(() => page.getAttribute('[data-t=loop]', 'aria-pressed')).toBe('true')
    await expect.poll(() => page.textContent('[data-t=replay-tick]')).toContain('tick 6 ')
    await page.keyboard.press('l')
    await page.keyboard.press(' ')
    await expect.poll(() => page.textContent('[data-t=replay-tick]')).toContain(`tick ${last} `)
    await drawn(page).toEqual(await recorded(gameId, Number(last)))
    await expect.poll(() => page.textContent('[data-t=comparison]')).toContain('prices equal')
    expect(faults).toEqual([])
    await page.context().close()
  }, 60_000)

  it('paper trading goes by the rules at the recorded prices, digit for digit, and says that it is paper', async () => {
    const gameId = await simulatedGame()
    await using player = await serve()
    const { page } = await open(player, `#/replay/${gameId}?tick=0`)
    await opened(page)
    expect(await page.textContent('.paper')).toContain('no order is sent')
    await page.fill('[data-t=paper-amount]', '2')
    await page.click('[data-t=paper-buy]')
    // At tick 0 the price is 1 exactly.
    await expect.poll(() => page.textContent('[data-t=paper-position]')).toBe('2')
    await expect.poll(() => page.textContent('[data-t=paper-cash]')).toContain('8')
    await goTo(page, 5)
    await page.click('[data-t=paper-sell-50]')
    await expect.poll(() => page.textContent('[data-t=paper-position]')).toBe('1')
    const price = (await page.getAttribute('[data-t=replay-price]', 'title')) ?? ''
    await expect.poll(() => page.textContent('[data-t=paper-result]')).toContain(`at ${price} `)
    // Before the sale nothing of it has happened.
    await goTo(page, 3)
    await expect.poll(() => page.textContent('[data-t=paper-position]')).toBe('2')
    await page.context().close()
  }, 60_000)

  it('shows a frame byte for byte, and every digit of it when decoded', async () => {
    const gameId = await simulatedGame()
    await using player = await serve()
    const { page } = await open(player, `#/replay/${gameId}?tick=10`)
    await page.waitForSelector('[data-t=frames] button')
    await page.click('[data-t=frames] button')
    await page.waitForSelector('[data-t=frame-text]')
    const text = async (): Promise<string> => (await page.textContent('[data-t=frame-text]')) ?? ''
    const decoded = await text()
    await page.getByRole('button', { name: 'raw', exact: true }).click()
    await expect.poll(text).toMatch(/^42\["/)
    const raw = await text()
    expect(decoded.replaceAll(/\s/g, '')).toBe(raw.slice(2).replaceAll(/\s/g, ''))
    await page.getByRole('button', { name: 'envelope' }).click()
    await expect.poll(text).toContain('"session_id"')
    const envelope = JSON.parse(await text()) as { session_id: string; seq: number }
    await using query = await openQuery({ dir: data.path })
    const { rows } = await query.sql('SELECT packet || raw_json FROM ws_event WHERE session_id = $1 AND seq = $2', {
      params: [envelope.session_id, envelope.seq],
    })
    expect(rows).toEqual([[raw]])
    await page.context().close()
  }, 60_000)
})

describe.runIf(chromiumPath !== null)('Data', () => {
  it('SQL: runs, says what is wrong and what to do, cancels, pages, downloads, and is a link', async () => {
    await using player = await serve()
    const { page, faults } = await open(player, '#/data/sql')
    await page.fill('[data-t=sql]', 'SELECT range AS n, range * 2 AS twice FROM range(450) ORDER BY n')
    await page.press('[data-t=sql]', 'Control+Enter')
    await expect.poll(() => page.textContent('[data-t=sql-status]')).toContain('450 rows')
    expect(await page.locator('[data-t=result] tbody tr').count()).toBe(200)
    await page.getByRole('button', { name: 'on', exact: true }).click()
    await expect.poll(() => page.textContent('[data-t=result] tbody tr')).toContain('200')
    await page.click('[data-t=chart-it]')
    await page.waitForSelector('[data-t=result-chart] polyline')
    const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'CSV' }).click()])
    const file = join(data.path, 'download.csv')
    await download.saveAs(file)
    expect(readFileSync(file, 'utf8').trim().split('\n')).toHaveLength(451)
    await page.reload()
    await expect.poll(() => page.textContent('[data-t=sql-status]')).toContain('450 rows')

    await page.fill('[data-t=sql]', "COPY events TO '/tmp/x'")
    await page.click('[data-t=run]')
    await expect.poll(() => page.textContent('[data-t=problem]')).toContain('Only reading is possible here')
    await page.fill('[data-t=sql]', 'SELECT nothing FROM nowhere')
    await page.click('[data-t=run]')
    await expect.poll(() => page.textContent('[data-t=problem]')).toContain('nowhere')

    await page.fill('[data-t=sql]', 'SELECT sum(a.range * b.range % 7) FROM range(3000000) a, range(3000000) b')
    await page.click('[data-t=run]')
    await expect.poll(() => page.isEnabled('[data-t=cancel]')).toBe(true)
    await page.click('[data-t=cancel]')
    await expect.poll(() => page.isEnabled('[data-t=run]')).toBe(true)
    await page.fill('[data-t=sql]', 'SELECT 42 AS answer')
    await page.click('[data-t=run]')
    await expect.poll(() => page.textContent('[data-t=result]')).toMatch(/^answer42$/)
    expect(faults).toEqual([])
    await page.context().close()
  }, 90_000)

  it('shows what the search and the recomputation answer: matches marked, the way to the game, verdict and faults', async () => {
    const gameId = await simulatedGame()
    const asked: unknown[] = []
    await using player = await startPlayer({
      mode: 'serve',
      dataDir: data.path,
      webDir,
      ports: {
        search: async ({ text, tables }) => {
          asked.push([text, tables])
          const hit = {
            table: 'events',
            kind: 'rug',
            title: 'A rug',
            text: 'rugged late',
            matches: [[0, 6]] as const,
            score: 0.5,
          }
          return {
            hits: [{ ...hit, gameId, session: null, seq: null, path: null, verdict: null }],
            notices: ['BM25 alone'],
            freshness: 'events 1 rows',
          }
        },
        fairness: async (_query, id) => ({
          verdict: 'mismatch',
          seed: 'ab',
          seedHash: null,
          checks: [{ name: 'Prices', status: 'mismatch', text: '1 of 2 equal' }],
          faults: [`tick 1 of ${id} differs`],
        }),
      },
    })
    const { page, faults } = await open(player, '#/data/search?table=nonsense')
    await page.fill('[data-t=search]', 'rugged')
    await page.click('[data-t=search-run]')
    await expect.poll(() => page.textContent('[data-t=hits] mark')).toBe('rugged')
    expect(asked).toEqual([['rugged', ['events']]])
    expect(await page.textContent('.panel')).toContain('BM25 alone')
    await page.getByRole('button', { name: 'open in Replay' }).click()
    await page.click('[data-t=check-fairness]')
    await expect.poll(() => page.textContent('[data-t=verdict]')).toBe('mismatch')
    expect(await page.textContent('.fairness')).toContain(`tick 1 of ${gameId} differs`)
    expect(faults).toEqual([])
    await page.context().close()
  }, 60_000)

  it('the explorer tells how the shape of an event changed, and rates by the minutes that were recorded', async () => {
    using drifting = dataDirectory()
    await recordStates(drifting.path, [
      { second: 0, state: { tickCount: 0 } },
      { second: 1, state: { tickCount: 1 } },
      { second: 600, state: { tickCount: 2, novelty: 'x' } },
    ])
    await using player = await startPlayer({ mode: 'serve', dataDir: drifting.path, webDir })
    const { page } = await open(player, '#/data/protocol?event=gameStateUpdate')
    await expect.poll(() => page.textContent('[data-t=drift]')).toContain('novelty appeared nothing → string')
    await expect.poll(() => page.textContent('[data-t=protocol] tbody tr')).toMatch(/^gameStateUpdatereceived31\.50/)
    await page.context().close()
  }, 60_000)

  it('what is missing is said: in the tiles, the calendar, the picker and the game, with the way to the gap', async () => {
    using torn = dataDirectory()
    const ticks = [0, 1, 2, 3, 4, 20, 21, 22, 23, 24]
    await recordStates(
      torn.path,
      ticks.map((tick) => ({ second: tick / 4, state: { tickCount: tick } })),
    )
    await using player = await startPlayer({ mode: 'serve', dataDir: torn.path, webDir })
    const { page, faults } = await open(player, '#/data')
    await expect.poll(() => page.textContent('[data-t=completeness]')).toMatch(/known loss/)
    await expect.poll(() => page.textContent('[data-t=tiles]')).toMatch(/recordings1none is running/)
    await expect.poll(() => page.textContent('[data-t=partitions] tbody')).toContain('2025-12-06')
    await page.click('[data-t=coverage] button[aria-label*="2025-12-06 05h"]')
    await expect
      .poll(() => page.textContent('[data-t=gaps]'))
      .toMatch(/05:46:4\d to 05:46:4\d, public_ws.*game 20251206-0123456789abcdef.*not recovered/)
    await page.click('nav a[href="#/replay"]')
    await expect.poll(() => page.textContent('[data-t=games] tbody tr')).toMatch(/the rug was not recorded|missing/)
    await page.getByRole('button', { name: 'complete', exact: true }).click()
    await expect.poll(() => page.textContent('.picker')).toContain('No game matches.')
    await page.getByRole('button', { name: 'with holes' }).click()
    await page.click('[data-t=game]')
    await opened(page)
    await page.keyboard.press('g')
    await expect.poll(() => page.textContent('[data-t=replay-tick]')).toContain('tick 5 of 24')
    await expect.poll(() => page.textContent('.price-head')).toContain('not recorded: the last known price')
    expect(faults).toEqual([])
    await page.context().close()
  }, 60_000)

  it('without search tables, and without data, it says what to do', async () => {
    await using player = await serve()
    const { page } = await open(player, '#/data/search')
    await page.fill('[data-t=search]', 'player balance')
    await page.click('[data-t=search-run]')
    await expect.poll(() => page.textContent('[data-t=problem]')).toContain('vectra search')
    await page.context().close()
    await using empty = await startPlayer({ mode: 'serve', webDir })
    const none = await open(empty, '#/replay')
    await expect.poll(() => none.page.textContent('[data-t=problem]')).toContain('--data-dir')
    await none.page.context().close()
  }, 60_000)

  it.each(['dark', 'light'] as const)(
    '%s: axe finds nothing on Replay and Data, and nothing scrolls sideways',
    async (scheme) => {
      const gameId = await simulatedGame()
      await using player = await serve()
      const places = [
        ['replay-picker', '#/replay', '[data-t=games]'],
        ['replay-game', `#/replay/${gameId}?tick=30`, '[data-t=frames] button'],
        ['data-overview', '#/data', '[data-t=coverage]'],
        ['data-sql', '#/data/sql?q=SELECT%20tick%2C%20price%20FROM%20ticks%20LIMIT%2050', '[data-t=result]'],
        ['data-search', '#/data/search', '[data-t=search]'],
        ['data-protocol', '#/data/protocol?event=standard%2FnewTrade', '[data-t=fields]'],
      ] as const
      for (const [name, place, ready] of places) {
        const { page, faults } = await open(player, place, scheme)
        await page.waitForSelector(ready)
        for (const width of [1440, 320]) {
          await page.setViewportSize({ width, height: 900 })
          await picture(page, `${name}-${scheme}-${width}`, true)
          await page.evaluate(AXE)
          const violations = await page.evaluate<string[]>(
            "axe.run(document, { resultTypes: ['violations'] }).then(({ violations }) => violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => id + ': ' + html.slice(0, 160))))",
          )
          expect(violations, `${name} at ${width}`).toEqual([])
          const sideways = await page.evaluate<boolean>(
            'document.documentElement.scrollWidth > document.documentElement.clientWidth',
          )
          expect(sideways, `${name} at ${width}`).toBe(false)
        }
        expect(faults).toEqual([])
        await page.context().close()
      }
    },
    120_000,
  )
})
