import type { Clock } from '@vectra/schemas'
import { type BackgroundJob, backgroundJob } from '../background-job.ts'
import type { CompactThreadData } from '../compact-thread.ts'
import { systemEnv } from '../env.ts'
import type { EventStoreError } from '../errors.ts'
import type { CompactReport } from './compact.ts'

/** Options of {@link startCompaction}. */
export interface BackgroundCompactionOptions {
  readonly dir: string
  /** Default 5 minutes: at 100 events/s that is 300 small parts. */
  readonly everyMs?: number
  /** DuckDB's buffers, default `512MB`. */
  readonly memoryLimit?: string
  /** What merges are planned to hold, default `64MB`: a small machine has room for it beside the recorder. */
  readonly workingMemory?: string
  /** Replaced files stay this long for readers that hold no lease. Default 60,000 ms. */
  readonly graceMs?: number
  readonly clock?: Clock
  readonly onDone?: (report: CompactReport) => void
  /** Trouble; the next run tries again. That another process compacts is none. */
  readonly onFault?: (error: EventStoreError) => void
}

/** Compaction beside a recorder; what a stop finds begun is undone. */
export type BackgroundCompaction = BackgroundJob<CompactReport>

/** One thread of the machine, and after each merge three times its length for the recorder alone. */
const BOUNDS = { threads: 1, idleFactor: 3 } as const
const GRACE_MS = 60_000
const EVERY_MS = 5 * 60_000

/** Compacts a directory from time to time on a thread of its own: the journal never waits for it. */
export function startCompaction(options: BackgroundCompactionOptions): BackgroundCompaction {
  const { dir, memoryLimit = '512MB', workingMemory = '64MB', graceMs = GRACE_MS } = options
  const data: CompactThreadData = { dir, memoryLimit, workingMemory, graceMs, ...BOUNDS }
  return backgroundJob<CompactReport>({
    thread: 'compact-thread',
    data,
    name: 'compaction',
    everyMs: options.everyMs ?? EVERY_MS,
    clock: options.clock ?? systemEnv().clock,
    onDone: options.onDone,
    onFault: options.onFault,
  })
}
