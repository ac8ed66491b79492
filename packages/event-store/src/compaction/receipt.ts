import { createHash } from 'node:crypto'
import path from 'node:path'
import type { DocType, Micros } from '@vectra/schemas'
import type { MergeCommit, NewFile, ReceiptOrigins, RetentionRecord, SeqSpan } from '../catalog-records.ts'
import type { FsPort } from '../fs-port.ts'
import { receiptFile, type StorePaths } from '../paths.ts'

const FORMAT = 1

/** A file that was replaced, as it was. */
export interface ReceiptInput {
  readonly path: string
  readonly rows: number
  readonly bytes: number
  readonly sha256: string
}

/** What was replaced by what, and the proof. Its file is kept for ever; a lost catalog is rebuilt from it. */
export interface Receipt {
  readonly format: number
  readonly id: string
  /** `merge`: same rows, fewer files. `prune`: rows removed because somebody asked. */
  readonly kind: 'merge' | 'prune'
  readonly docType: DocType
  readonly date: string
  readonly at: Micros
  readonly inputs: readonly ReceiptInput[]
  readonly inputRows: number
  /** Of the rows that were kept, before and after: both were computed, and equal. */
  readonly rows: number
  readonly contentHash: string
  readonly output: NewFile | null
  readonly dropped: readonly SeqSpan[]
  readonly origins: ReceiptOrigins
}

/** Why a receipt's file cannot be used. */
export class ReceiptDamage extends Error {}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}

/** The receipt's one spelling: its JSON, and the checksum of that in a second line. */
export function receiptText(receipt: Receipt): string {
  const text = JSON.stringify(receipt)
  return `${text}\n${sha256(text)}\n`
}

/** Reads and checks a receipt's file. @throws ReceiptDamage */
export function readReceipt(
  fs: FsPort,
  paths: StorePaths,
  id: string,
): { readonly receipt: Receipt; readonly fileSha256: string } {
  const text = Buffer.from(fs.read(path.join(paths.receipts, receiptFile(id)))).toString('utf8')
  const [body = '', check, rest, ...more] = text.split('\n')
  if (check !== sha256(body) || rest !== '' || more.length > 0)
    throw new ReceiptDamage(`receipt ${id} does not match its checksum`)
  const receipt = JSON.parse(body) as Receipt
  if (receipt.format !== FORMAT || receipt.id !== id) throw new ReceiptDamage(`receipt ${id} is of another format, or another's`)
  return { receipt, fileSha256: sha256(text) }
}

/** Ids of the receipts on the disk, in order. */
export function receiptIdsOnDisk(fs: FsPort, paths: StorePaths): string[] {
  if (fs.stat(paths.receipts) === undefined) return []
  return fs
    .readdir(paths.receipts)
    .flatMap(({ name }) => (/^[0-9a-f]{16}\.json$/.test(name) ? [name.slice(0, 16)] : []))
    .sort()
}

/** Deterministic: the same inputs and the same wish give the same id, so that doing it again after a crash is the same deed. */
export function receiptId(kind: Receipt['kind'], inputs: readonly ReceiptInput[], games: readonly string[] | undefined): string {
  const lines = inputs.map((input) => `${input.path} ${input.sha256}`).sort()
  return sha256(JSON.stringify([FORMAT, kind, games?.toSorted() ?? null, lines])).slice(0, 16)
}

function removedBy({ at, inputs, inputRows, rows }: Receipt): RetentionRecord {
  const bytes = inputs.reduce((sum, input) => sum + input.bytes, 0)
  return { at, files: inputs.length, bytes, rows: inputRows - rows, kept: rows }
}

/** The receipt's part in the catalog. */
export function commitOf(receipt: Receipt, fileSha256: string): MergeCommit {
  const { id, kind, docType, date, output, inputs, rows, contentHash, dropped } = receipt
  return {
    receiptId: id,
    kind,
    docType,
    date,
    output,
    inputs: inputs.map((input) => input.path),
    rows,
    contentHash,
    fileSha256,
    dropped,
    ...(kind === 'prune' ? { removed: removedBy(receipt) } : {}),
  }
}
