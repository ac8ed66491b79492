import { join } from 'node:path'
import { startSimulator } from '@vectra/simulator'
import { expect, it } from 'vitest'
import { HAVE_BROWSER, serveGamePage } from './game-page.ts'
import { ADDRESS, buy, pageAt } from './player-page.ts'
import { scratch, startCli, vectra } from './run-cli.ts'

const TOKEN = 'sim:ann'

it.runIf(HAVE_BROWSER)(
  'play --source cdp: a click on our page is one click in the logged-in browser, and both are in the store',
  { timeout: 120_000 },
  async () => {
    using dir = scratch()
    const data = join(dir.path, 'data')
    await using simulator = await startSimulator({ seed: 'browser', speed: 4, bots: 3, rugTicks: [300] })
    await using site = await serveGamePage(simulator.url, TOKEN, 'clicked')
    const own = ['--browser-profile', join(dir.path, 'profile'), '--browser-page', site.url]
    const root = process.getuid?.() === 0 ? ['--browser-arg=--no-sandbox'] : []
    const browser = startCli(['browser', 'launch', '--headless', ...own, ...root], { cwd: dir.path })
    await browser.seen(/--browser attach/)
    const limits = ['--max-bet', '0.1', '--max-loss', '1']
    const play = startCli(
      ['play', '--source', 'cdp', '--url', simulator.url, ...own, ...limits, '--data-dir', data, '--port', ':0', '--no-open'],
      { cwd: dir.path },
    )
    const [, origin = '', , token = ''] = await play.seen(ADDRESS)
    const page = pageAt(origin, token)
    let ready = false
    page.on('vectra:control', (control: { ready: boolean }) => {
      ready = control.ready
    })
    const hello = await new Promise<{ connection: string }>((resolve) => page.once('vectra:hello', resolve))
    expect(hello).toMatchObject({ orders: true, feed: { label: 'browser', source: 'cdp' } })
    await page.timeout(10_000).emitWithAck('vectra:control', { do: 'arm' })
    // The tab was there first: what the server said of the account before is told again when it changes.
    await expect
      .poll(
        () => {
          simulator.control.setBalance(TOKEN, { solana: '5' })
          return ready
        },
        { timeout: 30_000, interval: 200 },
      )
      .toBe(true)
    await buy(page, hello.connection, '0.0123')
    expect(
      simulator.control.requests().some(({ name, args }) => name === 'buyOrder' && JSON.stringify(args).includes('0.0123')),
    ).toBe(true)
    page.close()
    play.child.kill('SIGTERM')
    expect((await play.done).code).toBe(0)
    browser.child.kill('SIGTERM')
    await browser.done
    const sql = `SELECT DISTINCT source, event_name FROM events
      WHERE event_name IN ('buyOrder', 'ui_action') OR (event_name = 'ui_order' AND json_extract_string(raw_json, '$.phase') = 'reflected') ORDER BY 1, 2`
    const { stdout } = await vectra(['query', sql, '--json', '--data-dir', data], { cwd: dir.path })
    expect(JSON.parse(stdout)).toEqual([
      { source: 'cdp', event_name: 'buyOrder' },
      { source: 'ui', event_name: 'ui_action' },
      { source: 'ui', event_name: 'ui_order' },
    ])
  },
)
