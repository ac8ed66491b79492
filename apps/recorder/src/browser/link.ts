import { assertLoopback, type CdpTransport, connectDevTools, findDevTools } from '@vectra/ingest'
import { RecorderError } from '../errors.ts'
import type { BrowserConfig } from './config.ts'
import { type LaunchedBrowser, launchBrowser, refuseDebugArguments } from './launch.ts'
import { liveDevTools } from './profile.ts'

/** The way to the browser that is recorded, through its restarts. */
export interface BrowserLink extends AsyncDisposable {
  /**
   * A line to the browser: the one that runs, or a new one.
   *
   * @returns null when the human closed the browser that was launched: that is the end
   * @throws RecorderError, IngestError
   */
  connect(signal: AbortSignal): Promise<CdpTransport | null>
  /** Would trying again bring the same? Configuration does not mend itself, and a browser that never started will not start. */
  isFinal(error: unknown): boolean
}

/** Mends itself while we wait: a browser is started, a page opened. */
const PASSING = new Set(['RECORDER_BROWSER_NOT_RUNNING', 'INGEST_SOURCE_UNAVAILABLE', 'INGEST_SOURCE_FAILED'])

/**
 * Opens nothing yet; `connect` does.
 *
 * A launched browser that crashes is started again; one that a human closes is not. Disposing closes what was launched.
 *
 * @param firstWithinMs how long to look for the first browser to attach to; 0 looks for ever
 * @throws RecorderError `RECORDER_BROWSER_EXPOSED` for an address or argument that reaches beyond this machine
 */
export function browserLink(config: BrowserConfig, firstWithinMs: number): BrowserLink {
  if (config.devtools !== null) requireLoopback(config.devtools)
  refuseDebugArguments(config.args ?? [])
  let launched: LaunchedBrowser | null = null
  let reached = false
  let firstAt: number | null = null

  async function attach(signal: AbortSignal): Promise<CdpTransport | null> {
    const url =
      config.devtools === null
        ? await liveDevTools(config.profile, signal)
        : config.devtools.startsWith('ws')
          ? config.devtools
          : await findDevTools(config.devtools, signal)
    if (url === null) return null
    return connectDevTools(url, signal)
  }

  async function launch(signal: AbortSignal): Promise<CdpTransport | null> {
    if (launched !== null) {
      const { code } = await launched.exited
      if (code === 0) return null
    }
    launched = await launchBrowser(config, signal)
    return launched.transport
  }

  return {
    async connect(signal) {
      firstAt ??= performance.now()
      const found = config.mode === 'launch' || launched !== null ? null : await attach(signal)
      if (found === null && config.mode === 'attach') throw notRunning(config)
      const transport = found ?? (await launch(signal))
      reached = true
      return transport
    },
    isFinal(error) {
      if (reached) return false
      const passing = error instanceof Error && 'code' in error && PASSING.has(String(error.code))
      return !passing || (firstWithinMs !== 0 && performance.now() - (firstAt ?? 0) >= firstWithinMs)
    },
    async [Symbol.asyncDispose]() {
      await launched?.close()
    },
  }
}

/** @throws RecorderError `RECORDER_BROWSER_EXPOSED` */
export function requireLoopback(devtools: string): void {
  try {
    assertLoopback(devtools)
  } catch (cause) {
    throw new RecorderError(
      'RECORDER_BROWSER_EXPOSED',
      `${devtools} refused: a debug port is full control of the browser and its wallet`,
      {
        cause,
        context: { hint: 'attach on the machine itself, through an address of 127.0.0.1 (for another machine: ssh -L)' },
      },
    )
  }
}

function notRunning({ profile, devtools }: BrowserConfig): RecorderError {
  const where = devtools === null ? `no browser with an open debug port on the profile ${profile}` : `no browser at ${devtools}`
  return new RecorderError('RECORDER_BROWSER_NOT_RUNNING', where, {
    context: { hint: 'start one with `vectra browser launch`, or let the recorder do it with --browser launch', profile },
  })
}
