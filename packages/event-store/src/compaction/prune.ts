import type { DocType } from '@vectra/schemas'
import type { FileMeta } from '../catalog.ts'
import { type Env, systemEnv } from '../env.ts'
import { EventStoreError } from '../errors.ts'
import { liveLeases } from '../leases.ts'
import { utcDate } from '../paths.ts'
import { type CompactOptions, withMaintenance } from './compact.ts'
import { type ReplaceDeps, replaceFiles } from './replace.ts'
import { sweepRetired } from './sweep.ts'

/** Options of {@link pruneStore}. */
export interface PruneOptions extends Pick<CompactOptions, 'memoryLimit' | 'threads' | 'waitMs' | 'signal' | 'merger'> {
  readonly dir: string
  readonly env?: Env
  /** Whole UTC days that ended at least this long ago, in milliseconds. */
  readonly olderThanMs: number
  readonly docTypes: readonly DocType[]
  /** Rows of these games stay. */
  readonly keepGames?: readonly string[]
  /** Act. Without it only the plan is made. */
  readonly yes?: boolean
}

/** What goes of one day and doc_type. */
export interface PrunedPartition {
  readonly docType: DocType
  readonly date: string
  readonly files: number
  readonly bytes: number
  readonly rows: number
  /** Rows of games to keep; they stay in a file of their own. */
  readonly kept: number
  /** Null in a plan. */
  readonly receiptId: string | null
}

/** A plan, or what was done. */
export interface PruneReport {
  /** Days before this one. */
  readonly before: string
  readonly executed: boolean
  readonly partitions: readonly PrunedPartition[]
  /** Why it would be refused now; empty when nothing stands in the way. */
  readonly blocked: readonly string[]
  /** Files removed from the disk. */
  readonly removed: number
}

const DAY_MS = 24 * 60 * 60 * 1000

function blockers(deps: Pick<ReplaceDeps, 'env' | 'paths' | 'catalog'>, files: readonly FileMeta[]): string[] {
  const reasons: string[] = []
  const leases = liveLeases(deps.env, deps.paths)
  if (leases.length > 0)
    reasons.push(
      `${leases.length} reader${leases.length === 1 ? ' pins' : 's pin'} files now: process ${[...new Set(leases.map((lease) => lease.pid))].join(', ')}`,
    )
  const staged = files.filter((file) => file.absolutePath.endsWith('.staged'))
  if (staged.length > 0)
    reasons.push(`${staged.length} merged part${staged.length === 1 ? '' : 's'} not swapped in yet: ${staged[0]?.path ?? ''}`)
  return reasons
}

/**
 * Removes old rows of some doc_types: a plan first, the deed with `yes`. Each removal leaves a receipt that says which seqs went, so
 * that `verify` tells them from a loss; a lost catalog does not bring them back.
 *
 * Rows that are only in the journal are never touched. Damaged files are not pruned: they are evidence.
 *
 * @throws STORE_IN_USE when a reader's lease or an unfinished merge needs the files; STORE_BUSY, STORE_PROOF
 */
export async function pruneStore(options: PruneOptions): Promise<PruneReport> {
  const env = options.env ?? systemEnv()
  if (!(options.olderThanMs >= 0)) throw new TypeError('olderThanMs must be 0 or more')
  if (options.docTypes.length === 0) throw new TypeError('say which doc_types to prune')
  const before = utcDate(env.clock.now() - options.olderThanMs * 1000)
  // A day is old enough when it ended before the cutoff, not when it began.
  const last = utcDate(env.clock.now() - (options.olderThanMs + DAY_MS) * 1000)
  const keep = { games: options.keepGames ?? [] }
  return withMaintenance(options, async (deps) => {
    const files = deps.catalog
      .liveFiles(deps.paths.root)
      .filter((file) => options.docTypes.includes(file.docType) && file.date <= last)
    const blocked = blockers(deps, files)
    if (options.yes === true && blocked.length > 0 && files.length > 0) {
      throw new EventStoreError('STORE_IN_USE', `nothing was removed: ${blocked.join('; ')}; try again when they are done`, {
        context: { blocked },
      })
    }
    const partitions: PrunedPartition[] = []
    for (const [, inputs] of Map.groupBy(files, (file) => `${file.date}|${file.docType}`)) {
      options.signal?.throwIfAborted()
      const [first] = inputs
      if (first === undefined) continue
      const rows = inputs.reduce((sum, file) => sum + file.rows, 0)
      const kept =
        keep.games.length === 0
          ? 0
          : (
              await deps.merger.digest(
                inputs.map((file) => file.absolutePath),
                keep,
              )
            ).rows
      if (kept === rows) continue
      const { docType, date } = first
      const done = options.yes === true ? await replaceFiles(deps, { docType, date, inputs, keep }) : undefined
      partitions.push({
        docType,
        date,
        files: inputs.length,
        bytes: inputs.reduce((sum, file) => sum + file.bytes, 0),
        rows: rows - kept,
        kept,
        receiptId: done?.receiptId ?? null,
      })
    }
    const { removed } = options.yes === true ? sweepRetired(deps, 0) : { removed: 0 }
    return { before, executed: options.yes === true, partitions, blocked, removed }
  })
}
