import { existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core'
import { build } from 'vite'
import type { Rig } from './rig.ts'

const PATHS = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome']

/** Path of Debian's browser; null when it is not installed. Then tests skip loudly, and fail in CI. */
export const chromiumPath: string | null = PATHS.find((path) => existsSync(path)) ?? null

if (chromiumPath === null) {
  const reason = 'no Chromium (scripts/setup-chromium.sh installs it): the browser tests are skipped'
  if (process.env.CI === 'true') throw new Error(reason)
  process.stderr.write(`SKIPPED: ${reason}\n`)
}

/** What test runs leave; git-ignored. */
const RESULTS = fileURLToPath(new URL('../../test-results/', import.meta.url))

/** Pictures of every screen and state. */
export const PICTURES = `${RESULTS}pictures/`

/** A test runner ends its processes by a signal: whatever they built goes with the next build. */
function removeLeftBuilds(): void {
  if (!existsSync(RESULTS)) return
  for (const name of readdirSync(RESULTS)) {
    const pid = /^web-(\d+)$/.exec(name)?.[1]
    if (pid !== undefined && !runs(Number(pid))) rmSync(`${RESULTS}${name}`, { recursive: true, force: true })
  }
}

function runs(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

/** Builds the page from its sources into a folder of this process, and tells where. */
export async function buildPage(): Promise<string> {
  const outDir = `${RESULTS}web-${process.pid}/`
  removeLeftBuilds()
  process.once('exit', () => rmSync(outDir, { recursive: true, force: true }))
  // A test runner says NODE_ENV=test, and Vite would then bundle what is meant for development.
  process.env.NODE_ENV = 'production'
  await build({
    configFile: fileURLToPath(new URL('../../vite.config.ts', import.meta.url)),
    logLevel: 'error',
    build: { outDir, emptyOutDir: true },
  })
  return outDir
}

/** Starts a headless browser. */
export function launch(): Promise<Browser> {
  return chromium.launch({
    executablePath: chromiumPath ?? '',
    args: ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage'],
  })
}

/** What a page must never do, collected while it is open: script errors, and anything that the policy had to stop. */
export interface OpenPage {
  readonly page: Page
  readonly faults: readonly string[]
}

/** Opens the printed address in a fresh context and waits for the account, and for the chart: by then keys are heard, too. */
export async function openPage(
  browser: Browser,
  rig: Rig,
  options: Parameters<Browser['newContext']>[0] & { readonly init?: (context: BrowserContext) => Promise<void> } = {},
): Promise<OpenPage> {
  const { init, ...contextOptions } = options
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, colorScheme: 'dark', ...contextOptions })
  await init?.(context)
  const page = await context.newPage()
  const faults: string[] = []
  page.on('pageerror', (error) => faults.push(`${error.name}: ${error.message}`))
  page.on('console', (message) => {
    if (message.type() === 'error' && !/WebSocket connection|ERR_CONNECTION_REFUSED|Failed to load resource/.test(message.text()))
      faults.push(message.text())
  })
  await page.goto(rig.player.url)
  await page.waitForSelector('[data-t=cash]')
  await page.waitForSelector('figure.chart-box canvas')
  return { page, faults }
}

/** Keeps a picture. */
export async function picture(page: Page, name: string, fullPage = false): Promise<void> {
  mkdirSync(PICTURES, { recursive: true })
  await page.screenshot({ path: `${PICTURES}${name}.png`, fullPage, animations: 'disabled' })
}
