import { EXIT, type ExitCode } from './exit-codes.ts'

const STOP_SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
/** A signal that asks for an orderly end. */
export type StopSignal = (typeof STOP_SIGNALS)[number]

/** Turns signals into an orderly end. */
export interface Stop extends Disposable {
  /** Aborts at the first stop signal. */
  readonly signal: AbortSignal
  /** The signal that came, if one did. */
  readonly received: () => StopSignal | undefined
}

/** How long an orderly end may take before the process leaves anyway. */
export const STOP_LIMIT_MS = 10_000

/**
 * A copy of the same signal this soon is no second request: a terminal's Ctrl-C, `timeout` and npm each deliver one,
 * to the process group and once more to their child.
 */
const ECHO_MS = 200

/** Exit code of a process ended by a signal before its work was done: 130 for Ctrl-C, 143 otherwise. */
export function interruptedExit(signal: StopSignal | undefined): ExitCode {
  return signal === 'SIGINT' || signal === undefined ? EXIT.interrupted : EXIT.terminated
}

/**
 * Watches SIGINT, SIGTERM and SIGHUP: the first one aborts `signal`; a second one (not an echo of the first) or `limitMs` ends
 * the process at once.
 *
 * What was acknowledged is in the journal by then, so a forced end loses nothing; the next open recovers it.
 */
export function watchStopSignals({
  limitMs = STOP_LIMIT_MS,
  echoMs = ECHO_MS,
  onStop,
  onForced,
}: {
  limitMs?: number
  echoMs?: number
  onStop: (signal: StopSignal) => void
  onForced: (why: string) => void
}): Stop {
  const controller = new AbortController()
  let received: StopSignal | undefined
  let receivedAt = 0
  let limit: NodeJS.Timeout | undefined
  const force = (signal: StopSignal, why: string): never => {
    onForced(why)
    process.exit(interruptedExit(signal))
  }
  const handler = (signal: StopSignal): void => {
    if (received === signal && performance.now() - receivedAt < echoMs) return
    if (received !== undefined) force(signal, `second ${signal}`)
    received = signal
    receivedAt = performance.now()
    limit = setTimeout(() => force(signal, `not stopped after ${limitMs / 1_000} s`), limitMs)
    limit.unref()
    onStop(signal)
    controller.abort(new DOMException(`stopped by ${signal}`, 'AbortError'))
  }
  for (const name of STOP_SIGNALS) process.on(name, handler)
  return {
    signal: controller.signal,
    received: () => received,
    [Symbol.dispose]: () => {
      clearTimeout(limit)
      for (const name of STOP_SIGNALS) process.off(name, handler)
    },
  }
}
