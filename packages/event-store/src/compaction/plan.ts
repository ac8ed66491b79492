import type { DocType, Micros } from '@vectra/schemas'
import type { FileMeta } from '../catalog.ts'
import { utcDate } from '../paths.ts'

/** What planning needs of a live file. */
export type PlanFile = Pick<FileMeta, 'path' | 'docType' | 'date' | 'bytes' | 'rows' | 'sessionId'>

/** Files of one partition that become one. */
export interface PlannedMerge<F extends PlanFile = PlanFile> {
  readonly docType: DocType
  readonly date: string
  /** `day`: the day is over, all of it becomes one file. `tier`: files of about one size, while the day goes on. */
  readonly kind: 'day' | 'tier'
  /** At least two, by path. */
  readonly inputs: readonly F[]
  readonly rows: number
  readonly bytes: number
}

/** What decides a plan besides the files. */
export interface PlanOptions {
  readonly now: Micros
  /** Only this UTC date; it counts as over, whatever the clock says. */
  readonly date?: string | undefined
  /** Files of one tier that are worth a merge. Default 10. */
  readonly fanIn?: number
  /** Largest file of the lowest tier, in bytes; each further tier is `fanIn` times larger. Default 256 KiB. */
  readonly tierBytes?: number
  /** A day is over this long after its midnight, so that late segments are in. Default 15 min, in milliseconds. */
  readonly closeAfterMs?: number
}

const DEFAULTS = { fanIn: 10, tierBytes: 256 * 1024, closeAfterMs: 15 * 60 * 1000 } as const

function tierOf(bytes: number, fanIn: number, tierBytes: number): number {
  let tier = 0
  for (let limit = tierBytes; bytes > limit; limit *= fanIn) tier++
  return tier
}

/**
 * Which files to merge, oldest day first. Pure: the same list gives the same plan, and the list after the merges gives an empty one.
 *
 * A day that is over becomes one file for each doc_type. The current day is merged by tiers of size, so that each row is
 * rewritten a few times only (log of the day's bytes to the base `fanIn`).
 */
export function planCompaction<F extends PlanFile>(files: readonly F[], options: PlanOptions): PlannedMerge<F>[] {
  const { fanIn, tierBytes, closeAfterMs } = { ...DEFAULTS, ...options }
  const today = utcDate(options.now - closeAfterMs * 1000)
  const chosen = options.date === undefined ? files : files.filter((file) => file.date === options.date)
  const partitions = Map.groupBy(chosen, (file) => `${file.date}|${file.docType}`)
  const merges: PlannedMerge<F>[] = []
  const add = (kind: PlannedMerge['kind'], group: readonly F[]): void => {
    const [first] = group
    if (first === undefined || group.length < 2) return
    const inputs = group.toSorted((a, b) => (a.path < b.path ? -1 : 1))
    const rows = inputs.reduce((sum, file) => sum + file.rows, 0)
    const bytes = inputs.reduce((sum, file) => sum + file.bytes, 0)
    merges.push({ docType: first.docType, date: first.date, kind, inputs, rows, bytes })
  }
  for (const key of [...partitions.keys()].sort()) {
    const partition = partitions.get(key) ?? []
    const date = partition[0]?.date ?? ''
    if (options.date !== undefined || date < today) {
      add('day', partition)
      continue
    }
    const tiers = Map.groupBy(partition, (file) => tierOf(file.bytes, fanIn, tierBytes))
    for (const tier of [...tiers.keys()].sort((a, b) => a - b)) {
      const group = tiers.get(tier) ?? []
      if (group.length >= fanIn) add('tier', group)
    }
  }
  return merges
}
