import { createHash } from 'node:crypto'
import { EventStoreError } from '../errors.ts'

/** One stored object. */
export interface ObjectInfo {
  readonly key: string
  readonly size: number
  /** Of the content, lower-case hex, where the store remembers it. */
  readonly sha256: string | null
}

/** Bytes `start` to `end`, both inclusive; `end` may lie behind the last one. */
export interface ByteRange {
  readonly start: number
  readonly end: number
}

/** Content to store. It can be read again: an upload that fails is tried anew. */
export interface ObjectBody {
  readonly size: number
  /** Lower-case hex; what is read is compared with it before the object becomes visible. */
  readonly sha256: string
  /** A piece is valid until the next one is asked for. */
  pieces(): Iterable<Uint8Array>
}

/** Options of every call. */
export interface ObjectCall {
  readonly signal?: AbortSignal | undefined
}

/**
 * Where whole, immutable files go: a directory, or a bucket of an S3-compatible service.
 *
 * Written once, never replaced, never renamed: the one write is {@link putIfAbsent}, and of two at the same time one wins. Keys are
 * relative paths with `/`. Every method throws `EventStoreError`.
 */
export interface ObjectStore {
  /** Shown to people, e.g. `s3://bucket/prefix`. */
  readonly name: string
  /** Objects whose key starts so, by key in byte order. */
  list(prefix: string, call?: ObjectCall): AsyncIterable<Pick<ObjectInfo, 'key' | 'size'>>
  stat(key: string, call?: ObjectCall): Promise<ObjectInfo | undefined>
  /** @throws STORE_OBJECT_MISSING */
  read(key: string, call?: ObjectCall & { readonly range?: ByteRange | undefined }): AsyncIterable<Uint8Array>
  /**
   * Stores an object, whole or not at all, unless there is one of that key.
   *
   * @throws STORE_OBJECT_CORRUPT when the content is not what its checksum says; STORE_OBJECT_UNSUPPORTED when the service cannot promise it
   */
  putIfAbsent(key: string, body: ObjectBody, call?: ObjectCall): Promise<'created' | 'exists'>
  /** An object that is not there is deleted already. */
  delete(key: string, call?: ObjectCall): Promise<void>
  close(): void
}

/** SHA-256 in lower-case hex. */
export function sha256Of(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}

/** Bytes in memory as a body. */
export function bodyOf(bytes: Uint8Array): ObjectBody {
  return { size: bytes.byteLength, sha256: sha256Of(bytes), pieces: () => [bytes] }
}

/** The whole object, or a range of it. */
export async function readObject(
  store: ObjectStore,
  key: string,
  call: ObjectCall & { readonly range?: ByteRange } = {},
): Promise<Uint8Array> {
  const pieces: Uint8Array[] = []
  for await (const piece of store.read(key, call)) pieces.push(Uint8Array.from(piece))
  return Buffer.concat(pieces)
}

/** A key that no store could take for another place. @throws TypeError */
export function checkedKey(key: string): string {
  const bad =
    key === '' || key.length > 900 || /[\0-\x1f\x7f\\]/.test(key) || key.split('/').some((part) => /^\.{0,2}$/.test(part))
  if (bad) throw new TypeError(`not an object key: ${JSON.stringify(key)}`)
  return key
}

/** @throws TypeError when the range is none */
export function checkedRange(range: ByteRange | undefined): ByteRange | undefined {
  if (range === undefined) return undefined
  const { start, end } = range
  if (!Number.isSafeInteger(start) || !Number.isSafeInteger(end) || start < 0 || end < start)
    throw new TypeError(`not a byte range: ${start} to ${end}`)
  return range
}

/** The error for an object that is not there. */
export function missingObject(store: string, key: string, cause?: unknown): EventStoreError {
  return new EventStoreError('STORE_OBJECT_MISSING', `${store} has no object ${key}`, { cause, context: { store, key } })
}

/** The error for content that differs from its checksum. */
export function corruptObject(what: string, expected: string, found: string): EventStoreError {
  return new EventStoreError('STORE_OBJECT_CORRUPT', `${what} is not what its checksum says; nothing was made of it`, {
    context: { what, expected, found },
  })
}
