import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { EventEnvelope } from '@vectra/schemas'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { BrowserConfig } from '../../src/browser/config.ts'
import { findBrowser } from '../../src/browser/find.ts'
import { launchBrowser, refuseDebugArguments } from '../../src/browser/launch.ts'
import { browserLink, requireLoopback } from '../../src/browser/link.ts'
import { liveDevTools, readProfile } from '../../src/browser/profile.ts'
import { RecorderError, runRecorder, wireSource } from '../../src/index.ts'

const HAVE_BROWSER = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].some((path) => existsSync(path))
if (!HAVE_BROWSER) {
  const reason = 'no Chromium (scripts/setup-chromium.sh installs it): the browser tests are skipped'
  if (process.env.CI === 'true') throw new Error(reason)
  process.stderr.write(`SKIPPED: ${reason}\n`)
}
const never = new AbortController().signal
const dirs: string[] = []
const closing: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const close of closing.splice(0)) await close()
  for (const dir of dirs.splice(0)) rmSync(dir, { recursive: true, force: true, maxRetries: 5 })
})

/** A profile of the test's own, and a browser without a window. */
function config(more: Partial<BrowserConfig> = {}): BrowserConfig {
  const profile = mkdtempSync(join(tmpdir(), 'vectra-profile-'))
  dirs.push(profile)
  const args = ['--disable-gpu', ...(process.getuid?.() === 0 ? ['--no-sandbox'] : [])]
  return { mode: 'launch', profile, path: null, devtools: null, page: 'about:blank', headless: true, args, ...more }
}

const codeOf = (thrown: unknown): unknown => (thrown instanceof RecorderError ? thrown.code : thrown)

describe('what is refused', () => {
  it.each([
    '--remote-debugging-port=9222',
    '--remote-debugging-address=0.0.0.0',
    '-remote-debugging-port=1',
    '--remote-allow-origins=*',
    '--user-data-dir=/home/me/.config/chromium',
  ])('the argument %s', (argument) => {
    expect(() => refuseDebugArguments(['--lang=en', argument])).toThrow(
      expect.objectContaining({ code: 'RECORDER_BROWSER_EXPOSED' }),
    )
    expect(() => browserLink(config({ args: [argument] }), 0)).toThrow(RecorderError)
  })

  it.each([
    'http://192.168.1.4:9222',
    'ws://0.0.0.0:9222/devtools/browser/x',
    'http://example.com:9222',
    'http://127.0.0.1.nip.io:9222',
  ])('a debug port at %s', (devtools) => {
    expect(() => requireLoopback(devtools)).toThrow(expect.objectContaining({ code: 'RECORDER_BROWSER_EXPOSED' }))
    expect(() => browserLink(config({ devtools }), 0)).toThrow(RecorderError)
  })

  it('a program that is none, with the way to get one', () => {
    for (const path of ['/nowhere/chromium', null]) {
      const thrown = (() => {
        try {
          return findBrowser(path, { PATH: '/nowhere' })
        } catch (error) {
          return error
        }
      })()
      if (path === null && HAVE_BROWSER) expect(thrown).toMatch(/^\//)
      else
        expect(thrown).toMatchObject({
          code: 'RECORDER_BROWSER_NOT_FOUND',
          context: { hint: expect.stringContaining('apt-get') },
        })
    }
  })
})

describe.skipIf(!HAVE_BROWSER)('our own browser', () => {
  let page: string
  let server: ReturnType<typeof createServer>
  beforeAll(async () => {
    server = createServer((_request, response) => response.end('<title>x</title>'))
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    page = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
  })
  afterAll(() => new Promise<void>((resolve) => void server.close(() => resolve())))

  it('opens no port when it is held by a pipe, and closes in order', async () => {
    const own = config()
    const browser = await launchBrowser({ ...own, page }, never)
    expect(browser.devtools).toBeNull()
    expect(await liveDevTools(own.profile, never)).toBeNull()
    expect(readProfile(own.profile).pid).toBe(browser.pid)
    await browser.close()
    await browser.close()
    expect(await browser.exited).toEqual({ code: 0, signal: null })
    expect(readProfile(own.profile).pid).toBeNull()
  })

  it('the port file of a browser that was killed is not believed', async () => {
    const own = config()
    const browser = await launchBrowser({ ...own, port: 0 }, never)
    expect(browser.devtools).toMatch(/^ws:\/\/127\.0\.0\.1:\d+\//)
    expect(await liveDevTools(own.profile, never)).toBe(browser.devtools)
    process.kill(browser.pid, 'SIGKILL')
    await browser.exited
    expect(readProfile(own.profile)).toEqual({ pid: null, devtools: browser.devtools })
    expect(await liveDevTools(own.profile, never)).toBeNull()
    // And it does not keep the next one from starting.
    await using next = await launchBrowser({ ...own, port: 0 }, never)
    expect(next.devtools).not.toBe(browser.devtools)
  })

  it('a crash is mended by a new browser; a window that a person closed is the end', async () => {
    const own = config()
    const link = browserLink(own, 0)
    closing.push(() => Promise.resolve(link[Symbol.asyncDispose]()))
    const first = await link.connect(never)
    const gone = new Promise((resolve) => first?.onClose(resolve))
    process.kill(readProfile(own.profile).pid ?? 0, 'SIGKILL')
    await gone
    const second = await link.connect(never)
    expect(second).not.toBeNull()
    second?.send(JSON.stringify({ id: 1, method: 'Browser.close' }))
    expect(await link.connect(never)).toBeNull()
  })

  it('auto attaches to the browser that runs on the profile, and launches one when there is none', async () => {
    const own = config({ mode: 'auto' })
    const running = await launchBrowser({ ...own, port: 0 }, never)
    closing.push(() => running.close())
    {
      await using link = browserLink(own, 0)
      const transport = await link.connect(never)
      expect(await versionBy(transport)).toBe(running.version)
      transport?.close()
    }
    // Attached, not ours: it goes on.
    expect(readProfile(own.profile).pid).toBe(running.pid)
    await running.close()
    await using link = browserLink(own, 0)
    expect(await versionBy(await link.connect(never))).toBe(running.version)
    expect(readProfile(own.profile).pid).not.toBe(running.pid)
  })

  it('errors that stay are final before the first browser, and passing ones only for so long', async () => {
    const link = browserLink(config({ path: '/nowhere' }), 60_000)
    const missing: unknown = await link.connect(never).catch((error: unknown) => error)
    expect([codeOf(missing), link.isFinal(missing)]).toEqual(['RECORDER_BROWSER_NOT_FOUND', true])
    const attach = browserLink(config({ mode: 'attach' }), 60_000)
    const absent: unknown = await attach.connect(never).catch((error: unknown) => error)
    expect([codeOf(absent), attach.isFinal(absent)]).toEqual(['RECORDER_BROWSER_NOT_RUNNING', false])
    const hurried = browserLink(config({ mode: 'attach' }), 0.001)
    const late: unknown = await hurried.connect(never).catch((error: unknown) => error)
    expect(hurried.isFinal(late)).toBe(true)
  })

  it('a recording whose browser cannot start ends with that error, and with its session ended', async () => {
    const events: EventEnvelope[] = []
    const ended: string[] = []
    const clock = {
      now: () => Date.now() * 1_000,
      monotonic: () => performance.now(),
      timer: (ms: number, fire: () => void) => {
        const timer = setTimeout(fire, ms)
        return () => clearTimeout(timer)
      },
    }
    const random = { float: () => 0.5, bytes: (count: number) => new Uint8Array(count) }
    const source = wireSource(
      { kind: 'cdp', url: 'https://feed.test', browser: config({ path: '/nowhere' }) },
      { connectTimeoutMs: 100 },
      clock,
      random,
    )
    const { finished } = runRecorder({
      sources: [source],
      store: {
        openSession: async () => ({ lastSeq: 0 }),
        append: async (batch) => void events.push(...batch),
        endSession: async (id) => void ended.push(id),
      },
      clock,
      random,
      connectTimeoutMs: 100,
    })
    await expect(finished).rejects.toMatchObject({ code: 'RECORDER_BROWSER_NOT_FOUND' })
    expect(ended).toHaveLength(1)
    expect(events.at(-1)).toMatchObject({ event_name: 'session_end', payload: { reason: 'source_failed' } })
  })
})

async function versionBy(transport: Awaited<ReturnType<ReturnType<typeof browserLink>['connect']>>): Promise<unknown> {
  const answer = new Promise<unknown>((resolve) =>
    transport?.onMessage((text) => {
      const { id, result } = JSON.parse(text) as { id?: number; result?: { product?: string } }
      if (id === 77) resolve(result?.product)
    }),
  )
  transport?.send(JSON.stringify({ id: 77, method: 'Browser.getVersion' }))
  return answer
}
