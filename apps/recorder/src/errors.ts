import { type ErrorContext, VectraError } from '@vectra/schemas'

/** Public, stable codes of the recorder's own errors. */
export type RecorderErrorCode =
  /** No source connected within the time allowed for the first connection. */
  | 'RECORDER_UNREACHABLE'
  /** The port for status and metrics is taken. */
  | 'RECORDER_PORT_IN_USE'
  /** Status and metrics cannot be served for another reason. */
  | 'RECORDER_LISTEN_FAILED'
  /** No Chromium or Chrome on this machine, or not where the configuration says. */
  | 'RECORDER_BROWSER_NOT_FOUND'
  /** There is no browser to attach to. */
  | 'RECORDER_BROWSER_NOT_RUNNING'
  /** Another browser has the profile open. */
  | 'RECORDER_BROWSER_PROFILE_IN_USE'
  /** Something else has the debug port. */
  | 'RECORDER_BROWSER_PORT_IN_USE'
  /** The browser ended, or said nothing, while it was started. */
  | 'RECORDER_BROWSER_FAILED'
  /** A debug port that others than this machine could reach: full control of a browser with a wallet in it. */
  | 'RECORDER_BROWSER_EXPOSED'

/** An error the recorder itself raises; those of sources and store pass through as they are. */
export class RecorderError extends VectraError {
  override readonly name = 'RecorderError'
  declare readonly code: RecorderErrorCode

  constructor(code: RecorderErrorCode, message: string, options: { cause?: unknown; context?: ErrorContext } = {}) {
    super(code, message, options)
  }
}
