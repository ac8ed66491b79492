import { type ErrorContext, VectraError } from '@vectra/schemas/errors'

/** Every code this package raises. Public and stable: test `error.code`, never the message. */
export const STORE_ERROR_CODES = [
  /** The store, or the session's journal, was closed. */
  'STORE_CLOSED',
  /** `append` or `endSession` for a session that `openSession` has not opened here. */
  'STORE_SESSION_NOT_OPEN',
  /** `openSession` for a session that this store already holds. */
  'STORE_SESSION_OPEN',
  /** Another live process holds the session. */
  'STORE_SESSION_LOCKED',
  /** Two session ids end in the same eight hex digits. */
  'STORE_SESSION_COLLISION',
  /** The session id is no UUID. */
  'STORE_SESSION_INVALID',
  /** `_seq` skips a number. */
  'STORE_SEQ_HOLE',
  /** `_seq` was stored before. */
  'STORE_SEQ_DUPLICATE',
  /** The disk is full. Nothing of the batch is acknowledged; append again once there is room. */
  'STORE_DISK_FULL',
  /** The disk failed (EIO and its like). Nothing of the batch is acknowledged. */
  'STORE_IO',
  /** The data directory cannot be written. */
  'STORE_READ_ONLY',
  /** Parts could not be made of a sealed segment. Its events are safe in the journal. */
  'STORE_ENCODE',
  /** The catalog is missing, damaged, or of a newer format. */
  'STORE_CATALOG',
  /** Another process compacts, prunes or rebuilds. Try again later. */
  'STORE_BUSY',
  /** The files changed since the plan was made. Nothing was changed; plan again. */
  'STORE_CONFLICT',
  /** Compaction could not prove that its output holds the rows of its inputs. Nothing was changed. */
  'STORE_PROOF',
  /** Retention would remove what a reader or an unfinished compaction needs. Nothing was changed. */
  'STORE_IN_USE',
  /** A file is not as it was written: a scrub found it. Queries leave it out. */
  'STORE_DAMAGED',
  /** An object store has no object of that key. */
  'STORE_OBJECT_MISSING',
  /** An object, or a list of them, is there already with other content: another store's, or a changed one. Nothing was changed. */
  'STORE_OBJECT_CONFLICT',
  /** Content does not match its checksum. Nothing was made of it. */
  'STORE_OBJECT_CORRUPT',
  /** The service, or this installation, cannot do what is needed: no conditional writes, no S3 client. */
  'STORE_OBJECT_UNSUPPORTED',
  /** The object store cannot be reached, or refuses. What is there already counts: run it again. */
  'STORE_OBJECT_IO',
  /** A worker thread of the store died. */
  'STORE_THREAD',
] as const

export type StoreErrorCode = (typeof STORE_ERROR_CODES)[number]

/** The one error class of the write path; `code` tells what happened, `context` carries paths and counts. */
export class EventStoreError extends VectraError {
  override readonly name = 'EventStoreError'

  constructor(code: StoreErrorCode, message: string, options: { cause?: unknown; context?: ErrorContext } = {}) {
    super(code, message, options)
  }
}

/** The `code` of a system error (`ENOSPC`, `EIO`, …), if it is one. */
export function systemCode(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null || !('code' in error)) return undefined
  return typeof error.code === 'string' ? error.code : undefined
}

const FULL = new Set(['ENOSPC', 'EDQUOT', 'EFBIG'])
const READ_ONLY = new Set(['EROFS', 'EACCES', 'EPERM'])

/** Turns a failed disk operation into the typed error of this package; an `EventStoreError` passes unchanged. */
export function diskError(error: unknown, what: string, path: string): EventStoreError {
  if (error instanceof EventStoreError) return error
  const code = systemCode(error)
  const detail = error instanceof Error ? error.message : String(error)
  const options = { cause: error, context: { path, code: code ?? null } }
  if (code !== undefined && FULL.has(code)) {
    return new EventStoreError(
      'STORE_DISK_FULL',
      `disk full: could not ${what} ${path} (${code}); free space, the store resumes by itself`,
      options,
    )
  }
  if (code !== undefined && READ_ONLY.has(code)) {
    return new EventStoreError(
      'STORE_READ_ONLY',
      `no permission: could not ${what} ${path} (${code}); check the data directory's owner and mount`,
      options,
    )
  }
  return new EventStoreError('STORE_IO', `disk error: could not ${what} ${path} (${detail})`, options)
}
