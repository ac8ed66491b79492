import { type ErrorContext, VectraError } from '@vectra/schemas'

/** Public, stable codes of the recorder's own errors. */
export type RecorderErrorCode =
  /** No source connected within the time allowed for the first connection. */
  'RECORDER_UNREACHABLE'

/** An error the recorder itself raises; those of sources and store pass through as they are. */
export class RecorderError extends VectraError {
  override readonly name = 'RecorderError'

  constructor(code: RecorderErrorCode, message: string, options: { cause?: unknown; context?: ErrorContext } = {}) {
    super(code, message, options)
  }
}
