import { writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { sampleFeed } from '@vectra/recorder'
import { startSimulator } from '@vectra/simulator'
import { describe, expect, it } from 'vitest'
import { HAVE_BROWSER, serveGamePage } from './game-page.ts'
import { scratch, startCli, vectra } from './run-cli.ts'

/** Root's Chromium has no sandbox, and this machine no screen. */
const args = (profile: string): string[] => [
  '--headless',
  '--browser-profile',
  profile,
  ...(process.getuid?.() === 0 ? ['--browser-arg=--no-sandbox'] : []),
]

async function rows(data: string, sql: string): Promise<Record<string, unknown>[]> {
  const { code, stdout } = await vectra(['query', sql, '--json', '--max-rows', '100000', '--data-dir', data])
  expect(code).toBe(0)
  return JSON.parse(stdout)
}

describe('without a browser', () => {
  it.each([
    ['no program', ['launch', '--browser-path', '/nowhere/chromium'], 69, 'RECORDER_BROWSER_NOT_FOUND', /apt-get install/],
    ['nothing to attach to', ['attach'], 69, 'RECORDER_BROWSER_NOT_RUNNING', /vectra browser launch/],
    [
      'a port that others reach',
      ['attach', '--browser-devtools', 'http://192.0.2.1:9222'],
      2,
      'RECORDER_BROWSER_EXPOSED',
      /127\.0\.0\.1/,
    ],
    [
      'an argument that opens one',
      ['launch', '--browser-arg=--remote-debugging-address=0.0.0.0'],
      2,
      'RECORDER_BROWSER_EXPOSED',
      /leave it out/,
    ],
  ])('%s: a typed error with the fix', async (_name, verb, code, name, fix) => {
    using dir = scratch()
    const result = await vectra(['browser', ...verb, '--browser-profile', join(dir.path, 'profile')])
    expect({ code: result.code, stdout: result.stdout }).toEqual({ code, stdout: '' })
    expect(result.stderr).toContain(name)
    expect(result.stderr).toMatch(fix)
  })

  it('record refuses a debug port that others reach, and records nothing', async () => {
    using dir = scratch()
    const { code, stderr } = await vectra([
      ...['record', '--source', 'cdp', '--browser', 'attach', '--browser-devtools', 'http://10.0.0.1:9222'],
      ...['--data-dir', dir.path],
    ])
    expect(code).toBe(2)
    expect(stderr).toContain('RECORDER_BROWSER_EXPOSED')
  })

  it('record says what it looked for when there is no browser to attach to', async () => {
    using dir = scratch()
    const { code, stderr } = await vectra([
      ...['record', '--source', 'cdp', '--browser', 'attach', '--connect-timeout', '300ms'],
      ...['--browser-profile', join(dir.path, 'profile'), '--data-dir', join(dir.path, 'data')],
    ])
    expect(code).toBe(69)
    expect(stderr).toMatch(/RECORDER_BROWSER_NOT_RUNNING \(exit 69\)/)
    expect(stderr).toMatch(/fix {2}.*vectra browser launch/)
  })

  it('status is never an error', async () => {
    using dir = scratch()
    const { code, stdout } = await vectra(['browser', 'status', '--json', '--browser-profile', join(dir.path, 'profile')])
    expect(code).toBe(0)
    expect(JSON.parse(stdout)).toMatchObject({ running: false, devtools: null, pages: [] })
  })
})

describe.runIf(HAVE_BROWSER)('with a browser', () => {
  it('launch explains the login and holds the browser; status, attach, a second launch and close see it', async () => {
    using dir = scratch()
    const own = args(join(dir.path, 'profile'))
    const running = startCli(['browser', 'launch', ...own, '--browser-page', 'http://127.0.0.1:9/'])
    await running.seen(/vectra record --source cdp --browser attach/)
    await running.seen(/log in: open/)
    const status = await vectra(['browser', 'status', '--json', ...own])
    expect(JSON.parse(status.stdout)).toMatchObject({
      running: true,
      devtools: expect.stringMatching(/^ws:\/\/127\.0\.0\.1:\d+\/devtools\/browser\//),
      version: expect.stringMatching(/^Chrome\//),
    })
    expect((await vectra(['browser', 'attach', ...own])).code).toBe(0)
    const second = await vectra(['browser', 'launch', ...own])
    expect(second).toMatchObject({ code: 75, stdout: '' })
    expect(second.stderr).toContain('RECORDER_BROWSER_PROFILE_IN_USE')
    expect(second.stderr).toMatch(/--browser attach/)
    expect((await vectra(['browser', 'close', ...own])).code).toBe(0)
    const { code, stdout } = await running.done
    expect({ code, ...JSON.parse(stdout) }).toMatchObject({ code: 0, by: 'window', exit: 'clean' })
  }, 60_000)

  it('children end with us: a stop signal closes the browser in order, and a kill takes it along', async () => {
    using dir = scratch()
    for (const signal of ['SIGINT', 'SIGKILL'] as const) {
      const running = startCli(['browser', 'launch', '--json', ...args(join(dir.path, 'profile'))])
      const [, pid = ''] = await running.seen(/"pid":(\d+)/)
      running.child.kill(signal)
      const result = await running.done
      if (signal === 'SIGINT') expect(result).toMatchObject({ code: 0, stdout: expect.stringContaining('"by":"signal"') })
      await ended(Number(pid))
    }
  }, 60_000)

  it('a port that is taken is exit 75', async () => {
    using dir = scratch()
    const server = createServer()
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as { port: number }
    const { code, stderr } = await vectra(['browser', 'launch', '--port', `:${port}`, ...args(join(dir.path, 'profile'))])
    server.close()
    expect(code).toBe(75)
    expect(stderr).toContain('RECORDER_BROWSER_PORT_IN_USE')
  })

  it.each(['launch', 'attach'] as const)(
    '--browser %s beside the public feed and a replay: three sessions, orders and identity in the browser’s, no secret anywhere',
    async (mode) => {
      using dir = scratch()
      const token = 'sim:ann'
      await using simulator = await startSimulator({ seed: 'browser', speed: 20, bots: 3 })
      await using page = await serveGamePage(simulator.url, token)
      const own = [...args(join(dir.path, 'profile')), '--browser-page', page.url]
      const capture = join(dir.path, 'capture.jsonl')
      writeFileSync(capture, captureOf())
      const browser = mode === 'attach' ? startCli(['browser', 'launch', ...own, '--browser-page', 'http://127.0.0.1:9/']) : null
      if (browser) await browser.seen(/--browser attach/)
      const recorder = startCli([
        ...['record', '--source', 'public_ws', 'cdp', '--source', 'replay', '--url', simulator.url, '--browser', mode, ...own],
        ...['--replay', capture, '--speed', 'max', '--data-dir', join(dir.path, 'data'), '--log-level', 'debug'],
      ])
      if (browser) {
        await recorder.seen(/"msg":"connect"/)
        const { stdout } = await vectra(['browser', 'status', '--json', ...own])
        await openTab(JSON.parse(stdout).devtools, page.url)
      }
      await recorder.seen(/"target":"page"/)
      const [, ops = ''] = await recorder.seen(/"url":"(http:\/\/127\.0\.0\.1:\d+)","msg":"status and metrics"/)
      const counted = async (event: string): Promise<number> => {
        const text = await (await fetch(`${ops}/metrics`)).text()
        return Number(new RegExp(`^vectra_events_total\\{source="cdp",event="${event}"\\} (\\d+)$`, 'm').exec(text)?.[1] ?? 0)
      }
      while ((await counted('ack:buyOrder')) === 0 || (await counted('gameStateUpdate')) < 40)
        await new Promise((resolve) => setTimeout(resolve, 50))
      recorder.child.kill('SIGINT')
      const { code, stdout, stderr } = await recorder.done
      expect(code).toBe(0)
      const summary: { sessions: { source: string; closes: boolean; events: number }[] } = JSON.parse(stdout)
      expect(summary.sessions.map(({ source, closes }) => ({ source, closes }))).toEqual([
        { source: 'public_ws', closes: true },
        { source: 'cdp', closes: true },
        { source: 'replay', closes: true },
      ])
      const data = join(dir.path, 'data')
      const events = await rows(
        data,
        "SELECT DISTINCT source, event_name FROM ws_event WHERE event_name IN ('usernameStatus', 'buyOrder', 'ack:buyOrder', 'socket.connect') ORDER BY 1, 2",
      )
      expect(events.filter(({ source }) => source === 'cdp').map(({ event_name }) => event_name)).toEqual([
        'ack:buyOrder',
        'buyOrder',
        'socket.connect',
        'usernameStatus',
      ])
      expect(events.filter(({ source }) => source === 'public_ws').map(({ event_name }) => event_name)).toEqual([
        'socket.connect',
      ])
      const owners = await rows(
        data,
        `SELECT DISTINCT source, player_id FROM events WHERE event_name IN ('usernameStatus', 'buyOrder', 'ack:buyOrder', 'gameStateUpdate') ORDER BY 1, 2 NULLS LAST`,
      )
      expect(owners).toEqual([
        { source: 'cdp', player_id: expect.stringMatching(/^did:privy:/) },
        { source: 'cdp', player_id: null },
        { source: 'public_ws', player_id: null },
        { source: 'replay', player_id: null },
      ])
      const feed = async (source: string): Promise<unknown[]> => {
        const sql = `SELECT raw_json FROM ws_event WHERE source = '${source}' AND event_name = 'gameStateUpdate' AND NOT contains(raw_json, '"gameHistory"') ORDER BY seq`
        return (await rows(data, sql)).map(({ raw_json }) => raw_json)
      }
      const [seen, published] = [await feed('cdp'), await feed('public_ws')]
      const from = published.indexOf(seen[0])
      expect(from).toBeGreaterThanOrEqual(0)
      const common = Math.min(seen.length, published.length - from)
      expect(common).toBeGreaterThan(10)
      expect(seen.slice(0, common)).toEqual(published.slice(from, from + common))
      const leaks = await rows(data, `SELECT count(*) AS n FROM events WHERE contains(coalesce(raw_json, ''), '${token}')`)
      expect(leaks).toEqual([{ n: 0 }])
      expect(stderr).not.toContain(token)
      if (browser) {
        browser.child.kill('SIGINT')
        await browser.done
      }
    },
    90_000,
  )
})

function captureOf(): string {
  const line = (text: string, seq: number, at: number): string => {
    const [name, ...args] = JSON.parse(text.slice(2)) as [string, ...unknown[]]
    const ts = new Date(at / 1_000).toISOString().replace('Z', '000')
    return JSON.stringify({ seq, ts, event: name, data: args.length === 1 ? args[0] : args })
  }
  const frames = [...sampleFeed({ seed: 'capture', startAt: 1_770_365_059_440_000, games: 1 })].filter(({ text }) =>
    text.startsWith('42'),
  )
  return `${frames.map(({ text, at }, index) => line(text, index + 1, at)).join('\n')}\n`
}

/** Opens a tab in a running browser, as a person would. */
async function openTab(devtools: string, url: string): Promise<void> {
  const socket = new WebSocket(devtools)
  await new Promise((resolve) => socket.addEventListener('open', resolve, { once: true }))
  socket.send(JSON.stringify({ id: 1, method: 'Target.createTarget', params: { url } }))
  await new Promise((resolve) => socket.addEventListener('message', resolve, { once: true }))
  socket.close()
}

/** Resolves when no such process is left. */
async function ended(pid: number): Promise<void> {
  for (;;) {
    try {
      process.kill(pid, 0)
    } catch {
      return
    }
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}
