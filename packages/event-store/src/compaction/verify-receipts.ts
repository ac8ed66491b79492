import path from 'node:path'
import type { SQLOutputValue } from 'node:sqlite'
import type { FileMeta } from '../catalog.ts'
import { askCatalog } from '../catalog-access.ts'
import type { Env } from '../env.ts'
import { isMaintained } from '../maintenance-lock.ts'
import { receiptFile, type StorePaths } from '../paths.ts'
import { duckdbMerger } from './duckdb-merger.ts'
import { type Receipt, readReceipt, receiptIdsOnDisk } from './receipt.ts'

/** A receipt as the catalog lists it. */
export interface ListedReceipt {
  readonly id: string
  readonly output: string | null
  readonly rows: number
  readonly contentHash: string
  readonly fileSha256: string
}

/** What the catalog says that receipts are checked against. */
export interface ListedReceipts {
  readonly files: readonly FileMeta[]
  readonly receipts: readonly ListedReceipt[]
}

type ReceiptFinding = 'receipt_missing' | 'receipt_damaged' | 'receipt_unlisted' | 'receipt_content'

/** Reads a row of the catalog's `receipts`. */
export function listedReceipt(row: Readonly<Record<string, SQLOutputValue>>): ListedReceipt {
  return {
    id: String(row['receipt_id']),
    output: row['output'] === null || row['output'] === undefined ? null : String(row['output']),
    rows: Number(row['rows']),
    contentHash: String(row['content_hash']),
    fileSha256: String(row['file_sha256']),
  }
}

function receiptIdsNow(paths: StorePaths): ReadonlySet<string> {
  const rows = askCatalog(paths, (db) => db.prepare('SELECT receipt_id FROM receipts').all())
  return new Set(rows?.map((row) => String(row['receipt_id'])))
}

/**
 * Checks every receipt's file against its own checksum and the catalog, that each one's output is live or was replaced in turn,
 * and with `receipts` that the rows of live outputs are still those that were proven.
 */
export async function checkReceipts(
  env: Env,
  paths: StorePaths,
  listed: ListedReceipts,
  options: { readonly receipts?: boolean; readonly signal?: AbortSignal },
  add: (kind: ReceiptFinding, file: string, text: string) => void,
): Promise<void> {
  const { fs } = env
  const known = new Set(listed.receipts.map((receipt) => receipt.id))
  const unlisted = receiptIdsOnDisk(fs, paths).filter((id) => !known.has(id))
  if (unlisted.length > 0 && !isMaintained(paths)) {
    // Whoever wrote them is done: what it committed since the catalog was read is in the catalog now.
    const now = receiptIdsNow(paths)
    for (const id of unlisted)
      if (!now.has(id))
        add('receipt_unlisted', `receipts/${receiptFile(id)}`, 'not in the catalog; a recovery undoes or lists what it says')
  }
  const files = new Map(listed.files.map((file) => [file.path, file]))
  const replaced = new Set<string>()
  const sound: { listed: ListedReceipt; receipt: Receipt }[] = []
  for (const entry of listed.receipts) {
    const file = `receipts/${receiptFile(entry.id)}`
    if (fs.stat(path.join(paths.root, file)) === undefined) {
      add('receipt_missing', file, 'listed in the catalog and not on the disk')
      continue
    }
    try {
      const { receipt, fileSha256 } = readReceipt(fs, paths, entry.id)
      if (fileSha256 !== entry.fileSha256) throw new Error('not the receipt that the catalog lists')
      for (const input of receipt.inputs) replaced.add(input.path)
      sound.push({ listed: entry, receipt })
    } catch (error) {
      add('receipt_damaged', file, error instanceof Error ? error.message : String(error))
    }
  }
  const merger =
    options.receipts === true
      ? duckdbMerger({ memoryLimit: '512MB', threads: 1, tempDir: path.join(paths.root, 'maintenance.tmp'), fs }, options.signal)
      : undefined
  try {
    for (const { listed: entry, receipt } of sound) {
      const { output } = receipt
      if (output === null || replaced.has(output.path)) continue
      const file = files.get(output.path)
      if (file === undefined)
        add('receipt_content', `receipts/${receiptFile(entry.id)}`, `its output ${output.path} is not in the catalog`)
      else if (file.sha256 !== output.sha256)
        add('receipt_content', `receipts/${receiptFile(entry.id)}`, `its output ${output.path} is listed with another checksum`)
      else if (merger !== undefined && fs.stat(file.absolutePath) !== undefined) {
        try {
          const found = await merger.digest([file.absolutePath])
          if (found.contentHash !== receipt.contentHash || found.rows !== receipt.rows)
            add('receipt_content', output.path, 'the rows are not those that the receipt proves')
        } catch (error) {
          options.signal?.throwIfAborted()
          add('receipt_content', output.path, error instanceof Error ? error.message : String(error))
        }
      }
    }
  } finally {
    await merger?.close()
  }
}
