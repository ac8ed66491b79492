import path from 'node:path'
import type { FileMeta } from '../catalog.ts'
import { fileDigest } from '../integrity/digest.ts'
import { isMergedName, isTemporary, receiptFile, stagedPath } from '../paths.ts'
import { commitOf, type Receipt, readReceipt, receiptIdsOnDisk } from './receipt.ts'
import type { ReplaceDeps } from './replace.ts'
import { type SweepReport, sweepRetired } from './sweep.ts'

/** What a recovery of compaction found and did. All zero when there was nothing to do. */
export interface MergeRecovery extends SweepReport {
  /** Replacements that a lost catalog had forgotten. */
  readonly adopted: number
  /** Replacements that had not been committed: their files are gone, their inputs untouched. */
  readonly undone: number
  /** Visible merged parts that neither the catalog nor a receipt knows. */
  readonly unknown: readonly string[]
  /** Receipts that cannot be read, and outputs that are not as their receipt says. */
  readonly failures: readonly { readonly path: string; readonly message: string }[]
}

type RecoverDeps = Pick<ReplaceDeps, 'env' | 'paths' | 'catalog'>

interface Known {
  readonly receipt: Receipt
  readonly fileSha256: string
  /** The output's name on the disk, when its bytes are those of the receipt. */
  readonly output: string | undefined
}

const message = (error: unknown): string => (error instanceof Error ? error.message : String(error))

/** Every merged part on the disk, in any state, as paths relative to the data directory. */
function mergedOnDisk(deps: RecoverDeps): string[] {
  const { fs } = deps.env
  const found: string[] = []
  const walk = (directory: string, relative: string, depth: number): void => {
    if (fs.stat(directory) === undefined) return
    for (const entry of fs.readdir(directory)) {
      if (entry.isDirectory && depth < 2) walk(path.join(directory, entry.name), `${relative}/${entry.name}`, depth + 1)
      else if (!entry.isDirectory && isMergedName(entry.name)) found.push(`${relative}/${entry.name}`)
    }
  }
  walk(deps.paths.events, 'events_parquet', 0)
  return found
}

/**
 * Finishes or undoes what a dead compactor left: files without a commit go, commits whose inputs are still on the disk are swept,
 * receipts that a lost catalog does not know are listed again. The caller holds the maintenance lock.
 *
 * `adopt`: the catalog was lost, so that a receipt which it does not know is no sign of an unfinished merge.
 */
export function recoverMerges(deps: RecoverDeps, options: { readonly adopt: boolean; readonly graceMs?: number }): MergeRecovery {
  const { env, paths, catalog } = deps
  const { fs } = env
  const absolute = (relative: string): string => path.join(paths.root, ...relative.split('/'))
  const failures: { path: string; message: string }[] = []
  const listed = new Set(catalog.receiptIds())
  const live = new Map<string, FileMeta>(catalog.liveFiles(paths.root).map((file) => [file.path, file]))
  const unlisted: Known[] = []
  const superseded = new Set<string>()
  let undone = 0
  let adopted = 0
  for (const id of receiptIdsOnDisk(fs, paths)) {
    if (listed.has(id)) continue
    try {
      const { receipt, fileSha256 } = readReceipt(fs, paths, id)
      const names = receipt.output === null ? [] : [absolute(receipt.output.path), stagedPath(absolute(receipt.output.path))]
      const output = names.find((name) => fs.stat(name) !== undefined && fileDigest(fs, name).sha256 === receipt.output?.sha256)
      unlisted.push({ receipt, fileSha256, output })
    } catch (error) {
      failures.push({ path: `receipts/${receiptFile(id)}`, message: message(error) })
    }
  }
  for (const id of catalog.unloggedRetention()) {
    try {
      const { receipt, fileSha256 } = readReceipt(fs, paths, id)
      catalog.logRetention(commitOf(receipt, fileSha256))
    } catch {
      // Reported by verify.
    }
  }
  // What later receipts replaced needs not be there itself.
  for (const { receipt, output } of unlisted) {
    if (output !== undefined || receipt.output === null) for (const input of receipt.inputs) superseded.add(input.path)
  }
  for (let grew = true; grew; ) {
    grew = false
    for (const { receipt } of unlisted) {
      if (receipt.output === null || !superseded.has(receipt.output.path)) continue
      for (const input of receipt.inputs) {
        if (superseded.has(input.path)) continue
        superseded.add(input.path)
        grew = true
      }
    }
  }
  for (const { receipt, fileSha256, output } of unlisted) {
    const inputsLive = receipt.inputs.every((input) => live.has(input.path))
    const stands = output !== undefined || receipt.output === null || superseded.has(receipt.output.path)
    if (inputsLive && !(options.adopt && stands)) {
      fs.unlink(path.join(paths.receipts, receiptFile(receipt.id)))
      fs.fsyncDir(paths.receipts)
      undone++
      continue
    }
    if (!stands)
      failures.push({
        path: receipt.output?.path ?? '',
        message: 'the merged part is missing or damaged, and its inputs are gone',
      })
    const onDisk = output !== undefined && receipt.output !== null && !superseded.has(receipt.output.path)
    if (onDisk && output.endsWith('.staged') && receipt.output !== null) {
      fs.rename(output, absolute(receipt.output.path))
      fs.fsyncDir(path.dirname(output))
    }
    catalog.adoptReceipt(
      commitOf(receipt, fileSha256),
      receipt.origins,
      stands ? (onDisk ? 'there' : 'replaced') : 'missing',
      receipt.at,
    )
    adopted++
  }
  if (fs.stat(paths.receipts) !== undefined) {
    for (const { name } of fs.readdir(paths.receipts)) if (isTemporary(name)) fs.unlink(path.join(paths.receipts, name))
  }
  const known = new Set(catalog.filePaths())
  const unknown: string[] = []
  for (const at of mergedOnDisk(deps)) {
    const final = at.replace(/\.(?:staged|tmp-[0-9a-z]+)$/, '')
    if (known.has(final) && !/\.tmp-[0-9a-z]+$/.test(at)) continue
    // A visible file that neither the catalog nor a receipt knows is nobody's to remove.
    if (final === at && !superseded.has(at) && !unlisted.some(({ receipt }) => receipt.output?.path === at)) {
      unknown.push(at)
      continue
    }
    fs.unlink(absolute(at))
    fs.fsyncDir(path.dirname(absolute(at)))
    if (final !== at) undone++
  }
  return { adopted, undone, unknown, failures, ...sweepRetired(deps, options.graceMs ?? 0) }
}

/** Paths that some receipt accounts for: not missing, though no file of that name is there. */
export function replacedPaths(deps: Pick<ReplaceDeps, 'env' | 'paths'>): Set<string> {
  const paths = new Set<string>()
  for (const id of receiptIdsOnDisk(deps.env.fs, deps.paths)) {
    try {
      for (const input of readReceipt(deps.env.fs, deps.paths, id).receipt.inputs) paths.add(input.path)
    } catch {
      // Reported elsewhere.
    }
  }
  return paths
}
