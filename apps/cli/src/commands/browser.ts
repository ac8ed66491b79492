import { connectDevTools, findDevTools } from '@vectra/ingest'
import { launchBrowser, liveDevTools, RecorderError, readProfile, requireLoopback } from '@vectra/recorder'
import { type BrowserOptions, browserConfig, browserFlags } from '../browser-settings.ts'
import type { SettingValues } from '../config/schema.ts'
import type { CommandContext } from '../context.ts'
import { EXIT, type ExitCode } from '../exit-codes.ts'
import { renderPairs } from '../terminal/table.ts'
import { printable } from '../terminal/text.ts'

/** A page that is open in the browser; its address without query and fragment, which can hold secrets. */
interface OpenPage {
  readonly url: string
  /** It belongs to the game's site. */
  readonly site: boolean
}

/** What can be said about the browser from outside. */
interface BrowserStatus {
  readonly running: boolean
  readonly pid: number | null
  readonly devtools: string | null
  readonly version: string | null
  readonly pages: readonly OpenPage[]
}

/** `vectra browser launch`: our own browser in the foreground, to log in and to be recorded by another command. It ends with us. */
export async function launch(
  context: CommandContext,
  _operands: readonly string[],
  options: BrowserOptions & { port?: number; pipe?: boolean },
): Promise<ExitCode> {
  const { io, signal, json } = context
  const { values } = await context.settings(browserFlags(options))
  const { profile, page } = browserConfig(values)
  const port = options.pipe === true ? null : (options.port ?? 0)
  await using browser = await launchBrowser({ ...browserConfig(values), port }, signal)
  const { pid, version, devtools } = browser
  if (json) await io.line(JSON.stringify({ event: 'launched', pid, version, devtools, profile, page }))
  else {
    io.say(`${version} runs with a profile of its own: ${profile} (process ${pid})`)
    sayHowToLogIn(context, page)
    if (devtools === null)
      io.say('no debug port is open: nobody can attach. Close the window, then: vectra record --source cdp --browser launch')
    else io.say('record it from another terminal: vectra record --source cdp --browser attach')
    io.say('it ends with this command (Ctrl-C), or when you close its window')
  }
  const stopped = await Promise.race([browser.exited.then(() => false), aborted(signal).then(() => true)])
  await browser.close()
  const { code, signal: by } = await browser.exited
  await io.line(
    JSON.stringify({
      ...(json ? { event: 'closed' } : {}),
      by: stopped ? 'signal' : code === 0 ? 'window' : 'crash',
      exit: 'clean',
    }),
  )
  if (stopped || code === 0) return EXIT.ok
  io.say(`the browser ended with ${by ?? `code ${code}`}`)
  return EXIT.failure
}

/** `vectra browser attach`: can the running browser be recorded, and is the game open in it? Changes nothing. */
export async function attach(context: CommandContext, _operands: readonly string[], options: BrowserOptions): Promise<ExitCode> {
  const { io, json } = context
  const { values } = await context.settings(browserFlags(options))
  const { profile, devtools, page } = browserConfig(values)
  const status = await statusOf(values, context.signal)
  if (status.devtools === null) {
    throw new RecorderError(
      'RECORDER_BROWSER_NOT_RUNNING',
      devtools === null ? `no browser with an open debug port on the profile ${profile}` : `no browser at ${devtools}`,
      {
        context: {
          hint:
            status.pid === null
              ? 'start one with `vectra browser launch`'
              : `process ${status.pid} has the profile open without a debug port: close it, then \`vectra browser launch\``,
        },
      },
    )
  }
  if (json) await io.line(JSON.stringify(status))
  else {
    await io.line(renderPairs(pairs(status, profile)))
    if (!status.pages.some(({ site }) => site)) sayHowToLogIn(context, page)
    io.say('record it: vectra record --source cdp --browser attach')
  }
  return EXIT.ok
}

/** `vectra browser status`: is our browser there, and what is open in it. Never an error. */
export async function status(context: CommandContext, _operands: readonly string[], options: BrowserOptions): Promise<ExitCode> {
  const { values } = await context.settings(browserFlags(options))
  const { profile } = browserConfig(values)
  const found = await statusOf(values, context.signal)
  if (context.json) await context.io.line(JSON.stringify({ profile, ...found }))
  else {
    await context.io.line(renderPairs(pairs(found, profile)))
    if (!found.running) context.io.say('start it with: vectra browser launch')
  }
  return EXIT.ok
}

/** `vectra browser close`: asks the browser to close in order, and waits until it has. */
export async function close(context: CommandContext, _operands: readonly string[], options: BrowserOptions): Promise<ExitCode> {
  const { io, signal, json } = context
  const { values } = await context.settings(browserFlags(options))
  const { profile } = browserConfig(values)
  const { devtools, pid } = await statusOf(values, signal)
  if (devtools === null && pid !== null) {
    throw new RecorderError(
      'RECORDER_BROWSER_NOT_RUNNING',
      `process ${pid} has the profile ${profile} open, but no debug port to ask it by`,
      {
        context: { hint: 'close its window, or stop the vectra command that launched it' },
      },
    )
  }
  if (devtools !== null) {
    const transport = await connectDevTools(devtools, signal)
    const gone = new Promise<void>((resolve) => transport.onClose(() => resolve()))
    transport.send(JSON.stringify({ id: 1, method: 'Browser.close' }))
    await gone
  }
  if (json) await io.line(JSON.stringify({ closed: devtools !== null }))
  else io.say(devtools === null ? 'no browser is running' : 'closed')
  return EXIT.ok
}

async function statusOf(values: SettingValues, signal: AbortSignal): Promise<BrowserStatus> {
  const { profile, devtools: asked, page } = browserConfig(values)
  const { pid } = asked === null ? readProfile(profile) : { pid: null }
  const devtools = asked === null ? await liveDevTools(profile, signal) : await answering(asked, signal)
  if (devtools === null) return { running: pid !== null, pid, devtools, version: null, pages: [] }
  const http = `http://${new URL(devtools).host}`
  const [{ Browser: version }, targets] = await Promise.all([
    ask<{ Browser?: string }>(`${http}/json/version`, {}, signal),
    ask<{ type: string; url: string }[]>(`${http}/json/list`, [], signal),
  ])
  const host = URL.parse(page)?.host
  const pages = targets
    .filter(({ type }) => type === 'page')
    .map(({ url }) => ({ url: url.replace(/[?#].*$/s, ''), site: URL.parse(url)?.host === host }))
  return { running: true, pid, devtools, version: version ?? null, pages }
}

/** The DevTools WebSocket at a configured address; null when nobody answers there. */
async function answering(address: string, signal: AbortSignal): Promise<string | null> {
  requireLoopback(address)
  const url = new URL(address)
  try {
    return await findDevTools(`http://${url.host}`, signal)
  } catch {
    signal.throwIfAborted()
    return null
  }
}

async function ask<T>(url: string, otherwise: T, signal: AbortSignal): Promise<T> {
  try {
    return (await (await fetch(url, { signal })).json()) as T
  } catch {
    signal.throwIfAborted()
    return otherwise
  }
}

function pairs({ running, pid, devtools, version, pages }: BrowserStatus, profile: string): [string, string][] {
  return [
    ['browser', running ? (version ?? 'running, without a debug port') : 'not running'],
    ['profile', profile],
    ...(pid === null ? [] : [['process', String(pid)] as [string, string]]),
    ...(devtools === null ? [] : [['devtools', devtools] as [string, string]]),
    ...pages.map(({ url, site }): [string, string] => [site ? 'game' : 'page', printable(url)]),
  ]
}

function sayHowToLogIn({ io }: CommandContext, page: string): void {
  io.say(`log in: open ${page} in that window, press its login button and sign in as you always do.`)
  io.say('  The login stays in the profile. Tokens, cookies and wallet secrets are cut out of every frame before it is stored.')
  io.say('  Nobody needs to log in to be recorded: without a login the browser shows the public feed.')
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })
}
