import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Readable, Writable } from 'node:stream'
import { type CdpTransport, pipeDevTools, systemClock } from '../../../src/index.ts'
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

/** How the source is connected to the browser. The test's own hand always has the port. */
export type LinkKind = 'websocket debugging' | 'pipe'

/** A headless browser of the test's own, with a new profile. */
export class Chromium implements AsyncDisposable {
  readonly url: string
  readonly #process: ReturnType<typeof spawn>
  readonly #profile: string
  readonly #gone: Promise<unknown>

  /** The line of the pipe, until somebody takes it. */
  #pipe: CdpTransport | null

  private constructor(
    process: ReturnType<typeof spawn>,
    profile: string,
    url: string,
    gone: Promise<unknown>,
    pipe: CdpTransport | null,
  ) {
    this.#process = process
    this.#pipe = pipe
    this.#profile = profile
    this.url = url
    this.#gone = gone
  }

  static async launch(kind: LinkKind = 'websocket debugging'): Promise<Chromium> {
    const pipe = kind === 'pipe'
    const profile = mkdtempSync(join(tmpdir(), 'vectra-chromium-'))
    const args = [`--user-data-dir=${profile}`, ...(pipe ? ['--remote-debugging-pipe'] : []), ...FLAGS]
    const child = spawn(chromiumPath ?? '', args, {
      stdio: ['ignore', 'ignore', 'pipe', ...(pipe ? (['pipe', 'pipe'] as const) : [])],
    })
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
    const transport = pipe ? pipeDevTools(child.stdio[3] as Writable, child.stdio[4] as Readable) : null
    return new Chromium(child, profile, url, gone, transport)
  }

  /** A line to it for a source: any number over the port, one over the pipe. */
  async connect(signal: AbortSignal, kind: LinkKind): Promise<CdpTransport> {
    if (kind !== 'pipe') return connectDevTools(this.url, signal)
    const pipe = this.#pipe
    this.#pipe = null
    if (pipe === null) throw new Error('the pipe is gone')
    return pipe
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

  /** Closes the whole browser, as a person would by closing its last window. */
  async closeBrowser(): Promise<void> {
    await this.#client.send('Browser.close').catch(() => {})
  }

  [Symbol.dispose](): void {
    this.#events.length = 0
    this.#client.close()
  }
}
