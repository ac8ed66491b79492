/** Values that make an error actionable: paths, counts, offsets. Never secrets. */
export type ErrorContext = Readonly<Record<string, unknown>>

/**
 * Base of every error Vectra raises on purpose.
 *
 * `code` is public and stable: callers test it. `message` says what, where and what to do, and may change.
 */
export class VectraError extends Error {
  override readonly name: string = 'VectraError'
  readonly code: string
  readonly context: ErrorContext

  constructor(code: string, message: string, options: { cause?: unknown; context?: ErrorContext } = {}) {
    super(message, 'cause' in options ? { cause: options.cause } : undefined)
    this.code = code
    this.context = options.context ?? {}
  }
}
