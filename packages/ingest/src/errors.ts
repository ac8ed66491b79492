import { VectraError } from '@vectra/schemas'

/** Stable codes of {@link IngestError}. */
export type IngestErrorCode =
  /** The server could not be reached for as long as the caller was willing to wait. */
  | 'INGEST_SOURCE_UNAVAILABLE'
  /** A source failed in a way that retrying does not mend. */
  | 'INGEST_SOURCE_FAILED'
  /** The sink refused a batch; `context` says how many events were received and not stored. */
  | 'INGEST_SINK_FAILED'
  /** The sink had no room until the pipeline was told to stop; `context` as above. */
  | 'INGEST_SINK_FULL'
  /** No known capture format in the file. */
  | 'INGEST_FORMAT_UNKNOWN'
  /** The capture holds no event with a time. */
  | 'INGEST_CAPTURE_EMPTY'
  /** A document that must be read whole is larger than allowed. */
  | 'INGEST_CAPTURE_TOO_LARGE'
  /** The replay server's port is taken. */
  | 'INGEST_PORT_IN_USE'
  /** The replay server could not listen. */
  | 'INGEST_LISTEN_FAILED'

/** Every error this package raises on purpose. Test `code`; `context` has the numbers. */
export class IngestError extends VectraError {
  override readonly name = 'IngestError'
  declare readonly code: IngestErrorCode

  constructor(code: IngestErrorCode, message: string, options: ConstructorParameters<typeof VectraError>[2] = {}) {
    super(code, message, options)
  }
}

/** The message of anything that was thrown, on one line. */
export function messageOf(thrown: unknown): string {
  const text = thrown instanceof Error ? thrown.message : String(thrown)
  return text.replace(/\s+/g, ' ').trim()
}
