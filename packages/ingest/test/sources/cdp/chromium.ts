import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { systemClock } from '../../../src/index.ts'
import { CdpClient, type CdpEvent, type CdpObject } from '../../../src/sources/cdp/client.ts'
import { connectDevTools } from '../../../src/sources/cdp/transport.ts'

/** Path of Debian's browser; null when it is not installed. Then tests skip loudly, and fail in CI. */
export const chromiumPath: string | null =
  ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find((path) => existsSync(path)) ?? null

if (chromiumPath === null) {
  const reason = 'no Chromium (scripts/setup-chromium.sh installs it): the browser tests are skipped'
  if (process.env.CI === 'true') throw new Error(reason)
  process.stderr.write(`SKIPPED: ${reason}\n`)
}

const FLAGS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--site-per-process',
  '--remote-debugging-port=0',
  'about:blank',
]

/** A headless browser of the test's own, with a new profile. */
export class Chromium implements AsyncDisposable {
  readonly url: string
  readonly #process: ReturnType<typeof spawn>
  readonly #profile: string
  readonly #gone: Promise<unknown>

  private constructor(process: ReturnType<typeof spawn>, profile: string, url: string, gone: Promise<unknown>) {
    this.#process = process
    this.#profile = profile
    this.url = url
    this.#gone = gone
  }

  static async launch(): Promise<Chromium> {
    const profile = mkdtempSync(join(tmpdir(), 'vectra-chromium-'))
    const child = spawn(chromiumPath ?? '', [`--user-data-dir=${profile}`, ...FLAGS], { stdio: ['ignore', 'ignore', 'pipe'] })
    const gone = new Promise((resolve) => child.once('exit', resolve))
    const url = await new Promise<string>((resolve, reject) => {
      let text = ''
      child.stderr?.on('data', (chunk) => {
        text += String(chunk)
        const found = /DevTools listening on (ws:\S+)/.exec(text)?.[1]
        if (found) resolve(found)
      })
      void gone.then(() => reject(new Error(`Chromium ended: ${text}`)))
    })
    return new Chromium(child, profile, url, gone)
  }

  /** Ends it as a crash would. */
  async kill(): Promise<void> {
    this.#process.kill('SIGKILL')
    await this.#gone
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill()
    rmSync(this.#profile, { recursive: true, force: true, maxRetries: 5 })
  }
}

/** A second DevTools client: the hand of the person at the browser. */
export class Hand implements Disposable {
  readonly #client: CdpClient
  readonly #events: CdpEvent[] = []

  private constructor(client: CdpClient) {
    this.#client = client
  }

  static async of(browser: Chromium): Promise<Hand> {
    const transport = await connectDevTools(browser.url, new AbortController().signal)
    const events: CdpEvent[] = []
    return new Hand(
      new CdpClient(
        transport,
        systemClock(),
        (event) => events.push(event),
        () => {},
      ),
    )
  }

  /** Opens a tab; returns a function that sends commands to it. */
  async tab(url: string): Promise<(method: string, params?: CdpObject) => Promise<CdpObject>> {
    const { targetId } = await this.#client.send('Target.createTarget', { url })
    const { sessionId } = await this.#client.send('Target.attachToTarget', { targetId, flatten: true })
    return (method, params = {}) => this.#client.send(method, params, String(sessionId))
  }

  [Symbol.dispose](): void {
    this.#events.length = 0
    this.#client.close()
  }
}
