import { type ChildProcess, spawn } from 'node:child_process'
import { createServer } from 'node:net'
import type { Readable, Writable } from 'node:stream'
import { type CdpTransport, pipeDevTools } from '@vectra/ingest'
import { RecorderError } from '../errors.ts'
import type { BrowserConfig } from './config.ts'
import { findBrowser } from './find.ts'
import { liveDevTools, readProfile } from './profile.ts'

/** How a browser ended. */
export interface BrowserExit {
  readonly code: number | null
  readonly signal: string | null
}

/** A browser of ours. It ends with us: also when we are killed, for then its pipe closes. */
export interface LaunchedBrowser extends AsyncDisposable {
  readonly pid: number
  /** `Chrome/156.0.…` */
  readonly version: string
  /** The line to the whole browser. One reader. */
  readonly transport: CdpTransport
  /** DevTools WebSocket, when a port was asked for. */
  readonly devtools: string | null
  readonly exited: Promise<BrowserExit>
  /** Asks it to close, then makes it. Calling it twice is fine. */
  close(): Promise<void>
}

/** What {@link launchBrowser} needs. */
export interface LaunchOptions extends Omit<BrowserConfig, 'mode' | 'devtools'> {
  /** Also open a DevTools port on loopback, so that other processes can attach; 0 takes any. Default null: no port at all. */
  readonly port?: number | null
}

/** From start to the first answer. A cold start on a busy machine takes seconds. */
const STARTS_WITHIN_MS = 30_000
/** From being asked to close to being made to. */
const CLOSES_WITHIN_MS = 5_000
/** Id of the first question on the pipe: later ones count from 1. */
const HELLO = 2 ** 30

/** A page that nobody looks at would be slowed down or frozen, and its socket with it. */
const FLAGS = [
  '--no-first-run',
  '--no-default-browser-check',
  '--disable-background-timer-throttling',
  '--disable-renderer-backgrounding',
  '--disable-backgrounding-occluded-windows',
  '--disable-quic',
]

/**
 * Starts a browser with a profile of its own, held by a pipe: no debug port, unless one is asked for, and then on loopback only.
 *
 * @throws RecorderError `RECORDER_BROWSER_NOT_FOUND`, `RECORDER_BROWSER_PROFILE_IN_USE`, `RECORDER_BROWSER_PORT_IN_USE`,
 * `RECORDER_BROWSER_EXPOSED`, `RECORDER_BROWSER_FAILED`
 */
export async function launchBrowser(options: LaunchOptions, signal: AbortSignal): Promise<LaunchedBrowser> {
  const { profile, page, headless = false, args = [], port = null } = options
  refuseDebugArguments([...args, ...(process.env.CHROMIUM_FLAGS ?? '').split(/\s+/)])
  const program = findBrowser(options.path)
  await refuseUsedProfile(profile, signal)
  if (port !== null && port !== 0) await refuseUsedPort(port)
  signal.throwIfAborted()
  const child = spawn(
    program,
    [
      ...FLAGS,
      `--user-data-dir=${profile}`,
      '--remote-debugging-pipe',
      ...(port === null ? [] : [`--remote-debugging-port=${port}`]),
      ...(headless ? ['--headless'] : []),
      ...args,
      page,
    ],
    // A group of its own: Ctrl-C is for us, and we close the browser in order.
    { stdio: ['ignore', 'ignore', 'pipe', 'pipe', 'pipe'], detached: true },
  )
  const exited = new Promise<BrowserExit>((resolve) => {
    child.once('exit', (code, by) => resolve({ code, signal: by }))
    child.once('error', () => resolve({ code: null, signal: null }))
  })
  const kill = (): void => killGroup(child)
  process.once('exit', kill)
  void exited.then(() => process.off('exit', kill))
  const said = lastWords(child)
  const transport = pipeDevTools(child.stdio[3] as Writable, child.stdio[4] as Readable)
  try {
    const version = await firstAnswer(transport, exited, said, { program, profile }, signal)
    const devtools = port === null ? null : await openedPort(profile, exited, signal)
    return opened(child, version, transport, devtools, exited)
  } catch (error) {
    killGroup(child)
    await exited
    throw error
  }
}

function opened(
  child: ChildProcess,
  version: string,
  transport: CdpTransport,
  devtools: string | null,
  exited: Promise<BrowserExit>,
): LaunchedBrowser {
  let closing: Promise<void> | null = null
  const close = (): Promise<void> => {
    closing ??= (async () => {
      transport.send(JSON.stringify({ id: HELLO + 1, method: 'Browser.close' }))
      const timer = setTimeout(() => killGroup(child), CLOSES_WITHIN_MS)
      await exited
      clearTimeout(timer)
      // Helpers of a browser that went by itself go with it; one that hangs must not stay.
      killGroup(child)
    })()
    return closing
  }
  return { pid: child.pid ?? -1, version, transport, devtools, exited, close, [Symbol.asyncDispose]: close }
}

/** @throws RecorderError when an argument opens a debug port by itself: only this file opens one, and on loopback only */
export function refuseDebugArguments(args: readonly string[]): void {
  const bad = args.find((arg) => /^--?remote-(debugging|allow-origins)/.test(arg) || /^--?user-data-dir/.test(arg))
  if (bad === undefined) return
  throw new RecorderError('RECORDER_BROWSER_EXPOSED', `browser argument ${bad} refused: it could hand the browser to others`, {
    context: {
      hint: 'leave it out; `vectra browser launch` opens a port on 127.0.0.1, --browser-profile chooses the profile',
    },
  })
}

async function refuseUsedProfile(profile: string, signal: AbortSignal): Promise<void> {
  const { pid } = readProfile(profile)
  if (pid === null) return
  const reachable = (await liveDevTools(profile, signal)) !== null
  const hint = reachable
    ? 'record that browser with --browser attach, or close it with `vectra browser close`'
    : 'close that browser, or choose another profile with --browser-profile'
  const who = pid > 0 ? `a browser (process ${pid})` : 'a browser of another user'
  throw new RecorderError('RECORDER_BROWSER_PROFILE_IN_USE', `${who} has the profile ${profile} open`, {
    context: { profile, pid, hint },
  })
}

/** Chromium would go on without its port, and say so only on stderr. */
async function refuseUsedPort(port: number): Promise<void> {
  const probe = createServer()
  try {
    await new Promise<void>((resolve, reject) => {
      probe.once('error', reject)
      probe.listen(port, '127.0.0.1', resolve)
    })
  } catch (cause) {
    throw new RecorderError('RECORDER_BROWSER_PORT_IN_USE', `port ${port} on 127.0.0.1 is in use`, {
      cause,
      context: { port, hint: 'choose another port, or leave --port out for any free one' },
    })
  } finally {
    await new Promise<void>((resolve) => probe.close(() => resolve()))
  }
}

async function firstAnswer(
  transport: CdpTransport,
  exited: Promise<BrowserExit>,
  said: () => string,
  facts: { readonly program: string; readonly profile: string },
  signal: AbortSignal,
): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>()
  transport.onMessage((text) => {
    if (!text.includes(`"id":${HELLO}`)) return
    const { result } = JSON.parse(text) as { result?: { product?: string } }
    resolve(result?.product ?? 'unknown')
  })
  transport.send(JSON.stringify({ id: HELLO, method: 'Browser.getVersion' }))
  const failed = (what: string): void => reject(startFailure(what, said(), facts))
  void exited.then(({ code, signal: by }) => failed(`ended with ${by ?? `code ${code}`}`))
  const timer = setTimeout(() => failed(`said nothing for ${STARTS_WITHIN_MS / 1_000} s`), STARTS_WITHIN_MS)
  const abort = (): void => reject(signal.reason)
  signal.addEventListener('abort', abort, { once: true })
  try {
    return await promise
  } finally {
    clearTimeout(timer)
    signal.removeEventListener('abort', abort)
  }
}

/** The port file appears a moment after the pipe answers. */
async function openedPort(profile: string, exited: Promise<BrowserExit>, signal: AbortSignal): Promise<string> {
  const until = performance.now() + STARTS_WITHIN_MS
  let gone = false
  void exited.then(() => (gone = true))
  while (!gone && performance.now() < until) {
    const devtools = await liveDevTools(profile, signal)
    if (devtools !== null) return devtools
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  throw new RecorderError('RECORDER_BROWSER_FAILED', 'the browser opened no debug port', {
    context: { profile, hint: 'try another port, or leave it out' },
  })
}

/** What a browser that does not start says on stderr, and what to do about it. */
const REASONS: readonly (readonly [RegExp, string])[] = [
  [
    /running as root without --no-sandbox/i,
    'run as an ordinary user; in a container that keeps the browser in already: --browser-arg=--no-sandbox',
  ],
  [
    /(missing x server|\$DISPLAY|ozone_platform|wayland)/i,
    'this machine shows no windows: run it where you can log in, or --headless to record without a login',
  ],
  [
    /(user data directory|profile).*(in use|cannot create|read-only|permission)/i,
    'choose another profile with --browser-profile',
  ],
  [/No usable sandbox|SUID sandbox|setuid sandbox/i, 'let the browser have its sandbox (unprivileged user namespaces)'],
]

function startFailure(what: string, said: string, { program, profile }: { program: string; profile: string }): RecorderError {
  const spoken = said
    .split('\n')
    .map((line) =>
      line
        .replace(/^\[[^\]]*\]\s*/, '')
        .replace(/[?#]\S+/g, '')
        .trim(),
    )
    .filter((line) => line !== '' && !/bus|unexpected operator/i.test(line))
  const reason = REASONS.map(([pattern, hint]) => ({ hint, line: spoken.find((line) => pattern.test(line)) })).find(
    ({ line }) => line !== undefined,
  )
  const hint = reason?.hint ?? `try it by hand: ${program} --user-data-dir=${profile}`
  const words = reason?.line ?? spoken.at(-1)
  return new RecorderError(
    'RECORDER_BROWSER_FAILED',
    `the browser ${what}${words === undefined ? '' : `: ${words.slice(0, 200)}`}`,
    {
      context: { path: program, profile, hint },
    },
  )
}

/** The last of what it said on stderr, for an error; never logged while it runs. */
function lastWords(child: ChildProcess): () => string {
  let text = ''
  child.stderr?.setEncoding('utf8').on('data', (piece: string) => {
    text = (text + piece).slice(-8_192)
  })
  return () => text
}

function killGroup(child: ChildProcess): void {
  if (child.pid === undefined) return
  try {
    process.kill(-child.pid, 'SIGKILL')
  } catch {
    // It is gone, which is what was wanted.
  }
}
