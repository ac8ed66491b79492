import type { DocType } from '@vectra/schemas'
import type { FileMeta } from '../catalog.ts'
import { EventStoreError } from '../errors.ts'
import { isSessionId, parseMergedPath, parsePartPath } from '../paths.ts'
import type { SessionFile } from '../session-file.ts'
import { corruptObject, type ObjectCall, type ObjectStore, readObject, sha256Of } from './object-store.ts'

const FORMAT = 1
const FOLDER = 'manifests/'
const NAME = /^manifests\/(\d{12})\.json$/

/** A part file of a mirrored store; its key is its path inside the data directory. */
export type MirrorFile = Pick<
  FileMeta,
  'path' | 'docType' | 'date' | 'rows' | 'bytes' | 'sha256' | 'sessionId' | 'seqFirst' | 'seqLast' | 'tsMin' | 'tsMax'
>

/** A receipt of a mirrored store, and the files that it accounts for. */
export interface MirrorReceipt {
  readonly id: string
  readonly docType: DocType
  readonly date: string
  readonly sha256: string
  readonly bytes: number
}

/** What a mirror holds, as of one push: the one list that readers go by. Never a listing of keys. */
export interface Manifest {
  readonly format: number
  /** From 1; of two pushes at the same time one gets the number. */
  readonly number: number
  /** Microseconds. */
  readonly at: number
  readonly files: readonly MirrorFile[]
  readonly receipts: readonly MirrorReceipt[]
  /** What no part can say of the sessions. */
  readonly sessions: readonly SessionFile[]
}

/** Key of a receipt. */
export function receiptKey(id: string): string {
  return `receipts/${id}.json`
}

/** Key of a manifest: its number in twelve digits, so that the last key is the newest. */
export function manifestKey(number: number): string {
  return `${FOLDER}${String(number).padStart(12, '0')}.json`
}

/** JSON in one line, and its checksum in the second. */
export function manifestText(manifest: Manifest): string {
  const body = JSON.stringify(manifest)
  return `${body}\n${sha256Of(Buffer.from(body))}\n`
}

const HEX = /^[0-9a-f]{64}$/
const isCount = (value: unknown): boolean => Number.isSafeInteger(value) && Number(value) >= 0

/**
 * Whether every name in it is one that a store gives: a manifest comes from elsewhere, and its names become paths on this disk.
 */
function isSound({ number, files, receipts, sessions }: Manifest): boolean {
  return (
    isCount(number) &&
    files.every((file) => {
      const key = parsePartPath(file.path) ?? parseMergedPath(file.path)
      return (
        key?.docType === file.docType &&
        key.date === file.date &&
        HEX.test(file.sha256) &&
        isCount(file.bytes) &&
        isCount(file.rows)
      )
    }) &&
    receipts.every(({ id, sha256, bytes }) => /^[0-9a-f]{16}$/.test(id) && HEX.test(sha256) && isCount(bytes)) &&
    sessions.every(({ sessionId }) => isSessionId(sessionId))
  )
}

function parseManifest(bytes: Uint8Array, where: string): Manifest {
  const [body = '', check = ''] = Buffer.from(bytes).toString('utf8').split('\n')
  const found = sha256Of(Buffer.from(body))
  if (found !== check) throw corruptObject(where, check, found)
  const manifest = JSON.parse(body) as Manifest
  if (manifest.format !== FORMAT) {
    throw new EventStoreError(
      'STORE_OBJECT_UNSUPPORTED',
      `${where} has format ${manifest.format}; this version reads ${FORMAT}`,
      {
        context: { where, format: manifest.format },
      },
    )
  }
  if (!isSound(manifest)) throw corruptObject(where, 'names of parts, receipts and sessions', 'others')
  return manifest
}

/** The newest manifest of a mirror; `undefined` when nothing was pushed yet. */
export async function newestManifest(objects: ObjectStore, call: ObjectCall = {}): Promise<Manifest | undefined> {
  let newest: string | undefined
  for await (const { key } of objects.list(FOLDER, call)) if (NAME.test(key)) newest = key
  if (newest === undefined) return undefined
  return parseManifest(await readObject(objects, newest, call), `${objects.name}/${newest}`)
}
