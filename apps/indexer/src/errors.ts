import { type ErrorContext, VectraError } from '@vectra/schemas'

/**
 * What the indexer may refuse.
 *
 * - `INDEXER_NOTE_EMPTY`: a note without text.
 * - `INDEXER_REFERENCE`: a reference to an event that is not `<session id>:<seq>`.
 * - `INDEXER_PORT`: the port for metrics cannot be used.
 * - `INDEXER_MODEL`: what was named is no model.
 * - `INDEXER_WATCH`: the system does not tell of changes in the repository.
 */
export type IndexerErrorCode = 'INDEXER_NOTE_EMPTY' | 'INDEXER_REFERENCE' | 'INDEXER_PORT' | 'INDEXER_MODEL' | 'INDEXER_WATCH'

/** Error of the indexer. */
export class IndexerError extends VectraError {
  override readonly name = 'IndexerError'
  declare readonly code: IndexerErrorCode

  constructor(code: IndexerErrorCode, message: string, options: { cause?: unknown; context?: ErrorContext } = {}) {
    super(code, message, options)
  }
}
