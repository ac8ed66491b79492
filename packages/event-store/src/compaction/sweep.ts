import path from 'node:path'
import { systemCode } from '../errors.ts'
import { liveLeases } from '../leases.ts'
import { mergedPath, stagedPath } from '../paths.ts'
import type { ReplaceDeps } from './replace.ts'

/** What a sweep did. */
export interface SweepReport {
  /** Retired files removed from the disk. */
  readonly removed: number
  /** Retired files that a live reader, or the grace period, still holds. */
  readonly waiting: number
  /** Outputs that got the name which globs see. */
  readonly published: number
}

type SweepDeps = Pick<ReplaceDeps, 'env' | 'paths' | 'catalog'>

/** Gives a staged file its final name beside the staged one, which readers may hold. */
function addName(deps: SweepDeps, final: string): void {
  const { fs } = deps.env
  if (fs.stat(final) !== undefined) return
  try {
    fs.link(stagedPath(final), final)
  } catch (error) {
    if (systemCode(error) === 'EEXIST') return
    // No hard links here: a reader that holds the staged name then starts again with the new list.
    if (fs.stat(stagedPath(final)) === undefined) throw error
    fs.rename(stagedPath(final), final)
  }
  fs.fsyncDir(path.dirname(final))
}

/**
 * Removes retired files that no reader needs, and in the same breath makes the file that replaced them visible to plain globs:
 * until then globs see the inputs alone, afterwards the output alone.
 *
 * The caller holds the maintenance lock. Doing it again after a crash finishes it.
 */
export function sweepRetired(deps: SweepDeps, graceMs: number): SweepReport {
  const { env, paths, catalog } = deps
  const { fs } = env
  const absolute = (relative: string): string => path.join(paths.root, ...relative.split('/'))
  const leases = liveLeases(env, paths, { expire: true })
  const oldest = leases.reduce((least, lease) => Math.min(least, lease.generation), Number.POSITIVE_INFINITY)
  const byReceipt = Map.groupBy(catalog.retired(), (file) => file.receiptId)
  const staged = new Map(catalog.liveFiles(paths.root, 'staged').map((file) => [file.path, file]))
  let removed = 0
  let waiting = 0
  let published = 0
  const publish = (relative: string): void => {
    addName(deps, absolute(relative))
    catalog.publishMerged(relative)
    staged.delete(relative)
    published++
  }
  for (const [receiptId, files] of byReceipt) {
    const due = files.every((file) => file.generation <= oldest && env.clock.now() - file.retiredAt >= graceMs * 1000)
    if (!due) {
      waiting += files.length
      continue
    }
    const output = [...staged.keys()].find((at) => at.endsWith(`part-merged-${receiptId}.parquet`))
    if (output !== undefined) publish(output)
    const directories = new Set<string>()
    for (const file of files) {
      const at = absolute(file.path)
      for (const name of [at, stagedPath(at)]) if (fs.stat(name) !== undefined) fs.unlink(name)
      directories.add(path.dirname(at))
      removed++
    }
    for (const directory of directories) if (fs.stat(directory) !== undefined) fs.fsyncDir(directory)
    catalog.forgetRetired(files.map((file) => file.path))
  }
  const retiredBy = new Set(catalog.retired().map((file) => file.receiptId))
  // Staged with all inputs gone already: a crash between the two.
  for (const file of [...staged.values()]) {
    const waits = [...retiredBy].some((id) => file.path === mergedPath(file.docType, file.date, id))
    if (!waits) publish(file.path)
  }
  // The staged names of visible files, once nobody can hold them.
  for (const file of catalog.liveFiles(paths.root)) {
    if (file.sessionId !== null || file.absolutePath !== absolute(file.path) || file.generation > oldest) continue
    const second = stagedPath(file.absolutePath)
    if (fs.stat(second) === undefined) continue
    fs.unlink(second)
    fs.fsyncDir(path.dirname(second))
  }
  return { removed, waiting, published }
}
