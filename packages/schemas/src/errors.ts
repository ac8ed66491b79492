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

/**
 * What `@vectra/schemas` may refuse.
 *
 * - `JSON_INVALID`: a text is not strict JSON; `context.offset` is where.
 * - `DECIMAL_INVALID`: a value is no finite decimal number.
 * - `JSON_UNPRINTABLE`: a value handed to `stringifyExact` has no JSON form.
 */
export type SchemasErrorCode = 'JSON_INVALID' | 'DECIMAL_INVALID' | 'JSON_UNPRINTABLE'

/** Error of this package. A frame that fits no schema is data, not an error: see `decodeEvent`. */
export class SchemasError extends VectraError {
  override readonly name = 'SchemasError'
  declare readonly code: SchemasErrorCode

  constructor(code: SchemasErrorCode, message: string, options: { cause?: unknown; context?: ErrorContext } = {}) {
    super(code, message, options)
  }
}
