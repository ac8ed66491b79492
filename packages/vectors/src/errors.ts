import { type ErrorContext, VectraError } from '@vectra/schemas'

/**
 * What `@vectra/vectors` may refuse.
 *
 * - `VECTORS_BUSY`: another process indexes this directory; try again.
 * - `VECTORS_FINGERPRINT`: a table was made with another model or other document rules; rebuild it.
 * - `VECTORS_TABLE_MISSING`: nothing was indexed yet.
 * - `VECTORS_WRONG_TABLE`: a document of one kind was given to another kind's table.
 * - `VECTORS_DOCUMENT_INVALID`: a document without id or text, or an id given twice.
 * - `VECTORS_VECTOR_INVALID`: an embedder returned a vector of the wrong length, not finite, or zero.
 * - `VECTORS_MODEL_MISSING`: no model folder and no package to make it from.
 * - `VECTORS_MODEL_CORRUPT`: a file of the model folder has another checksum than the pinned one.
 * - `VECTORS_EMBED`: the embedder failed.
 * - `VECTORS_TEXT_TOO_LONG`: a text has more tokens than the model reads.
 * - `VECTORS_NO_EMBEDDER`: a dense search without a model.
 * - `VECTORS_FILTER`: a filter that the table has no column for, or a value that is none.
 * - `VECTORS_CURSOR`: a cursor of another query.
 * - `VECTORS_DAMAGED`: a file of a table cannot be read; everything in it is derived, a rebuild makes it again.
 * - `VECTORS_WRITE`: the folder cannot be written: disk full, or not writable.
 * - `VECTORS_CLOSED`: the index was closed.
 */
export type VectorsErrorCode =
  | 'VECTORS_BUSY'
  | 'VECTORS_FINGERPRINT'
  | 'VECTORS_TABLE_MISSING'
  | 'VECTORS_WRONG_TABLE'
  | 'VECTORS_DOCUMENT_INVALID'
  | 'VECTORS_VECTOR_INVALID'
  | 'VECTORS_MODEL_MISSING'
  | 'VECTORS_MODEL_CORRUPT'
  | 'VECTORS_EMBED'
  | 'VECTORS_TEXT_TOO_LONG'
  | 'VECTORS_NO_EMBEDDER'
  | 'VECTORS_FILTER'
  | 'VECTORS_CURSOR'
  | 'VECTORS_DAMAGED'
  | 'VECTORS_WRITE'
  | 'VECTORS_CLOSED'

/** Error of this package. */
export class VectorsError extends VectraError {
  override readonly name = 'VectorsError'
  declare readonly code: VectorsErrorCode

  constructor(code: VectorsErrorCode, message: string, options: { cause?: unknown; context?: ErrorContext } = {}) {
    super(code, message, options)
  }
}
