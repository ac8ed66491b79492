import { type ErrorContext, VectraError } from '@vectra/schemas'
import type { ExitCode } from './exit-codes.ts'

/** Public, stable codes of the command line's own errors. */
export type CliErrorCode =
  | 'CLI_USAGE'
  | 'CLI_CONFIG_INVALID'
  | 'CLI_CONFIG_UNREADABLE'
  | 'CLI_DATA_DIR_MISSING'
  | 'CLI_DATA_DIR_UNUSABLE'
  | 'CLI_FILE_UNREADABLE'
  | 'CLI_FORMAT_UNKNOWN'
  | 'CLI_BROKEN_LINES'
  | 'CLI_GAME_NOT_FOUND'
  | 'CLI_SESSION_NOT_FOUND'
  | 'CLI_FRAME_NOT_FOUND'
  | 'CLI_NOTHING_TO_REPLAY'
  | 'CLI_PORT_IN_USE'
  | 'CLI_BROWSER_GONE'
  | 'CLI_SOURCE_UNREACHABLE'
  | 'CLI_OUTPUT_EXISTS'
  | 'CLI_OUTPUT_REFUSED'
  | 'CLI_VERIFY_FAILED'

/** An error the command line raises itself: it knows its exit code and the next step for the user. */
export class CliError extends VectraError {
  readonly exitCode: ExitCode
  /** Path, address or option the error is about. */
  readonly where: string | undefined
  /** One sentence: what to do now. */
  readonly hint: string | undefined

  constructor(
    code: CliErrorCode,
    message: string,
    options: { exitCode: ExitCode; where?: string; hint?: string; cause?: unknown; context?: ErrorContext },
  ) {
    super(code, message, {
      ...('cause' in options ? { cause: options.cause } : {}),
      ...(options.context === undefined ? {} : { context: options.context }),
    })
    this.exitCode = options.exitCode
    this.where = options.where
    this.hint = options.hint
  }
}
