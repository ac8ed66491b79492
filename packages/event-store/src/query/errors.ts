import { type ErrorContext, VectraError } from '@vectra/schemas'

/** Every code the query layer raises. Public and stable: test `error.code`, never the message. */
export const QUERY_ERROR_CODES = [
  /** The SQL is wrong, or failed on the data (a cast, an overflow). `context`: line, column, caret, hint. */
  'QUERY_SQL',
  /** The statement is not one the read-only sandbox runs. */
  'QUERY_FORBIDDEN',
  /** The statement ran longer than `timeoutMs` and was interrupted. */
  'QUERY_TIMEOUT',
  /** The statement needs more memory, or temporary disk, than it may have. */
  'QUERY_MEMORY',
  /** A part that the catalog lists is not on disk. `context.path` names it. */
  'QUERY_FILE_MISSING',
  /** A part that the catalog lists cannot be read. `context.path` names it. */
  'QUERY_FILE_CORRUPT',
  /** An export could not be written. */
  'QUERY_EXPORT',
  /** The remote engine that was asked for does not answer. `context.remote` names it. */
  'QUERY_REMOTE',
  /** The engine is closed. */
  'QUERY_CLOSED',
  /** The engine failed in a way that is no fault of the statement. */
  'QUERY_FAILED',
] as const

export type QueryErrorCode = (typeof QUERY_ERROR_CODES)[number]

/** The one error class of the query layer. */
export class QueryError extends VectraError {
  override readonly name = 'QueryError'

  constructor(code: QueryErrorCode, message: string, options: { cause?: unknown; context?: ErrorContext } = {}) {
    super(code, message, options)
  }
}
